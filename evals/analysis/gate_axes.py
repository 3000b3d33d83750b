"""One gated axis: its floor, its non-inferiority, and its part in superiority."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from math import ceil
from typing import Final, Literal, cast

import numpy as np
from msgspec.structs import replace

from evals.analysis.columns import Slice
from evals.analysis.leaderboard import summarise
from evals.analysis.notes import Note, note
from evals.analysis.pairing import Aligned, Loaded, against_candidate
from evals.analysis.policy import GatedAxis, Policy
from evals.core.schema import Record
from evals.core.store import MetricNote
from evals.judge.calibration import Calibration
from evals.judge.standing import calibrated, judge_of, why_not_gated
from evals.stats.estimators import Sample, difference, value_of
from evals.stats.exact import needed, upper_bound
from evals.stats.power import detectable, settling

State = Literal["pass", "fail", "undecided", "skipped"]
Limit = Literal["floor", "ceiling"]
RARE: Final = 5
"""Clusters with a harm up to which its share is bounded exactly."""

Interval = tuple[float | None, float | None, float | None]
"""Value, low and high end."""


class AxisTest(Record, frozen=True, omit_defaults=False):
    """What was tested on one axis and what came out.

    ``gain`` is the candidate's advantage over the baseline (positive is better, whatever the
    metric's direction) with its interval; ``slack`` the same against the baseline less its margin:
    non-inferior where its lower end is above 0. ``own`` is the candidate's own value with its
    interval, tested against ``limit``, where there is a floor or ceiling. ``untested`` says why no
    test was made, ``settling`` how many items would settle the axis if the truth is what was seen,
    ``assumed`` how many missing values count against the candidate.
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
    assumed: int = 0


def gated(
    candidate: Loaded,
    baseline: Loaded,
    axis: GatedAxis,
    policy: Policy,
    refusal: Note | None,
    calibrations: Sequence[Calibration],
    level: float,
) -> AxisTest:
    """Test one axis. What cannot be tested is ``undecided`` with the reason; ``skipped`` only where
    the pack holds no item of its suite, or it is optional and neither run scored an item of it.

    The comparison is at ``level``, the limits are at the policy's own. A judge's word is tested
    only where the judge is calibrated, by its note or by ``calibrations`` made later.
    """
    sides = (candidate, baseline)
    if all(axis.suite in (s.run.manifest.absent or ()) for s in sides):
        return _untested(axis, note("pack_has_none", suite=axis.suite), left_out=True)
    if refusal is not None:
        return _untested(axis, refusal)
    has = [
        axis.metric in s.run.manifest.metrics and bool(s.tracks(axis.suite, axis.track))
        for s in sides
    ]
    if not all(has):
        left_out = axis.optional and not any(has)
        return _untested(axis, note("not_in_both_runs"), left_out=left_out)
    about = baseline.note(axis.metric)
    if about.better == "none":
        return _untested(axis, note("no_direction", metric=axis.metric))
    if reason := _judged(sides, axis.metric, calibrations):
        return _untested(axis, reason)
    aligned = against_candidate(candidate, baseline, axis.suite, axis.track, axis.metric)
    clusters = len(np.unique(aligned.samples[0].clusters))
    if axis.margin is not None and (reason := _thin(aligned, clusters, policy)):
        left_out = axis.optional and aligned.n == aligned.unpaired == 0
        return _untested(axis, reason, aligned.n, clusters, aligned.unpaired, left_out=left_out)
    own, theirs = (side.slices(axis.suite, axis.track, axis.metric) for side in sides)
    if axis.margin is None and not any(len(one.values) for one in own):
        nobody = not any(len(one.values) for one in theirs)
        return _untested(axis, note("no_shared_items"), left_out=axis.optional and nobody)
    test = limited(own, axis, about, policy.alpha)
    return test if axis.margin is None else compared(test, level, about, aligned)


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


