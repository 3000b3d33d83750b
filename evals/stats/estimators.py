"""Summaries of a metric's values by name: what `Metric.estimator` may say."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.core.errors import UsageError
from evals.stats import confidence, f1, spread
from evals.stats.clustered import clustered_mean
from evals.stats.crossed import Crossed, Run, crossed
from evals.stats.difference import Difference, paired_mean, two_sided
from evals.stats.estimate import LEVEL, UNBOUNDED, Bounds, Details, Estimate, Floats, Influence
from evals.stats.paired_quantile import paired_quantile
from evals.stats.quantile import quantile, quantile_influence
from evals.stats.wilson import bounded, t_critical

Clusters = NDArray[Any]


@dataclass(frozen=True)
class Sample:
    """The scored items of one metric: values and clusters of shape (n,), and details of the same
    shape by name.

    ``groups``, of the same shape, are what items are crossed with (templates), where that is
    declared; ``seeds`` are samples of the same system trained with other seeds.
    """

    values: Floats
    clusters: Clusters
    details: Details
    bounds: Bounds = UNBOUNDED
    groups: Clusters | None = None
    seeds: tuple[Sample, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether items in clusters are all that was drawn."""
        return self.groups is None and not self.seeds


@dataclass(frozen=True)
class Estimator:
    """A summary, its influence function, and the per-item details it reads (keys of
    `Score.detail`). Where no interval of it is valid, ``tested`` is false: it has a value alone.
    """

    estimate: Callable[[Sample], Estimate]
    influence: Callable[[Sample], Influence | None]
    needs: tuple[str, ...] = ()
    tested: bool = True


def _mean_influence(sample: Sample) -> Influence | None:
    if len(sample.values) == 0:
        return None
    value = float(sample.values.mean())
    return Influence(value, sample.values - value)


QUANTILES: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


def _quantile(share: float) -> Estimator:
    return Estimator(
        lambda s: quantile(s.values, s.clusters, share),
        lambda s: quantile_influence(s.values, share),
    )


def _confidence(
    run: Callable[[Floats, Floats, Clusters], Estimate],
    influence: Callable[[Floats, Floats], Influence | None],
) -> Estimator:
    def pair(sample: Sample) -> tuple[Floats, Floats]:
        return sample.details["confidence"].astype(np.float64), sample.details["correct"].astype(
            np.float64
        )

    return Estimator(
        lambda s: run(*pair(s), s.clusters),
        lambda s: influence(*pair(s)),
        needs=("confidence", "correct"),
    )


ESTIMATORS: Final[dict[str, Estimator]] = {
    "mean": Estimator(lambda s: clustered_mean(s.values, s.clusters, s.bounds), _mean_influence),
    "sd": Estimator(
        lambda s: spread.deviation(s.values, s.clusters),
        lambda s: spread.deviation_influence(s.values),
    ),
    "sd_within": Estimator(
        lambda s: spread.within(s.values, s.clusters, s.bounds),
        lambda s: spread.within_influence(s.values, s.clusters),
    ),
    **{name: _quantile(share) for name, share in QUANTILES.items()},
    "macro_f1": Estimator(
        lambda s: f1.macro_f1(s.details["gold"], s.details["predicted"], s.clusters),
        lambda s: f1.macro_f1_influence(s.details["gold"], s.details["predicted"]),
        needs=("gold", "predicted"),
    ),
    "auroc": _confidence(confidence.auroc, confidence.auroc_influence),
    "aurc": _confidence(confidence.aurc, confidence.aurc_influence),
    "ece": replace(_confidence(confidence.ece, confidence.ece_influence), tested=False),
}


def estimator(name: str) -> Estimator:
    """The summary of that name. Raises UsageError with a suggestion where there is none."""
    if name not in ESTIMATORS:
        near = difflib.get_close_matches(name, ESTIMATORS, n=1)
        raise UsageError(
            f"unknown estimator {name!r}",
            expected=", ".join(ESTIMATORS),
            hint=f"did you mean {near[0]}?" if near else None,
        )
    return ESTIMATORS[name]


def estimate(name: str, sample: Sample) -> Estimate:
    """Summarise the values of one metric with a 95 % interval.

    Items without a value are already left out. Deterministic: bootstraps use a fixed seed. Where
    items are crossed with groups or seeds, the value is the mean over the seeds and the interval is
    over all of them (`crossed`), never narrower than over items alone. Raises UsageError for an
    unknown name, ValueError for missing values, shapes that differ or details that are not there.
    """
    chosen = estimator(name)
    found = chosen.estimate(_checked(name, chosen, sample))
    if not chosen.tested:
        return Estimate(value_of(name, sample), None, None, found.n, found.clusters)
    if sample.plain or found.value is None:
        return found
    made = contrast(name, (sample,), (1.0,))
    if made is None:
        return Estimate(value_of(name, sample), None, None, found.n, found.clusters)
    critical, (low, high) = t_critical(made.freedom), sample.bounds
    ends = bounded(made.value, made.error, made.units, critical, sample.bounds)
    if ends is None:
        return Estimate(made.value, None, None, found.n, found.clusters)
    wide = (
        max(low, min(ends[0], made.value - critical * made.error)),
        min(high, max(ends[1], made.value + critical * made.error)),
    )
    if not sample.seeds and found.low is not None and found.high is not None:
        wide = min(wide[0], found.low), max(wide[1], found.high)
    return Estimate(made.value, *wide, found.n, found.clusters)


