"""One gated axis: its floor, its non-inferiority, and its part in superiority."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from evals.analysis.figures import interval, number
from evals.analysis.leaderboard import summarise
from evals.analysis.pairing import Aligned, Loaded, align
from evals.analysis.policy import GatedAxis, Policy
from evals.core.schema import Record
from evals.core.store import MetricNote
from evals.judge.calibration import Calibration
from evals.judge.standing import calibrated, judge_of, why_not_gated
from evals.stats.estimators import Sample, difference, estimator
from evals.stats.power import detectable, settling

State = Literal["pass", "fail", "undecided", "skipped"]


class AxisTest(Record, frozen=True, omit_defaults=False):
    """What was tested on one axis and what came out.

    ``gain`` is the candidate's advantage over the baseline (positive is better, whatever the metric's direction) with
    its interval; ``slack`` the same against the baseline less its margin: non-inferior where its lower end is above 0.
    """

    axis: GatedAxis
    bound: State
    non_inferiority: State
    told: str
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
    refusal: str | None,
    calibrations: Sequence[Calibration] = (),
) -> AxisTest:
    """Test one axis. What cannot be tested is ``undecided`` with the reason; ``skipped`` only where it is optional and
    neither run has scored a single item of it.

    A judge's word is tested only where the judge is calibrated, by its note or by ``calibrations`` made later.
    """
    if refusal is not None:
        return _untested(axis, refusal)
    sides = (candidate, baseline)
    has = [axis.metric in s.run.manifest.metrics and bool(s.tracks(axis.suite, axis.track)) for s in sides]
    if not all(has):
        return _untested(axis, "not in both runs", absent=not any(has))
    note = baseline.note(axis.metric)
    if note.better == "none":
        return _untested(axis, f"{axis.metric} has no better direction, so it cannot be gated")
    if reason := _judged(sides, axis.metric, calibrations):
        return _untested(axis, reason)
    aligned = align([candidate, baseline], axis.suite, axis.track, axis.metric)
    clusters = len(np.unique(aligned.samples[0].clusters))
    if reason := _thin(aligned, clusters, policy):
        absent = aligned.n == aligned.unpaired == 0
        return _untested(axis, reason, aligned.n, clusters, aligned.unpaired, absent=absent)
    return _tested(candidate, axis, policy, note, aligned)


def _judged(sides: tuple[Loaded, Loaded], metric: str, calibrations: Sequence[Calibration]) -> str | None:
    """Why a judge's word may not decide, if a judge made the values and so it is."""
    judges = [judge for side in sides if (judge := judge_of(side.note(metric))) is not None]
    if len({judge.model for judge in judges}) > 1 or len(judges) == 1:
        return f"{metric} was not made by one and the same judge"
    identities = [s.run.manifest.identity for s in sides]
    reasons = (why_not_gated(calibrated(judge, metric, calibrations), identities) for judge in judges)
    return next((reason for reason in reasons if reason), None)


def _thin(aligned: Aligned, clusters: int, policy: Policy) -> str | None:
    if aligned.n == 0:
        return "no item was scored in both runs"
    if clusters < policy.min_clusters:
        return f"{clusters} clusters, the policy asks for {policy.min_clusters}"
    if aligned.unpaired_share > policy.max_unpaired:
        return f"{aligned.unpaired} items were scored in one run only, allowed {policy.max_unpaired:.0%}"
    return None


def _tested(candidate: Loaded, axis: GatedAxis, policy: Policy, note: MetricNote, aligned: Aligned) -> AxisTest:
    ours, theirs = aligned.samples
    level, sign = 1 - policy.alpha, -1.0 if note.better == "lower" else 1.0
    plain = difference(note.estimator, ours, theirs, level)
    worst = theirs if not axis.relative else _scaled(theirs, 1 - sign * axis.margin)
    slack = plain if not axis.relative else difference(note.estimator, ours, worst, level)
    shift = 0.0 if axis.relative else axis.margin
    slack_low, slack_high = _oriented(slack.low, slack.high, sign, shift)
    gain_low, gain_high = _oriented(plain.low, plain.high, sign, 0.0)
    values = [estimator(note.estimator).influence(sample) for sample in aligned.samples]
    state: State = "undecided"
    if slack_low is not None and slack_high is not None:
        state = "pass" if slack_low > 0 else "fail" if slack_high < 0 else "undecided"
    bound, told_bound = _bound(candidate, axis, note)
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
    told = _told(axis, gain, gain_low, gain_high, state, needed)
    return AxisTest(
        axis=axis,
        bound=bound,
        non_inferiority=state,
        told=f"{told_bound}; {told}" if bound in ("fail", "undecided") else told,
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


def _bound(candidate: Loaded, axis: GatedAxis, note: MetricNote) -> tuple[State, str]:
    """Floor and ceiling, tested on the candidate's own 95 % interval over everything it scored."""
    if axis.floor is None and axis.ceiling is None:
        return "skipped", ""
    found = summarise(candidate.slice(axis.suite, axis.track, axis.metric), note)
    told = f"{number(found.value)} {interval(found.low, found.high)}"
    if found.low is None or found.high is None:
        return "undecided", f"{told} has no interval"
    if axis.floor is not None and found.low < axis.floor:
        beyond = found.high < axis.floor
        return ("fail", f"{told} is below the floor {axis.floor:g}") if beyond else _open(told, "floor", axis.floor)
    if axis.ceiling is not None and found.high > axis.ceiling:
        beyond = found.low > axis.ceiling
        return (
            ("fail", f"{told} is above the ceiling {axis.ceiling:g}")
            if beyond
            else _open(told, "ceiling", axis.ceiling)
        )
    return "pass", ""


def _open(told: str, kind: str, limit: float) -> tuple[State, str]:
    return "undecided", f"{told} is not shown to keep the {kind} {limit:g}"


def _scaled(sample: Sample, factor: float) -> Sample:
    return Sample(sample.values * factor, sample.clusters, sample.details, sample.bounds)


def _oriented(low: float | None, high: float | None, sign: float, shift: float) -> tuple[float | None, float | None]:
    if low is None or high is None:
        return None, None
    first, second = sign * low + shift, sign * high + shift
    return min(first, second), max(first, second)


def _told(
    axis: GatedAxis, gain: float | None, low: float | None, high: float | None, state: State, needed: int | None
) -> str:
    if gain is None or low is None:
        return "no interval could be computed"
    told = "no change" if gain == 0 else f"{number(abs(gain))} {'better' if gain > 0 else 'worse'}"
    margin = f"{axis.margin:.0%} of the baseline" if axis.relative else f"{axis.margin:g}"
    change = f"{told}, interval of the gain {interval(low, high)}, margin {margin}"
    if state == "fail":
        return f"worse than the margin: {change}"
    if state == "undecided":
        more = f"; about {needed:,} items would settle it" if needed else ""
        return f"not shown to stay within the margin: {change}{more}"
    return change


def _untested(
    axis: GatedAxis, reason: str, n: int = 0, clusters: int = 0, unpaired: int = 0, *, absent: bool = False
) -> AxisTest:
    state: State = "skipped" if axis.optional and absent else "undecided"
    return AxisTest(axis, "skipped", state, reason, n=n, clusters=clusters, unpaired=unpaired)
