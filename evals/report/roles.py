"""Which part a system plays: one of the four families, a control, or a contender of its own kind."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from evals.core.store import Manifest
from evals.report.source import Source

Family = Literal["base", "rag", "finetuned", "hybrid"]
FAMILIES: Final[tuple[Family, ...]] = ("base", "rag", "finetuned", "hybrid")

_CELL: Final[dict[tuple[bool, bool], Family]] = {
    (False, False): "base",
    (True, False): "rag",
    (False, True): "finetuned",
    (True, True): "hybrid",
}
_CONTROL_KINDS: Final = frozenset({"AlwaysAbstain", "CopyTopPassage", "Oracle"})


def is_control(manifest: Manifest) -> bool:
    """Whether the system is there to lose or win as predicted: by its kind, or because its description says so."""
    system = manifest.identity.get("system")
    kind = system.get("kind") if isinstance(system, dict) else None
    return kind in _CONTROL_KINDS or re.search(r"\bcontrol\b", manifest.about) is not None


def cell(manifest: Manifest) -> Family | None:
    """The system's place in (retrieval no/yes) × (fine-tuned no/yes); None for systems that do not say."""
    system = manifest.identity.get("system")
    if not isinstance(system, dict) or not {"adapter", "retriever"} <= system.keys():
        return None
    return _CELL[system["retriever"] is not None, system["adapter"] is not None]


def in_order(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Families in the order of `FAMILIES`, then other contenders, then controls; each kind by label."""

    def place(source: Source) -> tuple[bool, int, str]:
        family = cell(source.run.manifest)
        known = FAMILIES.index(family) if family is not None and source.label.startswith(family) else len(FAMILIES)
        return is_control(source.run.manifest), known, source.label

    return tuple(sorted(sources, key=place))


def families(sources: Iterable[Source]) -> dict[Family, str]:
    """The label that stands for each family: the one of that name, else the only contender in its place."""
    found: dict[Family, str] = {}
    contenders = [source for source in sources if not is_control(source.run.manifest)]
    for family in FAMILIES:
        here = [source.label for source in contenders if cell(source.run.manifest) == family]
        labels = list(dict.fromkeys(here))
        if family in labels:
            found[family] = family
        elif len(labels) == 1:
            found[family] = labels[0]
    return found


def controls(sources: Iterable[Source]) -> set[str]:
    """Labels of the controls."""
    return {source.label for source in sources if is_control(source.run.manifest)}
