"""One gated axis: its floor, its non-inferiority, and its part in superiority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from evals.analysis.leaderboard import summarise
from evals.analysis.notes import Note, note
from evals.analysis.pairing import Aligned, Loaded, align
from evals.analysis.policy import GatedAxis, Policy
from evals.core.schema import Record
from evals.core.store import MetricNote
from evals.judge.calibration import Calibration
from evals.judge.standing import calibrated, judge_of, why_not_gated
from evals.stats.estimators import Sample, difference, estimator
from evals.stats.power import detectable, settling

State = Literal["pass", "fail", "undecided", "skipped"]
Limit = Literal["floor", "ceiling"]
Interval = tuple[float | None, float | None, float | None]
"""Value, low and high end."""


class AxisTest(Record, frozen=True, omit_defaults=False):
    """What was tested on one axis and what came out.

    ``gain`` is the candidate's advantage over the baseline (positive is better, whatever the
    metric's direction) with its interval; ``slack`` the same against the baseline less its margin:
    non-inferior where its lower end is above 0. ``own`` is the candidate's own value with its
    interval, tested against ``limit``, where there is a floor or ceiling. ``untested`` says why no
    test was made.
    """

    axis: GatedAxis
    bound: State
    non_inferiority: State
    untested: Note | None = None
    limit: Limit | None = None
    own: Interval = (None, None, None)
    baseline: float | None = None
    candidate: float | None = None
    gain: float | None = None
    gain_low: float | None = None
    gain_high: float | None = None
    slack_low: float | None = None
    slack_high: float | None = None
    p_better: float | None = None
    p_better_holm: float | None = None
    superior: bool = False
    detectable: float | None = None
    settling: int | None = None
    n: int = 0
    clusters: int = 0
    unpaired: int = 0


def gated(
    candidate: Loaded,
    baseline: Loaded,
    axis: GatedAxis,
    policy: Policy,
    refusal: Note | None,
    calibrations: Sequence[Calibration] = (),
) -> AxisTest:
    """Test one axis. What cannot be tested is ``undecided`` with the reason; ``skipped`` only where
    it is optional and neither run has scored a single item of it.

    A judge's word is tested only where the judge is calibrated, by its note or by ``calibrations``
    made later.
    """
    if refusal is not None:
        return _untested(axis, refusal)
    sides = (candidate, baseline)
    has = [
        axis.metric in s.run.manifest.metrics and bool(s.tracks(axis.suite, axis.track))
        for s in sides
    ]
    if not all(has):
        return _untested(axis, note("not_in_both_runs"), absent=not any(has))
    about = baseline.note(axis.metric)
    if about.better == "none":
        return _untested(axis, note("no_direction", metric=axis.metric))
    if reason := _judged(sides, axis.metric, calibrations):
        return _untested(axis, reason)
    aligned = align([candidate, baseline], axis.suite, axis.track, axis.metric)
    clusters = len(np.unique(aligned.samples[0].clusters))
    if reason := _thin(aligned, clusters, policy):
        absent = aligned.n == aligned.unpaired == 0
        return _untested(axis, reason, aligned.n, clusters, aligned.unpaired, absent=absent)
    return _tested(candidate, axis, policy, about, aligned)


def _judged(
    sides: tuple[Loaded, Loaded], metric: str, calibrations: Sequence[Calibration]
) -> Note | None:
    """Why a judge's word may not decide, if a judge made the values and so it is."""
    judges = [judge for side in sides if (judge := judge_of(side.note(metric))) is not None]
    if len({judge.model for judge in judges}) > 1 or len(judges) == 1:
        return note("not_one_judge", metric=metric)
    identities = [s.run.manifest.identity for s in sides]
    reasons = (
        why_not_gated(calibrated(judge, metric, calibrations), identities) for judge in judges
    )
    return next((note("judge_cannot_gate", text=reason) for reason in reasons if reason), None)