def value_of(name: str, sample: Sample) -> float | None:
    """The value alone: the mean over the seeds."""
    values = by_seed(name, sample)
    return float(np.mean(values)) if values else None


def by_seed(name: str, sample: Sample) -> tuple[float, ...]:
    """The value of each seed; none where one of them has no value."""
    found = [estimator(name).influence(own) for own in (sample, *sample.seeds)]
    values = tuple(one.value for one in found if one is not None)
    return values if len(values) == len(found) else ()


def contrast(name: str, sides: Sequence[Sample], weights: Sequence[float]) -> Crossed | None:
    """`crossed` of a summary's influence functions; None where one of them cannot be had."""
    runs: list[list[Run]] = []
    for side in sides:
        own: list[Run] = []
        for sample in (side, *side.seeds):
            found = estimator(name).influence(sample)
            if found is None:
                return None
            own.append(Run(found, sample.clusters, sample.groups))
        runs.append(own)
    return crossed(runs, weights)


def difference(name: str, candidate: Sample, baseline: Sample, level: float = LEVEL) -> Difference:
    """Candidate minus baseline for any summary, on the same items in the same order.

    Means: `paired_mean`. Quantiles: `paired_quantile`. Other summaries: the difference of the two
    values; its standard error is the clustered one of the difference of the two influence
    functions, its interval ± t_{C−1} (von Mises expansion; for AUROC it is DeLong's paired test).
    Where items are crossed with groups or seeds, the error is that of `crossed`, never below that
    of the items alone. No value where either side has none; no interval with one cluster or where
    the influences never differ. Raises as `estimate`, and ValueError where the clusters differ.
    """
    chosen = estimator(name)
    first, second = (_checked(name, chosen, sample) for sample in (candidate, baseline))
    if not np.array_equal(first.clusters, second.clusters):
        raise ValueError("a paired difference needs the same items in the same order")
    if not chosen.tested:
        return _untested(name, first, second)
    if not (candidate.plain and baseline.plain):
        return _crossed_difference(name, candidate, baseline, level)
    if name == "mean":
        return paired_mean(first.values, second.values, first.clusters, first.bounds, level)
    if name in QUANTILES:
        share = QUANTILES[name]
        return paired_quantile(first.values, second.values, first.clusters, share, level)
    made, n = contrast(name, (first, second), (1.0, -1.0)), len(first.values)
    if made is None:
        return _untested(name, first, second)
    return _clipped(_interval(made, n, level), first.bounds)


def _untested(name: str, candidate: Sample, baseline: Sample) -> Difference:
    ours, theirs = value_of(name, candidate), value_of(name, baseline)
    value = None if ours is None or theirs is None else ours - theirs
    n, count = len(candidate.values), len(np.unique(candidate.clusters))
    return Difference(value, None, None, None, None, n, count)


def _clipped(found: Difference, bounds: Bounds) -> Difference:
    """No difference exceeds the width of the metric's bounds."""
    if found.low is None or found.high is None:
        return found
    width = bounds[1] - bounds[0]
    return replace(found, low=max(found.low, -width), high=min(found.high, width))


def _crossed_difference(name: str, candidate: Sample, baseline: Sample, level: float) -> Difference:
    """The items' own error is that of the plain difference of the seeds' means, where it is a
    mean: it knows what ties leave open.
    """
    n = len(candidate.values)
    made = contrast(name, (candidate, baseline), (1.0, -1.0)) if n else None
    items = None
    if name == "mean" and n:
        ours, theirs = (
            np.mean([one.values for one in (side, *side.seeds)], axis=0)
            for side in (candidate, baseline)
        )
        items = paired_mean(ours, theirs, candidate.clusters, candidate.bounds, level)
    if made is None:
        value = None if items is None else items.value
        return Difference(value, None, None, None, None, n, len(np.unique(candidate.clusters)))
    if items is not None and items.error is not None and items.error > made.error:
        freedom = min(made.freedom, made.units - 1)
        made = Crossed(made.value, items.error, freedom, made.units)
    return _clipped(_interval(made, n, level), candidate.bounds)


def _interval(made: Crossed, n: int, level: float) -> Difference:
    if made.error <= 1e-12 * max(1.0, abs(made.value)):
        return Difference(made.value, None, None, None, None, n, made.units)
    half = t_critical(made.freedom, level) * made.error
    p = two_sided(made.value / made.error, made.freedom)
    ends = made.value - half, made.value + half
    return Difference(made.value, *ends, p, made.error, n, made.units)


def _checked(name: str, chosen: Estimator, sample: Sample) -> Sample:
    details = sample.details
    shapes = {
        len(sample.values),
        len(sample.clusters),
        *(len(details[need]) for need in chosen.needs if need in details),
    }
    if len(shapes) != 1:
        raise ValueError(f"values, clusters and details differ in length: {sorted(shapes)}")
    if missing := [need for need in chosen.needs if need not in details]:
        raise ValueError(f"the estimator {name} needs the details {', '.join(missing)}")
    if not np.isfinite(sample.values).all():
        raise ValueError("values are finite numbers; leave unscored items out and count them")
    return replace(sample, values=np.asarray(sample.values, dtype=np.float64))
