"""Means of items that come in clusters (paraphrases of one question, questions of one user)."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.estimate import UNBOUNDED, Bounds, Estimate, Floats, Ints, nothing, with_interval
from evals.stats.intracluster import Effect, proportion_effect
from evals.stats.wilson import NO_BOUND, bounded, t_critical, wilson


def codes(clusters: NDArray[np.generic]) -> tuple[Ints, int]:
    """Number the clusters 0 … C − 1: one code per item, shape (n,), and C."""
    _, inverse = np.unique(clusters, return_inverse=True)
    return inverse.astype(np.int64), int(inverse.max()) + 1 if len(inverse) else 0


def cluster_sums(values: Floats, code: Ints, count: int) -> Floats:
    """Sum of the values of each cluster, shape (count,)."""
    sums: Floats = np.bincount(code, weights=values, minlength=count).astype(np.float64, copy=False)
    return sums


def clustered_error(values: Floats, code: Ints, count: int) -> float:
    """Standard error of the mean of clustered values.

    Estimand: the sampling standard deviation of the mean when whole clusters are drawn
    independently and the values within one may be correlated in any way. Formula (Miller 2024,
    arXiv 2411.00640, with the usual small-sample factor): (1/n)·√(C/(C − 1)·Σ_c(Σ_{i∈c}(x_i −
    x̄))²). ``values`` has shape (n,), ``code`` gives each item's cluster.

    Raises ValueError for fewer than two clusters: one cluster says nothing about the spread between
    clusters.
    """
    if count < 2:
        raise ValueError("a clustered standard error needs at least two clusters")
    residuals = cluster_sums(values - values.mean(), code, count)
    return sqrt(count / (count - 1) * float(residuals @ residuals)) / len(values)


def clustered_mean(
    values: Floats, clusters: NDArray[np.generic], bounds: Bounds = UNBOUNDED
) -> Estimate:
    """Mean with its 95 % interval; every item weighs the same.

    Estimand: the mean over the population of items, clusters sampled independently. Binary values:
    Wilson's interval, plain where every item is its own cluster, else at the effective sample size
    n/`design_effect` with its t. Other bounded values get the interval of `wilson.bounded` with
    `clustered_error` and t_{C−1}, unbounded ones (seconds, dollars), which are skewed,
    `bootstrap_t`. Missing values are not accepted: the caller drops and counts
    them. A single cluster of several items has a value but no interval; no item has neither.
    Shapes: (n,) and (n,).
    """
    n = len(values)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    mean = float(values.mean())
    binary = bool(np.isin(values, (0.0, 1.0)).all())
    if binary and count == n:
        return with_interval(mean, wilson(float(values.sum()), n), n, count)
    if count < 2:
        return Estimate(mean, None, None, n, count)
    if binary:
        effect = design_effect(values, code, count)
        size, critical = n / effect.value, t_critical(round(min(max(1.0, effect.freedom), 1e4)))
        return with_interval(mean, wilson(mean * size, size, critical), n, count)
    if not bounds[1] - bounds[0] < NO_BOUND and count <= FEW:
        return with_interval(mean, bootstrap_t(values, code, count, bounds), n, count)
    error = clustered_error(values, code, count)
    return with_interval(mean, bounded(mean, error, count, t_critical(count - 1), bounds), n, count)


FEW: Final = 500
"""Clusters up to which skewness matters to an interval."""


def bootstrap_t(
    values: Floats, code: Ints, count: int, bounds: Bounds, draws: int = 1000
) -> tuple[float, float] | None:
    """Interval of a skewed mean: percentiles of the studentised mean over draws of whole clusters,
    turned round (Efron and Tibshirani 1993, §12.5). None where nothing varied.
    """
    sums, sizes = cluster_sums(values, code, count), np.bincount(code, minlength=count)
    mean, error = float(values.mean()), clustered_error(values, code, count)
    if error <= 1e-12 * abs(mean):
        return None
    rng, found = np.random.default_rng(0), np.empty(draws)
    step = max(1, 2_000_000 // count)
    for start in range(0, draws, step):
        chosen = rng.integers(0, count, size=(min(step, draws - start), count))
        total, size = sums[chosen], sizes[chosen]
        n = size.sum(axis=1)
        means = total.sum(axis=1) / n
        squares = ((total - means[:, None] * size) ** 2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[start : start + len(n)] = (
                (means - mean) * n / np.sqrt(squares * count / (count - 1))
            )
    low, high = map(float, np.quantile(found[np.isfinite(found)], (0.975, 0.025)))
    return max(bounds[0], mean - low * error), min(bounds[1], mean - high * error)


def design_effect(values: Floats, code: Ints, count: int) -> Effect:
    """How many times the variance of a clustered proportion exceeds that of independent items; at
    least 1.

    The ratio of the clustered to the binomial variance (Kish 1965), drawn to what its failures let
    one expect (`proportion_effect`): with two failures in all the data cannot tell whether failures
    come together, and taking the observed ratio for true makes the interval of a good system too
    narrow (50 clusters of 8, p = .98, correlation .6: 78 % covered instead of 97 %).
    """
    size = np.bincount(code, minlength=count)
    sums = cluster_sums(values, code, count)
    minority = min(int((sums > 0).sum()), int((sums < size).sum()))
    mean = float(values.mean())
    naive = mean * (1 - mean) / len(values)
    observed = clustered_error(values, code, count) ** 2 / naive if naive > 0 else 0.0
    return proportion_effect(observed, minority, sums, size)
