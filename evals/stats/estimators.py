"""Summaries of a metric's values by name: what `Metric.estimator` may say."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.errors import UsageError
from evals.stats import confidence, f1, spread
from evals.stats.clustered import clustered_mean
from evals.stats.estimate import UNBOUNDED, Bounds, Details, Estimate, Floats
from evals.stats.quantile import quantile

Clusters = NDArray[Any]


@dataclass(frozen=True)
class Estimator:
    """A summary and the per-item details it reads beside the values (keys of `Score.detail`)."""

    run: Callable[[Floats, Clusters, Details, Bounds], Estimate]
    needs: tuple[str, ...] = ()


def _quantile(share: float) -> Estimator:
    return Estimator(lambda values, clusters, details, bounds: quantile(values, clusters, share))


def _confidence(run: Callable[[Floats, Floats, Clusters], Estimate]) -> Estimator:
    def summarise(values: Floats, clusters: Clusters, details: Details, bounds: Bounds) -> Estimate:
        return run(details["confidence"].astype(np.float64), details["correct"].astype(np.float64), clusters)

    return Estimator(summarise, ("confidence", "correct"))


ESTIMATORS: Final[dict[str, Estimator]] = {
    "mean": Estimator(lambda values, clusters, details, bounds: clustered_mean(values, clusters, bounds)),
    "sd": Estimator(lambda values, clusters, details, bounds: spread.deviation(values, clusters)),
    "sd_within": Estimator(lambda values, clusters, details, bounds: spread.within(values, clusters, bounds)),
    "p50": _quantile(0.50),
    "p95": _quantile(0.95),
    "p99": _quantile(0.99),
    "macro_f1": Estimator(
        lambda values, clusters, details, bounds: f1.macro_f1(details["gold"], details["predicted"], clusters),
        ("gold", "predicted"),
    ),
    "auroc": _confidence(confidence.auroc),
    "aurc": _confidence(confidence.aurc),
    "ece": _confidence(confidence.ece),
}


def estimator(name: str) -> Estimator:
    """The summary of that name. Raises UsageError with a suggestion where there is none."""
    if name not in ESTIMATORS:
        near = difflib.get_close_matches(name, ESTIMATORS, n=1)
        raise UsageError(
            f"unknown estimator {name!r}",
            expected=", ".join(ESTIMATORS),
            way_out=f"did you mean {near[0]}?" if near else None,
        )
    return ESTIMATORS[name]


def estimate(
    name: str, values: Floats, clusters: Clusters, details: Details | None = None, bounds: Bounds = UNBOUNDED
) -> Estimate:
    """Summarise the values of one metric with a 95 % interval.

    ``values`` and ``clusters`` have shape (n,), items without a value already left out; ``details`` holds arrays of the
    same shape under the names the estimator needs; ``bounds`` are the metric's own. Deterministic: bootstraps use a
    fixed seed. Raises UsageError for an unknown name, ValueError for missing values, shapes that differ or details that
    are not there.
    """
    chosen, details = estimator(name), details or {}
    shapes = {len(values), len(clusters), *(len(details[need]) for need in chosen.needs if need in details)}
    if len(shapes) != 1:
        raise ValueError(f"values, clusters and details differ in length: {sorted(shapes)}")
    if missing := [need for need in chosen.needs if need not in details]:
        raise ValueError(f"the estimator {name} needs the details {', '.join(missing)}")
    if not np.isfinite(values).all():
        raise ValueError("values are finite numbers; leave unscored items out and count them")
    return chosen.run(np.asarray(values, dtype=np.float64), clusters, details, bounds)
