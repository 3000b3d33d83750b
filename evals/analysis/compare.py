"""Paired comparisons of stored runs: what differs, by how much, and what the data could have
seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Final, Literal

import msgspec
import numpy as np

from evals.analysis.attribution import Cause, cause
from evals.analysis.comparability import other_machines, remarks, require_comparable
from evals.analysis.correction import Corrected, Tested, correct, differs, kind, untested
from evals.analysis.notes import Note, distinct, note
from evals.analysis.pairing import ALL, Loaded, align, common, load
from evals.core.errors import UsageError
from evals.core.identity import hash64
from evals.core.schema import Record
from evals.core.store import StoredRun
from evals.stats.estimate import LEVEL
from evals.stats.estimators import by_seed, difference
from evals.stats.power import detectable, settling

EXAMPLES: Final = 20
"""Flipped items named per suite; all are counted."""

Finding = Literal["better", "worse", "not_significant", "undecided"]


class Axis(Record, frozen=True, omit_defaults=False):
    """Candidate against baseline on one suite, track and metric, over the items that both scored.

    ``difference`` is candidate − baseline with its 95 % interval; ``p`` is two-sided, ``p_holm``
    corrected within its family (`correction`), which holds ``tests`` comparisons; ``detectable`` is
    the smallest true difference such data finds four times in five; ``settling`` the items at which
    the observed difference would be found so; ``informed`` is false where nothing differed at all.
    ``candidate_seeds`` and ``baseline_seeds`` are the
    values of each seed.
    """

    suite: str
    track: str
    metric: str
    better: Literal["higher", "lower", "none"]
    headline: bool
    baseline: float | None
    candidate: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    detectable: float | None
    settling: int | None
    n: int
    clusters: int
    unpaired: int
    finding: Finding = "undecided"
    tests: int = 0
    informed: bool = True
    candidate_seeds: tuple[float, ...] = ()
    baseline_seeds: tuple[float, ...] = ()


class Flip(Record, frozen=True, omit_defaults=False):
    """One item that only one of the two got right, and why the other did not."""

    item: str
    suite: str
    track: str
    gained: bool
    cause: Cause


class Flips(Record, frozen=True, omit_defaults=False):
    """How many items of a suite were gained and lost by their headline, the causes, and
    examples.
    """

    suite: str
    gained: dict[Cause, int]
    lost: dict[Cause, int]
    examples: tuple[Flip, ...]


class Comparison(Record, frozen=True, omit_defaults=False):
    """One candidate against the baseline."""

    baseline: str
    candidate: str
    baseline_system: str
    candidate_system: str
    axes: tuple[Axis, ...]
    flips: tuple[Flips, ...]
    notes: tuple[Note, ...]


def compare(runs: Sequence[StoredRun], allow: Collection[str] = ()) -> list[Comparison]:
    """Compare every further run with the first one, the baseline.

    Holm corrects over all systems at once, within the families of `correction`; only the headlines
    of whole suites are for deciding, tracks and other metrics for finding out. Raises UsageError
    for fewer than two runs, DataError for runs that are unsound or not comparable
    (`comparability.require_comparable`).
    """
    if len({run.path.resolve() for run in runs}) < 2:
        raise UsageError(
            "a comparison needs at least two different runs", found=", ".join(r.name for r in runs)
        )
    baseline = load(runs[0])
    found = []
    for run in runs[1:]:
        candidate = load(run)
        notes = require_comparable([baseline, candidate], allow)
        axes, more = compare_loaded(baseline, candidate)
        found.append(_comparison(baseline, candidate, axes, [*notes, *more]))
    return corrected(found)


def compare_loaded(baseline: Loaded, candidate: Loaded) -> tuple[list[Axis], list[Note]]:
    """Every axis that both runs have, uncorrected, and notes on what was left out."""
    notes, axes = list[Note](), list[Axis]()
    machines = other_machines([baseline, candidate])
    for suite, track, metric in common([baseline, candidate]):
        if (
            machines
            and baseline.run.manifest.suites[suite].measured == "latency"
            and not _machine_free(metric)
        ):
            continue
        axes.append(axis(baseline, candidate, suite, track, metric))
    if machines and any(n.measured == "latency" for n in baseline.run.manifest.suites.values()):
        notes.append(note("latency_left_out", reason=machines))
    notes += _failures(baseline, candidate)
    judged = [remark for side in (baseline, candidate) for remark in remarks(side.run.manifest)]
    return axes, list(distinct([*notes, *judged]))


def _failures(baseline: Loaded, candidate: Loaded) -> list[Note]:
    """What each run left unanswered and the other did not, by suite."""
    notes = []
    for suite, track, metric in common([baseline, candidate]):
        if track == ALL and metric == baseline.run.manifest.suites[suite].headline:
            aligned = align([baseline, candidate], suite, track, metric)
            for side, failed in zip((baseline, candidate), aligned.failed, strict=True):
                if failed:
                    system = side.run.manifest.system
                    notes.append(
                        note("failed_on_one_side", suite=suite, system=system, count=failed)
                    )
    return notes


def _machine_free(metric: str) -> bool:
    return metric in ("tokens_in", "tokens_out", "api_cost_per_1k")


def axis(
    baseline: Loaded, candidate: Loaded, suite: str, track: str, metric: str, level: float = LEVEL
) -> Axis:
    """One paired difference. Without shared scored items, or with one cluster, the finding is
    ``undecided``.
    """
    note = baseline.note(metric)
    aligned = align([candidate, baseline], suite, track, metric)
    ours, theirs = aligned.samples
    sides = [by_seed(note.estimator, s) if aligned.n else () for s in (ours, theirs)]
    found = difference(note.estimator, ours, theirs, level)
    shown = found.low is not None and found.high is not None and (found.low > 0 or found.high < 0)
    finding: Finding = "not_significant"
    if found.value is None or found.low is None:
        finding = "undecided"
    elif shown and found.p is not None and found.p < 1 - level:
        finding = "better" if (found.value > 0) == (note.better != "lower") else "worse"
    return Axis(
        suite=suite,
        track=track,
        metric=metric,
        better=note.better,
        headline=metric == baseline.run.manifest.suites[suite].headline,
        candidate=float(np.mean(sides[0])) if sides[0] else None,
        baseline=float(np.mean(sides[1])) if sides[1] else None,
        informed=differs(ours, theirs),
        candidate_seeds=sides[0],
        baseline_seeds=sides[1],
        difference=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        p_holm=None,
        detectable=None if found.error is None else detectable(found.error, level),
        settling=(
            None
            if found.error is None or found.value is None
            else settling(found.n, found.error, found.value, level)
        ),
        n=found.n,
        clusters=found.clusters,
        unpaired=aligned.unpaired,
        finding=finding,
    )


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Fill in the p-values corrected over all of these; a difference that does not survive is no
    longer called one.
    """
    axes = [(c.candidate, a) for c in comparisons for a in c.axes]
    tests = [_tested(name, a) for name, a in axes]
    done = iter([_kept(a, p) for (_, a), p in zip(axes, correct(tests), strict=True)])
    return [
        msgspec.structs.replace(
            c, axes=tuple(next(done) for _ in c.axes), notes=(*c.notes, *_untested(c, axes, tests))
        )
        for c in comparisons
    ]


