"""The ladder: what retrieval, fine-tuning and both together buy, step by step, on every axis, and
what it costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from evals.analysis.comparability import other_machines, require_comparable
from evals.analysis.correction import Corrected, Tested, correct, differs, kind, untested
from evals.analysis.leaderboard import summarise
from evals.analysis.notes import Note, note
from evals.analysis.pairing import ALL, Aligned, Loaded, align, common, load
from evals.analysis.units import unit
from evals.core.errors import UsageError
from evals.core.interfaces import Mode
from evals.core.metric import Unit
from evals.core.roles import FAMILIES, STEPS, Family, Step
from evals.core.schema import Record
from evals.core.store import MetricNote, StoredRun
from evals.stats.difference import Difference
from evals.stats.estimators import Sample, contrast, difference
from evals.stats.power import detectable
from evals.stats.wilson import t_critical

COST: Final = ("latency_cost", "cost_per_1k")
SECONDARY: Final = ("fabrication", "voice", "leak", "stale", "e2e_p95", "cost_per_1k", "tokens_in")
MARGIN: Final = 0.03

Contrast = tuple[float | None, float | None, float | None]
"""Value, low and high end."""
Word = Literal["complementary", "additive", "redundant", "harmful", "undecided"]
Factor = Literal["retrieval", "adapter"]


class Level(Record, frozen=True, omit_defaults=False):
    """One family's own value on an axis."""

    family: Family
    value: float | None
    low: float | None
    high: float | None


