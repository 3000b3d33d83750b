"""The ladder: what retrieval, fine-tuning and both together buy, step by step, on every axis, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from evals.decide.comparability import other_machines, require_comparable
from evals.decide.leaderboard import summarise
from evals.decide.pairing import ALL, Aligned, Loaded, align, common, load
from evals.errors import UsageError
from evals.schema import Record
from evals.stats.clustered import clustered_error, codes
from evals.stats.difference import Difference
from evals.stats.estimators import difference, estimator
from evals.stats.power import detectable
from evals.stats.wilson import t_critical
from evals.store import StoredRun

Family = Literal["base", "rag", "finetuned", "hybrid"]
FAMILIES: Final[tuple[Family, ...]] = ("base", "rag", "finetuned", "hybrid")
STEPS: Final[tuple[tuple[Family, Family], ...]] = (
    ("base", "rag"),
    ("rag", "hybrid"),
    ("base", "finetuned"),
    ("finetuned", "hybrid"),
)
COST: Final = ("latency_cost", "cost_per_1k")
SECONDARY: Final = ("fabrication", "voice", "leak", "stale", "e2e_p95", "cost_per_1k", "tokens_in")
MARGIN: Final = 0.03

Word = Literal["complementary", "additive", "redundant", "harmful", "undecided"]


class Level(Record, frozen=True, omit_defaults=False):
    """One family's own value on an axis."""

    family: Family
    value: float | None
    low: float | None
    high: float | None


class Step(Record, frozen=True, omit_defaults=False):
    """What one step changes. ``gain`` is positive where it gets better, whatever the metric's direction.

    ``cost`` is the step's added dollars per 1,000 queries; ``cost_per_point`` that divided by the points (0.01) gained,
    given only where the gain is shown.
    """

    start: Family
    end: Family
    gain: float | None
    low: float | None
    high: float | None
    shown: bool
    detectable: float | None
    cost: float | None
    cost_per_point: float | None


class Interaction(Record, frozen=True, omit_defaults=False):
    """I = (hybrid − finetuned) − (rag − base), positive where the two help each other, and the word for the whole."""

    value: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: Word
    why: str


class LadderAxis(Record, frozen=True, omit_defaults=False):
    """One suite, track and metric on the items that all four families scored."""

    suite: str
    track: str
    metric: str
    better: Literal["higher", "lower", "none"]
    headline: bool
    n: int
    clusters: int
    unpaired: int
    levels: tuple[Level, ...]
    steps: tuple[Step, ...]
    interaction: Interaction


class Ladder(Record, frozen=True, omit_defaults=False):
    """All axes of the 2×2 (retrieval no/yes) × (fine-tuned no/yes)."""

    runs: dict[str, str]
    axes: tuple[LadderAxis, ...]
    notes: tuple[str, ...]


def climb(runs: Mapping[str, StoredRun], margin: float = MARGIN) -> Ladder:
    """Compare the four families on shared items.

    ``runs`` names one run per family. Axes: every suite's headline by track, and `SECONDARY` metrics on whole suites.
    Steps are paired differences at 95 %, uncorrected: they describe, the gate decides. ``margin`` (in units of metrics
    that live in [0, 1]) is what counts as no difference for the words *additive* and *redundant*; elsewhere it is that
    share of the base's value. Raises UsageError for a missing family, DataError for runs that do not compare.
    """
    if missing := [f for f in FAMILIES if f not in runs]:
        raise UsageError(
            "the ladder needs all four families", found=f"no {', '.join(missing)}", expected=", ".join(FAMILIES)
        )
    sides = [load(runs[family]) for family in FAMILIES]
    notes = require_comparable(sides, allow=("decode",))
    machines = other_machines(sides)
    refused = {suite for side in sides for suite in side.refused}
    axes = []
    costs = {} if machines or COST[0] in refused else _costs(sides)
    for suite, track, metric in common(sides):
        note = sides[0].run.manifest.suites[suite]
        if suite in refused or (machines and note.measured == "latency") or sides[0].note(metric).better == "none":
            continue
        if metric == note.headline or (metric in SECONDARY and track == ALL):
            axes.append(_axis(sides, suite, track, metric, margin, costs))
    if machines:
        notes.append(f"latency suites left out: {machines}")
    return Ladder({f: s.run.name for f, s in zip(FAMILIES, sides, strict=True)}, tuple(axes), tuple(notes))


def _costs(sides: Sequence[Loaded]) -> dict[Family, float]:
    """Dollars per 1,000 queries of each family, where all four have a measured cost."""
    suite, metric = COST
    if any(metric not in side.run.manifest.metrics or suite not in side.tables for side in sides):
        return {}
    aligned = align(sides, suite, ALL, metric)
    if aligned.n == 0:
        return {}
    return {f: float(s.values.mean()) for f, s in zip(FAMILIES, aligned.samples, strict=True)}