def _tested(candidate: str, a: Axis) -> Tested:
    return Tested(kind(a.track, headline=a.headline), a.p, (candidate, a.suite), a.informed)


def _untested(
    c: Comparison, axes: Sequence[tuple[str, Axis]], tests: Sequence[Tested]
) -> list[Note]:
    own = [k for k, (name, a) in enumerate(axes) if name == c.candidate and a.headline]
    names = [f"{axes[k][1].suite} {axes[k][1].track}" for k in own]
    return untested([tests[k] for k in own], names)


def _kept(a: Axis, found: Corrected) -> Axis:
    finding = (
        "not_significant" if a.finding in ("better", "worse") and not found.kept else a.finding
    )
    return msgspec.structs.replace(a, p_holm=found.p, tests=found.tests, finding=finding)


def _comparison(
    baseline: Loaded, candidate: Loaded, axes: Sequence[Axis], notes: Sequence[Note]
) -> Comparison:
    return Comparison(
        baseline=baseline.run.name,
        candidate=candidate.run.name,
        baseline_system=baseline.run.manifest.system,
        candidate_system=candidate.run.manifest.system,
        axes=tuple(axes),
        flips=tuple(_flips(baseline, candidate)),
        notes=tuple(notes),
    )


def _flips(baseline: Loaded, candidate: Loaded) -> list[Flips]:
    changed: dict[int, bool] = {}
    suites = []
    for suite, about in baseline.run.manifest.suites.items():
        metric = baseline.run.manifest.metrics[about.headline]
        if about.measured == "latency" or suite not in candidate.tables or metric.better == "none":
            continue
        aligned = align([candidate, baseline], suite, ALL, about.headline)
        ours, theirs = (sample.values for sample in aligned.samples)
        if (
            aligned.n == 0
            or not np.isin(ours, (0.0, 1.0)).all()
            or not np.isin(theirs, (0.0, 1.0)).all()
        ):
            continue
        suites.append(suite)
        sign = 1 if metric.better == "higher" else -1
        for item, step in zip(aligned.items, sign * (ours - theirs), strict=True):
            if step != 0:
                changed[int(item)] = bool(step > 0)
    flips = [*_explained(baseline, changed, True), *_explained(candidate, changed, False)]
    return [_summary(suite, [f for f in flips if f.suite == suite]) for suite in suites]


def _explained(side: Loaded, changed: dict[int, bool], gained: bool) -> list[Flip]:
    """The flips on which this side was the wrong one: the baseline's errors are gains."""
    found = []
    for line in side.run.scores():
        if changed.get(hash64(line.item)) is gained:
            headline = side.run.manifest.suites[line.suite].headline
            found.append(Flip(line.item, line.suite, line.track, gained, cause(line, headline)))
    return found


def _summary(suite: str, flips: Sequence[Flip]) -> Flips:
    gained, lost = (Counter(f.cause for f in flips if f.gained is kind) for kind in (True, False))
    half = EXAMPLES // 2
    examples = [f for f in flips if not f.gained][:half] + [f for f in flips if f.gained][:half]
    return Flips(suite, dict(gained.most_common()), dict(lost.most_common()), tuple(examples))