class LadderStep(Record, frozen=True, omit_defaults=False):
    """What one step changes. ``gain`` is positive where it gets better, whatever the metric's
    direction.

    ``p`` is two-sided, ``p_holm`` corrected over the ``tests`` steps of its family (`correction`);
    ``shown`` means that it lies below .05 and the interval excludes zero. ``cost`` is the step's
    added dollars per 1,000 queries; ``cost_per_point`` that divided by the points (0.01) gained,
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
    p: float | None
    p_holm: float | None
    tests: int


class Interaction(Record, frozen=True, omit_defaults=False):
    """I = (hybrid − finetuned) − (rag − base), positive where the two help each other, and the word
    for the whole.

    ``over`` names the factor alone that both together are worse than (harmful) or gain too little
    over (redundant).
    """

    value: float | None
    low: float | None
    high: float | None
    margin: float
    verdict: Word
    over: Factor | None


class LadderAxis(Record, frozen=True, omit_defaults=False):
    """One suite, track and metric on the items that all four families scored."""

    suite: str
    track: str
    metric: str
    better: Literal["higher", "lower", "none"]
    unit: Unit
    measured: Mode
    headline: bool
    n: int
    clusters: int
    unpaired: int
    levels: tuple[Level, ...]
    steps: tuple[LadderStep, ...]
    interaction: Interaction


class Ladder(Record, frozen=True, omit_defaults=False):
    """All axes of the 2×2 (retrieval no/yes) × (fine-tuned no/yes)."""

    runs: dict[str, str]
    axes: tuple[LadderAxis, ...]
    notes: tuple[Note, ...]


def climb(runs: Mapping[str, StoredRun], margin: float = MARGIN) -> Ladder:
    """Compare the four families on shared items.

    ``runs`` names one run per family. Axes: every suite's headline by track, and `SECONDARY`
    metrics on whole suites. Steps are paired differences with 95 % intervals, shown where they
    survive Holm's correction over all steps of their family; the gate decides. ``margin`` (in units
    of metrics that live in [0, 1]) is what counts as no difference for the words *additive* and
    *redundant*; elsewhere it is that share of the base's value. Raises UsageError for a missing
    family or one run named twice, DataError for runs that do not compare.
    """
    if missing := [f for f in FAMILIES if f not in runs]:
        raise UsageError(
            "the ladder needs all four families",
            found=f"no {', '.join(missing)}",
            expected=", ".join(FAMILIES),
        )
    if len({runs[family].path.resolve() for family in FAMILIES}) < len(FAMILIES):
        found = ", ".join(f"{family} {runs[family].name}" for family in FAMILIES)
        raise UsageError("the ladder needs four different runs", found=found)
    sides = [load(runs[family]) for family in FAMILIES]
    notes = require_comparable(sides, allow=("decode",))
    machines = other_machines(sides)
    refused = {suite for side in sides for suite in side.refused}
    drafts = []
    costs = {} if machines or COST[0] in refused else _costs(sides)
    for suite, track, metric in common(sides):
        about = sides[0].run.manifest.suites[suite]
        if (
            suite in refused
            or (machines and about.measured == "latency")
            or sides[0].note(metric).better == "none"
        ):
            continue
        if metric == about.headline or (metric in SECONDARY and track == ALL):
            drafts.append(_draft(sides, suite, track, metric))
    if machines:
        notes.append(note("latency_left_out", reason=machines))
    tests = [_tested(d, step) for d in drafts for step in STEPS]
    names = [f"{a} to {b} in {d.suite} {d.track}" for d in drafts for a, b in STEPS]
    headlines = [k for k, t in enumerate(tests) if t.kind != "others"]
    notes += untested([tests[k] for k in headlines], [names[k] for k in headlines])
    return Ladder(
        {f: s.run.name for f, s in zip(FAMILIES, sides, strict=True)},
        _corrected(drafts, tests, margin, costs),
        tuple(notes),
    )


def _costs(sides: Sequence[Loaded]) -> dict[Family, float]:
    """Dollars per 1,000 queries of each family, where all four have a measured cost."""
    suite, metric = COST
    if any(metric not in side.run.manifest.metrics or suite not in side.tables for side in sides):
        return {}
    aligned = align(sides, suite, ALL, metric)
    if aligned.n == 0:
        return {}
    return {f: float(s.values.mean()) for f, s in zip(FAMILIES, aligned.samples, strict=True)}


@dataclass(frozen=True)
class _Draft:
    """An axis before its steps are corrected together with those of the other axes."""

    suite: str
    track: str
    metric: str
    measured: Mode
    headline: bool
    note: MetricNote
    n: int
    clusters: int
    unpaired: int
    scale: float
    levels: tuple[Level, ...]
    sign: float
    differences: dict[Step, Difference]
    informed: dict[Step, bool]
    contrast: Contrast


def _draft(sides: Sequence[Loaded], suite: str, track: str, metric: str) -> _Draft:
    note = sides[0].note(metric)
    aligned = align(sides, suite, track, metric)
    base = summarise(sides[0].slices(suite, track, metric), note).value
    sign = -1.0 if note.better == "lower" else 1.0
    return _Draft(
        suite=suite,
        track=track,
        metric=metric,
        measured=sides[0].run.manifest.suites[suite].measured,
        headline=metric == sides[0].run.manifest.suites[suite].headline,
        note=note,
        n=aligned.n,
        clusters=len(np.unique(aligned.samples[0].clusters)),
        unpaired=aligned.unpaired,
        scale=1.0 if note.bounds[1] - note.bounds[0] <= 2 else abs(base or 0.0),
        levels=tuple(
            _level(f, side, suite, track, metric) for f, side in zip(FAMILIES, sides, strict=True)
        ),
        sign=sign,
        differences={(a, b): _paired(note.estimator, aligned, a, b) for a, b in STEPS},
        informed={(a, b): differs(*_pair(aligned, a, b)) for a, b in STEPS},
        contrast=_contrast(note.estimator, aligned, sign),
    )


def _tested(draft: _Draft, step: Step) -> Tested:
    family = kind(draft.track, headline=draft.headline)
    return Tested(family, draft.differences[step].p, (draft.suite, step), draft.informed[step])


def _corrected(
    drafts: Sequence[_Draft],
    tests: Sequence[Tested],
    margin: float,
    costs: Mapping[Family, float],
) -> tuple[LadderAxis, ...]:
    found = iter(correct(tests))
    return tuple(_axis(draft, [next(found) for _ in STEPS], margin, costs) for draft in drafts)


def _axis(
    draft: _Draft, corrected: Sequence[Corrected], margin: float, costs: Mapping[Family, float]
) -> LadderAxis:
    steps = {
        pair: _step(pair, draft.differences[pair], own, draft.sign, draft.scale, costs)
        for pair, own in zip(STEPS, corrected, strict=True)
    }
    return LadderAxis(
        suite=draft.suite,
        track=draft.track,
        metric=draft.metric,
        better=draft.note.better,
        unit=unit(draft.note),
        measured=draft.measured,
        headline=draft.headline,
        n=draft.n,
        clusters=draft.clusters,
        unpaired=draft.unpaired,
        levels=draft.levels,
        steps=tuple(steps.values()),
        interaction=_interaction(draft, steps, margin * draft.scale),
    )


def _level(family: Family, side: Loaded, suite: str, track: str, metric: str) -> Level:
    found = summarise(side.slices(suite, track, metric), side.note(metric))
    return Level(family, found.value, found.low, found.high)


def _paired(name: str, aligned: Aligned, start: Family, end: Family) -> Difference:
    return difference(name, *_pair(aligned, start, end))


def _pair(aligned: Aligned, start: Family, end: Family) -> tuple[Sample, Sample]:
    """The samples of a step's end and start."""
    return aligned.samples[FAMILIES.index(end)], aligned.samples[FAMILIES.index(start)]


