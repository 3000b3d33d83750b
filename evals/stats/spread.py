"""Spread: the standard deviation over items, and within clusters (one question asked in several ways)."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums, clustered_mean, codes
from evals.stats.estimate import Bounds, Estimate, Floats, nothing, with_interval


def deviation(values: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Sample standard deviation (n − 1) over items, with a cluster-bootstrap BCa interval.

    Estimand: the standard deviation of the population of items. Fewer than two items: no value; fewer than two clusters
    or no variation at all: no interval. Missing values are not accepted.
    """
    n = len(values)
    if n < 2:
        return nothing(n, n)
    code, count = codes(clusters)
    centred = values - values.mean()
    sums = np.column_stack([cluster_sums(x, code, count) for x in (centred, centred**2, np.ones(n))])
    value = float(_deviation(sums.sum(axis=0)[None, :])[0])
    return with_interval(value, bca(sums, _deviation), n, count)


def _deviation(totals: Floats) -> Floats:
    first, second, size = totals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(size > 1, (second - first**2 / size) / (size - 1), np.nan)
    return cast(Floats, np.sqrt(np.maximum(variance, 0.0)))


def within(values: Floats, clusters: NDArray[np.generic], bounds: Bounds) -> Estimate:
    """Standard deviation within clusters, averaged over the clusters that have at least two items.

    Estimand: how much the answer to the same question varies with its wording or stress. Clusters are independent, so
    the interval is that of a mean of one value per cluster. ``bounds`` are those of the metric: the deviation of a
    sample of m ≥ 2 lies in [0, (b − a)/√2]. No cluster with two items: no value.
    """
    n = len(values)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    size = np.bincount(code, minlength=count)
    means = cluster_sums(values, code, count) / size
    squares = cluster_sums((values - means[code]) ** 2, code, count)
    several = size > 1
    if not several.any():
        return nothing(n, count)
    spread = np.sqrt(squares[several] / (size[several] - 1))
    top = (bounds[1] - bounds[0]) / np.sqrt(2)
    found = clustered_mean(spread, np.arange(len(spread)), (0.0, float(top)))
    return Estimate(found.value, found.low, found.high, n, count)
