"""Summaries of a metric's values by name: what `Metric.estimator` may say."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.core.errors import UsageError
from evals.stats import confidence, f1, spread
from evals.stats.clustered import clustered_error, clustered_mean, codes
from evals.stats.difference import Difference, paired_mean, two_sided
from evals.stats.estimate import LEVEL, UNBOUNDED, Bounds, Details, Estimate, Floats, Influence
from evals.stats.paired_quantile import paired_quantile
from evals.stats.quantile import quantile, quantile_influence
from evals.stats.wilson import t_critical

Clusters = NDArray[Any]


@dataclass(frozen=True)
class Sample:
    """The scored items of one metric: values and clusters of shape (n,), and details of the same
    shape by name.
    """

    values: Floats
    clusters: Clusters
    details: Details
    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True)
class Estimator:
    """A summary, its influence function, and the per-item details it reads (keys of
    `Score.detail`).
    """

    estimate: Callable[[Sample], Estimate]
    influence: Callable[[Sample], Influence | None]
    needs: tuple[str, ...] = ()


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
    "ece": _confidence(confidence.ece, confidence.ece_influence),
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


def estimate(
    name: str,
    values: Floats,
    clusters: Clusters,
    details: Details | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Estimate:
    """Summarise the values of one metric with a 95 % interval.

    ``values`` and ``clusters`` have shape (n,), items without a value already left out; ``details``
    holds arrays of the same shape under the names the estimator needs; ``bounds`` are the metric's
    own. Deterministic: bootstraps use a fixed seed. Raises UsageError for an unknown name,
    ValueError for missing values, shapes that differ or details that are not there.
    """
    chosen = estimator(name)
    return chosen.estimate(_checked(name, chosen, Sample(values, clusters, details or {}, bounds)))


def difference(name: str, candidate: Sample, baseline: Sample, level: float = LEVEL) -> Difference:
    """Candidate minus baseline for any summary, on the same items in the same order.

    Means: `paired_mean`. Quantiles: `paired_quantile`. Other summaries: the difference of the two
    values; its standard error is the clustered one of the difference of the two influence
    functions, its interval ± t_{C−1} (von Mises expansion; for AUROC it is DeLong's paired test).
    No value where either side has none; no interval with one cluster or where the influences never
    differ. Raises as `estimate`, and ValueError where the clusters differ.
    """
    chosen = estimator(name)
    first, second = (_checked(name, chosen, sample) for sample in (candidate, baseline))
    if not np.array_equal(first.clusters, second.clusters):
        raise ValueError("a paired difference needs the same items in the same order")
    if name == "mean":
        return paired_mean(first.values, second.values, first.clusters, first.bounds, level)
    if name in QUANTILES:
        share = QUANTILES[name]
        return paired_quantile(first.values, second.values, first.clusters, share, level)
    n, count = len(first.values), len(np.unique(first.clusters))
    nothing = partial(Difference, low=None, high=None, p=None, error=None, n=n, clusters=count)
    a, b = chosen.influence(first), chosen.influence(second)
    if a is None or b is None:
        return nothing(None)
    value = a.value - b.value
    code, count = codes(first.clusters)
    error = clustered_error(a.each - b.each, code, count) if count > 1 else 0.0
    if error <= 1e-12 * max(abs(a.value), abs(b.value)):
        return nothing(value)
    half = t_critical(count - 1, level) * error
    return Difference(
        value, value - half, value + half, two_sided(value / error, count - 1), error, n, count
    )


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
    return Sample(
        np.asarray(sample.values, dtype=np.float64), sample.clusters, details, sample.bounds
    )
