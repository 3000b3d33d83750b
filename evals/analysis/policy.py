"""The rules of promotion, read from a TOML file whose hash stands in every verdict."""

from __future__ import annotations

import difflib
import importlib.resources
import tomllib
from math import inf
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.analysis.pairing import ALL
from evals.core.errors import UsageError
from evals.core.identity import digest
from evals.core.interfaces import MIN_CLUSTERS
from evals.core.registry import METRICS, SUITES, unknown
from evals.core.schema import Record

READY: Final = ("strict", "default", "screen")


class GatedAxis(Record, frozen=True, omit_defaults=False):
    """One axis the candidate is tested on.

    ``margin`` is the largest loss that is accepted, in the metric's units; with ``relative`` as a
    share of the baseline's value (for seconds and dollars), but no less than ``least`` in the
    metric's units: what nobody notices costs no promotion. Without one the two runs are not
    compared, and ``floor`` or ``ceiling``, which bound the candidate's own value, are all that is
    tested: so for harms that are too rare to be compared. ``superiority`` lets a gain here earn the
    promotion. An ``optional`` axis is skipped where neither run has it.
    """

    suite: str
    metric: str
    margin: float | None = None
    track: str = ALL
    relative: bool = False
    least: float = 0.0
    floor: float | None = None
    ceiling: float | None = None
    superiority: bool = False
    optional: bool = False

    @property
    def name(self) -> str:
        track = "" if self.track == ALL else f" / {self.track}"
        return f"{self.suite}{track}: {self.metric}"


class ControlRule(Record, frozen=True, omit_defaults=False):
    """What a control must score if the suite works: its value over a whole suite lies within the
    bounds.
    """

    system: str
    suite: str
    metric: str
    at_most: float | None = None
    at_least: float | None = None


class Policy(Record, frozen=True, omit_defaults=False):
    """A whole policy. ``hash`` identifies its content whatever the layout of the file.

    ``alpha`` is the two-sided level of every interval: non-inferiority errs at alpha/2 an axis,
    superiority at alpha over all axes together (Holm). ``max_unpaired`` is the share of items that
    only one run could score, ``max_failed`` the share of items the candidate failed to answer;
    beyond either nothing is promoted. With ``require_rescoring`` the scores must have been computed
    once more from the answers. A policy with ``can_promote`` false can only reject or stay
    undecided.
    """

    name: str
    about: str
    axis: tuple[GatedAxis, ...]
    alpha: float = 0.05
    can_promote: bool = True
    min_clusters: int = MIN_CLUSTERS
    max_unpaired: float = 0.05
    max_failed: float = 0.01
    control: tuple[ControlRule, ...] = ()
    require_controls: bool = False
    require_leak_check: bool = False
    require_rescoring: bool = False

    @property
    def hash(self) -> str:
        return digest(self)


def read_policy(reference: str) -> Policy:
    """The ready policy of that name, or the one in a TOML file. Raises UsageError where it is not
    valid.
    """
    path = Path(reference)
    if reference in READY:
        text = (
            importlib.resources.files("evals.analysis.policies")
            .joinpath(f"{reference}.toml")
            .read_text("utf-8")
        )
        return _parsed(text, f"policy {reference}")
    if path.suffix != ".toml":
        near = difflib.get_close_matches(reference, READY, n=1)
        raise UsageError(
            "no such policy",
            found=reference,
            expected=f"{', '.join(READY)}, or a TOML file",
            hint=f"did you mean {near[0]}?" if near else "name a file that ends in .toml",
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the policy cannot be read: {error}", where=path) from error
    policy = _parsed(text, str(path))
    if policy.name in READY and policy.hash != read_policy(policy.name).hash:
        raise UsageError(
            "another policy has this name",
            where=path,
            found=policy.name,
            expected=f"a name other than {', '.join(READY)}",
        )
    return policy


def _parsed(text: str, where: str) -> Policy:
    try:
        table: dict[str, Any] = tomllib.loads(text)
        policy = msgspec.convert(table, Policy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        keys = ", ".join(Policy.__struct_fields__)
        raise UsageError(
            f"not a valid policy: {error}", where=where, expected=f"the keys {keys}"
        ) from error
    if not policy.axis:
        raise UsageError(
            "a policy gates at least one axis",
            where=where,
            expected="[[axis]] suite, metric, margin",
        )
    if not 0 < policy.alpha < 0.5:
        raise UsageError("alpha lies between 0 and 0.5", where=where, found=policy.alpha)
    for name in ("max_unpaired", "max_failed"):
        if not 0 <= (share := getattr(policy, name)) <= 1:
            raise UsageError(
                f"{name} is a share of the items", where=where, found=share, expected="0 to 1"
            )
    for axis in policy.axis:
        _check_axis(axis, where)
    if len({(a.suite, a.track, a.metric) for a in policy.axis}) != len(policy.axis):
        raise UsageError("an axis is gated twice", where=where)
    return policy


def _check_axis(axis: GatedAxis, where: str) -> None:
    """Raise UsageError for an axis that names nothing known, or tests nothing."""
    for noun, given, known in (
        ("suite", axis.suite, SUITES.names()),
        ("metric", axis.metric, METRICS.names()),
    ):
        if given not in known:
            raise unknown(noun, given, known).at(where)
    if axis.margin is None:
        if axis.floor is None and axis.ceiling is None:
            raise UsageError(
                f"{axis.name} tests nothing",
                where=where,
                expected="a margin, a floor or a ceiling",
            )
        if axis.superiority or axis.relative:
            raise UsageError(
                f"{axis.name} compares nothing",
                where=where,
                expected="a margin beside superiority and relative",
            )
    elif axis.least and not axis.relative:
        raise UsageError(
            f"the margin of {axis.name} is no share",
            where=where,
            found=f"least = {axis.least}",
            expected="least beside relative = true",
        )
    elif not (0 <= axis.margin < inf and 0 <= axis.least < inf):
        raise UsageError(
            f"the margin of {axis.name} is no loss",
            where=where,
            found=axis.margin,
            expected="0 or more",
        )
