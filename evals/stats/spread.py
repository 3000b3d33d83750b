"""Spread: the standard deviation over items, and within clusters (one question asked in several
ways).
"""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums, clustered_mean, codes
from evals.stats.estimate import Bounds, Estimate, Floats, Influence, Ints, nothing, with_interval


def deviation(values: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Sample standard deviation (n − 1) over items, with a cluster-bootstrap BCa interval.

    Estimand: the standard deviation of the population of items. Fewer than two items: no value;
    fewer than two clusters or no variation at all: no interval. Missing values are not accepted.
    """
    n = len(values)
    if n < 2:
        return nothing(n, n)
    code, count = codes(clusters)
    centred = values - values.mean()
    sums = np.column_stack(
        [cluster_sums(x, code, count) for x in (centred, centred**2, np.ones(n))]
    )
    value = float(_deviation(sums.sum(axis=0)[None, :])[0])
    return with_interval(value, bca(sums, _deviation), n, count)


def deviation_influence(values: Floats) -> Influence | None:
    """Influence of each item on the standard deviation σ: ((x − μ)² − σ²)/(2σ); None where nothing
    varies.
    """
    if len(values) < 2 or float(np.ptp(values)) == 0:
        return None
    squares = (values - values.mean()) ** 2
    spread = float(np.sqrt(squares.mean()))
    return Influence(float(values.std(ddof=1)), (squares - spread**2) / (2 * spread))


def _deviation(totals: Floats) -> Floats:
    first, second, size = totals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(size > 1, (second - first**2 / size) / (size - 1), np.nan)
    return cast(Floats, np.sqrt(np.maximum(variance, 0.0)))


def within(values: Floats, clusters: NDArray[np.generic], bounds: Bounds) -> Estimate:
    """Standard deviation within clusters, averaged over the clusters that have at least two items.

    Estimand: how much the answer to the same question varies with its wording or stress. Clusters
    are independent, so the interval is that of a mean of one value per cluster. ``bounds`` are
    those of the metric: the deviation of a sample of m ≥ 2 lies in [0, (b − a)/√2]. No cluster with
    two items: no value.
    """
    code, count = codes(clusters)
    spread, _ = _within(values, code, count)
    if len(spread) == 0:
        return nothing(len(values), count)
    top = (bounds[1] - bounds[0]) / np.sqrt(2)
    found = clustered_mean(spread, np.arange(len(spread)), (0.0, float(top)))
    return Estimate(found.value, found.low, found.high, len(values), count)


def within_influence(values: Floats, clusters: NDArray[np.generic]) -> Influence | None:
    """Influence on the averaged within-cluster deviation: each cluster's own deviation, shared
    among its items.
    """
    code, count = codes(clusters)
    spread, several = _within(values, code, count)
    if len(spread) == 0:
        return None
    size = np.bincount(code, minlength=count)
    each = np.zeros(count)
    each[several] = (spread - spread.mean()) * len(values) / (len(spread) * size[several])
    return Influence(float(spread.mean()), each[code])


def _within(values: Floats, code: Ints, count: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Deviation of each cluster of at least two items, and which clusters these are, shape (C,)."""
    size = np.bincount(code, minlength=count)
    several = size > 1
    means = cluster_sums(values, code, count) / np.maximum(size, 1)
    squares = cluster_sums((values - means[code]) ** 2, code, count)
    spread: Floats = np.sqrt(squares[several] / (size[several] - 1))
    return spread, several