def _step(
    pair: Step,
    d: Difference,
    corrected: Corrected,
    sign: float,
    scale: float,
    costs: Mapping[Family, float],
) -> LadderStep:
    start, end = pair
    gain, (low, high) = (None if d.value is None else sign * d.value), oriented(d, sign)
    shown = corrected.kept and low is not None and high is not None and (low > 0 or high < 0)
    cost = costs[end] - costs[start] if costs else None
    points = None if gain is None or scale == 0 else 100 * gain / scale
    return LadderStep(
        start=start,
        end=end,
        gain=gain,
        low=low,
        high=high,
        shown=shown,
        detectable=None if d.error is None else detectable(d.error),
        cost=cost,
        cost_per_point=cost / points
        if cost is not None and points is not None and shown and points > 0
        else None,
        p=d.p,
        p_holm=corrected.p,
        tests=corrected.tests,
    )


def oriented(d: Difference, sign: float) -> tuple[float | None, float | None]:
    """The interval of a difference as a gain: positive is better."""
    if d.low is None or d.high is None:
        return None, None
    return (d.low, d.high) if sign > 0 else (-d.high, -d.low)


def _interaction(draft: _Draft, steps: Mapping[Step, LadderStep], margin: float) -> Interaction:
    value, low, high = draft.contrast
    verdict, over = _word(steps["rag", "hybrid"], steps["finetuned", "hybrid"], (low, high), margin)
    return Interaction(value, low, high, margin, verdict, over)


def _contrast(name: str, aligned: Aligned, sign: float) -> Contrast:
    """The interaction and its interval, from the same contrast of the four influence functions."""
    weights = (sign, -sign, -sign, sign)
    found = contrast(name, aligned.samples, weights) if aligned.n else None
    if found is None:
        return None, None, None
    if found.error == 0:
        return found.value, None, None
    half = t_critical(found.freedom) * found.error
    return found.value, found.value - half, found.value + half


def _word(
    over_rag: LadderStep,
    over_tuned: LadderStep,
    interaction: tuple[float | None, float | None],
    margin: float,
) -> tuple[Word, Factor | None]:
    """The first word that the data allow.

    harmful: the hybrid is shown worse than retrieval alone or than fine-tuning alone.
    complementary: shown better than both. redundant: its gain over one of them is below the margin
    with all of its interval. additive: the interaction lies within the margin. undecided: none of
    these.
    """
    both: tuple[tuple[Factor, LadderStep], ...] = (("retrieval", over_rag), ("adapter", over_tuned))
    if any(step.gain is None or step.low is None or step.high is None for _, step in both):
        return "undecided", None
    for factor, step in both:
        if step.shown and (step.gain or 0.0) < 0:
            return "harmful", factor
    if over_rag.shown and over_tuned.shown:
        return "complementary", None
    for factor, step in both:
        if step.high is not None and step.high < margin:
            return "redundant", factor
    low, high = interaction
    if low is not None and high is not None and -margin < low and high < margin:
        return "additive", None
    return "undecided", None