def limited(own: Sequence[Slice], axis: GatedAxis, about: MetricNote, alpha: float) -> AxisTest:
    """The candidate's own value against floor and ceiling, over everything that it scored, a slice
    a seed.

    Where at most `RARE` clusters hold a harm, the share is bounded exactly, a cluster counting as
    one trial that holds the harm where any of its items does (one-sided, at ``alpha``, never too
    narrow); anything else is tested by its 95 % interval.
    """
    found = summarise(own, about)
    clusters = len(np.unique(own[0].clusters))
    test = AxisTest(
        axis=axis,
        bound="skipped",
        non_inferiority="skipped",
        own=(found.value, found.low, found.high),
        candidate=found.value,
        n=found.n,
        clusters=clusters,
    )
    if axis.floor is None and axis.ceiling is None:
        return test
    low, high, items = found.low, found.high, None
    if about.estimator == "mean" and (exact := _exact(own, axis, alpha)) is not None:
        most, items = exact
        low, high = (low, most) if axis.floor is None else (1 - most, high)
    if low is None or high is None:
        return replace(test, bound="undecided")
    test = replace(test, own=(found.value, low, high), settling=items)
    if axis.floor is not None and low < axis.floor:
        return replace(test, bound="fail" if high < axis.floor else "undecided", limit="floor")
    if axis.ceiling is not None and high > axis.ceiling:
        return replace(test, bound="fail" if low > axis.ceiling else "undecided", limit="ceiling")
    return replace(test, bound="pass", settling=None)


def _exact(own: Sequence[Slice], axis: GatedAxis, alpha: float) -> tuple[float, int | None] | None:
    """The largest share of harms (misses, for a floor) that such a sample leaves open, and the
    items at which the limit would be shown at the share that was seen; None where harms are not
    rare, or the values no 0s and 1s.
    """
    values = np.concatenate([one.values for one in own])
    if not np.isin(values, (0.0, 1.0)).all():
        return None
    harm, limit = (1.0, axis.ceiling) if axis.floor is None else (0.0, 1 - axis.floor)
    _, codes = np.unique(np.concatenate([one.clusters for one in own]), return_inverse=True)
    held = np.bincount(codes, weights=values == harm) > 0
    k, n = float(held.sum()), float(len(held))
    if k > RARE or limit is None:
        return None
    clusters = needed(k / n, limit, alpha)
    items = None if clusters is None else ceil(clusters * len(own[0].values) / n)
    return upper_bound(k, n, alpha), items


def compared(test: AxisTest, alpha: float, about: MetricNote, aligned: Aligned) -> AxisTest:
    """The candidate against the baseline: gain, non-inferiority at the two-sided level ``alpha``,
    and what would settle it.
    """
    axis, margin = test.axis, cast(float, test.axis.margin)
    ours, theirs = aligned.samples
    level, sign = 1 - alpha, -1.0 if about.better == "lower" else 1.0
    plain = difference(about.estimator, ours, theirs, level)
    relative = axis.relative and not _unnoticed(axis, value_of(about.estimator, theirs))
    worst = theirs if not relative else _scaled(theirs, 1 - sign * margin)
    slack = plain if not relative else difference(about.estimator, ours, worst, level)
    shift = 0.0 if relative else axis.least if axis.relative else margin
    slack_low, slack_high = _oriented(slack.low, slack.high, sign, shift)
    gain_low, gain_high = _oriented(plain.low, plain.high, sign, 0.0)
    values = [value_of(about.estimator, sample) for sample in aligned.samples]
    state: State = "undecided"
    if slack_low is not None and slack_high is not None:
        state = "pass" if slack_low > 0 else "fail" if slack_high < 0 else "undecided"
    gain = None if plain.value is None else sign * plain.value
    distance = None if slack.value is None else sign * slack.value + shift
    items = (
        None
        if slack.error is None or distance is None or distance <= 0
        else settling(slack.n, slack.error, distance, level)
    )
    p_better = None
    if axis.superiority and plain.p is not None and gain is not None:
        p_better = plain.p if gain > 0 else 1.0
    return replace(
        test,
        non_inferiority=state,
        baseline=values[1],
        candidate=values[0],
        gain=gain,
        gain_low=gain_low,
        gain_high=gain_high,
        slack_low=slack_low,
        slack_high=slack_high,
        p_better=p_better,
        detectable=None if plain.error is None else detectable(plain.error, level),
        settling=max((n for n in (items, test.settling) if n is not None), default=None),
        n=plain.n,
        clusters=plain.clusters,
        unpaired=aligned.unpaired,
        assumed=aligned.assumed,
    )


def _unnoticed(axis: GatedAxis, baseline: float | None) -> bool:
    """Whether the share of the baseline that a relative margin allows is less than its `least`."""
    return baseline is not None and abs(baseline) * (axis.margin or 0.0) < axis.least


def _scaled(sample: Sample, factor: float) -> Sample:
    seeds = tuple(_scaled(seed, factor) for seed in sample.seeds)
    return dataclasses.replace(sample, values=sample.values * factor, seeds=seeds)


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
    left_out: bool = False,
) -> AxisTest:
    state: State = "skipped" if left_out else "undecided"
    return AxisTest(axis, "skipped", state, reason, n=n, clusters=clusters, unpaired=unpaired)
