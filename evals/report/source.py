"""One run as a report sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evals.core.roles import FAMILIES, Family, family_of, role_of
from evals.core.schema import Role
from evals.core.store import StoredRun

_ORDER: tuple[Role, ...] = ("contender", "control", "reference")


@dataclass(frozen=True)
class Source:
    """One run, the suites it speaks for, and the label under which it is shown: its system, or its
    own name.
    """

    label: str
    run: StoredRun
    suites: tuple[str, ...]


def in_order(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Contenders in the order of `FAMILIES`, other contenders, controls, references; each kind by
    label.
    """

    def place(source: Source) -> tuple[int, int, str]:
        family = family_of(source.run.manifest)
        known = len(FAMILIES) if family is None else FAMILIES.index(family)
        return _ORDER.index(role_of(source.run.manifest)), known, source.label

    return tuple(sorted(sources, key=place))


def families(sources: Iterable[Source]) -> dict[Family, str]:
    """The label that stands for each family: its only contender; of several, the one with the
    family's own name.
    """
    found: dict[Family, str] = {}
    known = list(sources)
    for family in FAMILIES:
        labels = list(dict.fromkeys(s.label for s in known if family_of(s.run.manifest) == family))
        if family in labels:
            found[family] = family
        elif len(labels) == 1:
            found[family] = labels[0]
    return found


def roles(sources: Iterable[Source]) -> dict[str, Role]:
    """The role of each label."""
    return {source.label: role_of(source.run.manifest) for source in sources}