def _axis(
    sides: Sequence[Loaded], suite: str, track: str, metric: str, margin: float, costs: Mapping[Family, float]
) -> LadderAxis:
    note = sides[0].note(metric)
    aligned = align(sides, suite, track, metric)
    sign = -1.0 if note.better == "lower" else 1.0
    steps = {(a, b): _paired(note.estimator, aligned, a, b) for a, b in STEPS}
    base = sides[0].slice(suite, track, metric)
    scale = 1.0 if note.bounds[1] - note.bounds[0] <= 2 else abs(summarise(base, note).value or 0.0)
    return LadderAxis(
        suite=suite,
        track=track,
        metric=metric,
        better=note.better,
        headline=metric == sides[0].run.manifest.suites[suite].headline,
        n=aligned.n,
        clusters=len(np.unique(aligned.samples[0].clusters)),
        unpaired=aligned.unpaired,
        levels=tuple(_level(f, side, suite, track, metric) for f, side in zip(FAMILIES, sides, strict=True)),
        steps=tuple(_step(a, b, found, sign, scale, costs) for (a, b), found in steps.items()),
        interaction=_interaction(note.estimator, aligned, steps, sign, margin * scale),
    )


def _level(family: Family, side: Loaded, suite: str, track: str, metric: str) -> Level:
    found = summarise(side.slice(suite, track, metric), side.note(metric))
    return Level(family, found.value, found.low, found.high)


def _paired(name: str, aligned: Aligned, start: Family, end: Family) -> Difference:
    first, second = (aligned.samples[FAMILIES.index(family)] for family in (start, end))
    return difference(name, second, first)


def _step(start: Family, end: Family, d: Difference, sign: float, scale: float, costs: Mapping[Family, float]) -> Step:
    gain, (low, high) = (None if d.value is None else sign * d.value), oriented(d, sign)
    shown = low is not None and high is not None and (low > 0 or high < 0)
    cost = costs[end] - costs[start] if costs else None
    points = None if gain is None or scale == 0 else 100 * gain / scale
    per_point = cost / points if cost is not None and points is not None and shown and points > 0 else None
    seen = None if d.error is None else detectable(d.error)
    return Step(start, end, gain, low, high, shown, seen, cost, per_point)


def oriented(d: Difference, sign: float) -> tuple[float | None, float | None]:
    """The interval of a difference as a gain: positive is better."""
    if d.low is None or d.high is None:
        return None, None
    return (d.low, d.high) if sign > 0 else (-d.high, -d.low)


def _interaction(
    name: str, aligned: Aligned, steps: Mapping[tuple[Family, Family], Difference], sign: float, margin: float
) -> Interaction:
    value, low, high = _contrast(name, aligned, sign)
    over_rag, over_tuned = steps["rag", "hybrid"], steps["finetuned", "hybrid"]
    verdict, why = _word(oriented(over_rag, sign), oriented(over_tuned, sign), (low, high), margin)
    return Interaction(value, low, high, margin, verdict, why)


def _contrast(name: str, aligned: Aligned, sign: float) -> tuple[float | None, float | None, float | None]:
    """The interaction and its interval, from the same contrast of the four influence functions."""
    if aligned.n == 0:
        return None, None, None
    found = [estimator(name).influence(sample) for sample in aligned.samples]
    base, rag, tuned, both = found
    if base is None or rag is None or tuned is None or both is None:
        return None, None, None
    value = sign * ((both.value - tuned.value) - (rag.value - base.value))
    each = (both.each - tuned.each) - (rag.each - base.each)
    code, count = codes(aligned.samples[0].clusters)
    error = clustered_error(each, code, count) if count > 1 else 0.0
    if error == 0:
        return value, None, None
    half = t_critical(count - 1) * error
    return value, value - half, value + half


Bounds = tuple[float | None, float | None]


def _word(over_rag: Bounds, over_tuned: Bounds, interaction: Bounds, margin: float) -> tuple[Word, str]:
    """The first word that the intervals allow.

    harmful: the hybrid is shown worse than retrieval alone or than fine-tuning alone. complementary: shown better than
    both (both tests at 5 %, an intersection–union test). redundant: its gain over one of them is shown to be below the
    margin. additive: the interaction lies within the margin. undecided: none of these is shown.
    """
    (rag_low, rag_high), (tuned_low, tuned_high), (low, high) = over_rag, over_tuned, interaction
    if rag_low is None or rag_high is None or tuned_low is None or tuned_high is None:
        return "undecided", "no interval could be computed"
    for word, bound in (("retrieval", rag_high), ("fine-tuning", tuned_high)):
        if bound < 0:
            return "harmful", f"both together are worse than {word} alone"
    if rag_low > 0 and tuned_low > 0:
        return "complementary", "both together are better than either alone"
    for word, bound in (("retrieval", rag_high), ("fine-tuning", tuned_high)):
        if bound < margin:
            return "redundant", f"both together gain less than {margin:.3g} over {word} alone"
    if low is not None and high is not None and -margin < low and high < margin:
        return "additive", "the two gains add up"
    return "undecided", "the data allow more than one answer"