def _thin(aligned: Aligned, clusters: int, policy: Policy) -> Note | None:
    if aligned.n == 0:
        return note("no_shared_items")
    if clusters < policy.min_clusters:
        return note("few_clusters", clusters=clusters, wanted=policy.min_clusters)
    if aligned.unpaired_share > policy.max_unpaired:
        return note("many_unpaired", unpaired=aligned.unpaired, allowed=policy.max_unpaired)
    return None


def _tested(
    candidate: Loaded, axis: GatedAxis, policy: Policy, about: MetricNote, aligned: Aligned
) -> AxisTest:
    ours, theirs = aligned.samples
    level, sign = 1 - policy.alpha, -1.0 if about.better == "lower" else 1.0
    plain = difference(about.estimator, ours, theirs, level)
    worst = theirs if not axis.relative else _scaled(theirs, 1 - sign * axis.margin)
    slack = plain if not axis.relative else difference(about.estimator, ours, worst, level)
    shift = 0.0 if axis.relative else axis.margin
    slack_low, slack_high = _oriented(slack.low, slack.high, sign, shift)
    gain_low, gain_high = _oriented(plain.low, plain.high, sign, 0.0)
    values = [estimator(about.estimator).influence(sample) for sample in aligned.samples]
    state: State = "undecided"
    if slack_low is not None and slack_high is not None:
        state = "pass" if slack_low > 0 else "fail" if slack_high < 0 else "undecided"
    bound, limit, own = _bound(candidate, axis, about)
    gain = None if plain.value is None else sign * plain.value
    distance = None if slack.value is None else sign * slack.value + shift
    needed = (
        None
        if slack.error is None or distance is None or distance <= 0
        else settling(slack.n, slack.error, distance, level)
    )
    p_better = None
    if axis.superiority and plain.p is not None and gain is not None:
        p_better = plain.p if gain > 0 else 1.0
    return AxisTest(
        axis=axis,
        bound=bound,
        non_inferiority=state,
        limit=limit,
        own=own,
        baseline=None if values[1] is None else values[1].value,
        candidate=None if values[0] is None else values[0].value,
        gain=gain,
        gain_low=gain_low,
        gain_high=gain_high,
        slack_low=slack_low,
        slack_high=slack_high,
        p_better=p_better,
        detectable=None if plain.error is None else detectable(plain.error, level),
        settling=needed,
        n=plain.n,
        clusters=plain.clusters,
        unpaired=aligned.unpaired,
    )


def _bound(
    candidate: Loaded, axis: GatedAxis, about: MetricNote
) -> tuple[State, Limit | None, Interval]:
    """Floor and ceiling, tested on the candidate's own 95 % interval over everything it scored."""
    if axis.floor is None and axis.ceiling is None:
        return "skipped", None, (None, None, None)
    found = summarise(candidate.slice(axis.suite, axis.track, axis.metric), about)
    own = (found.value, found.low, found.high)
    if found.low is None or found.high is None:
        return "undecided", None, own
    if axis.floor is not None and found.low < axis.floor:
        return "fail" if found.high < axis.floor else "undecided", "floor", own
    if axis.ceiling is not None and found.high > axis.ceiling:
        return "fail" if found.low > axis.ceiling else "undecided", "ceiling", own
    return "pass", None, own


def _scaled(sample: Sample, factor: float) -> Sample:
    return Sample(sample.values * factor, sample.clusters, sample.details, sample.bounds)


def _oriented(
    low: float | None, high: float | None, sign: float, shift: float
) -> tuple[float | None, float | None]:
    if low is None or high is None:
        return None, None
    first, second = sign * low + shift, sign * high + shift
    return min(first, second), max(first, second)


def _untested(
    axis: GatedAxis,
    reason: Note,
    n: int = 0,
    clusters: int = 0,
    unpaired: int = 0,
    *,
    absent: bool = False,
) -> AxisTest:
    state: State = "skipped" if axis.optional and absent else "undecided"
    return AxisTest(axis, "skipped", state, reason, n=n, clusters=clusters, unpaired=unpaired)
