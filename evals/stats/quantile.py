"""Quantiles (median, p95, p99 of latency) with order-statistic intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import clustered_error, codes
from evals.stats.estimate import LEVEL, Estimate, Floats, Influence, nothing


def needed(share: float, level: float = LEVEL) -> int:
    """Fewest independent values for which the quantile's upper bound is finite: 59 for p95, 299 for
    p99.
    """
    return int(np.ceil(np.log(1 - level) / np.log(share)))


def order_ranks(n: float, share: float, level: float = LEVEL) -> tuple[float, float] | None:
    """Ranks (1-based, l ≤ u ≤ n) of the order statistics that bracket the quantile with at least
    ``level``.

    Exact for independent values: P(x_(l) ≤ q ≤ x_(u)) = P(l ≤ B < u), B binomial(n, share) (Conover
    1999, §3.2). Tails are equal where they can be; where the upper rank would lie beyond the
    largest value, the largest one is taken and the lower tail gets what is left. None where even
    that falls short: the upper bound is infinite.
    """
    from scipy.stats import binom

    size = int(np.floor(n))
    if size < 1 or share**size > 1 - level:
        return None
    tail = (1 - level) / 2
    upper = int(binom.ppf(1 - tail, size, share)) + 1
    left = 1 - level - share**size if upper > size else tail
    upper = min(upper, size)
    lower = int(binom.ppf(left, size, share))
    if binom.cdf(lower - 1, size, share) > left:
        lower -= 1
    return (lower, upper) if lower >= 1 else None


def quantile(values: Floats, clusters: NDArray[np.generic], share: float) -> Estimate:
    """The ``share`` quantile (0.95: p95) with its 95 % interval.

    Estimand: the value below which a ``share`` of the population of items lies. Independent items:
    exact order statistics. Clustered items: the same at the effective sample size of the indicator
    x ≤ q̂ (Woodruff 1952 with the clustered standard error), never more than n. The point is the
    order statistic of rank ⌈share·n⌉, a value that was observed. Where the upper bound would be
    infinite there is no estimate: a p95 of 40 values is their maximum in disguise. Missing values
    are not accepted. Shapes: (n,) and (n,).
    """
    n = len(values)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    ordered = np.sort(values)
    point = float(ordered[min(n, max(1, int(np.ceil(share * n - 1e-9)))) - 1])
    size = float(n)
    if count < n:
        if count < 2:
            return nothing(n, count)
        error = clustered_error((values <= point).astype(np.float64), code, count)
        size = min(n, share * (1 - share) / error**2) if error > 0 else float(count)
    ranks = order_ranks(size, share)
    if ranks is None:
        return nothing(n, count)
    lower, upper = (rank * n / np.floor(size) if size < n else rank for rank in ranks)
    low, high = ordered[max(0, int(np.floor(lower)) - 1)], ordered[min(n, int(np.ceil(upper))) - 1]
    return Estimate(point, float(min(low, point)), float(max(high, point)), n, count)


def quantile_influence(values: Floats, share: float) -> Influence | None:
    """Influence on a quantile, (share − 1(x ≤ q̂))/f̂(q̂).

    The density is the finite difference of the quantile function at Hall and Sheather's bandwidth
    (1988), as in quantile regression. None where `needed` values are not there, or where the values
    around it are all the same.
    """
    from scipy.stats import norm

    n = len(values)
    if n < needed(share):
        return None
    ordered = np.sort(values)
    point = float(ordered[min(n, max(1, int(np.ceil(share * n - 1e-9)))) - 1])
    z = float(norm.ppf(share))
    band = n ** (-1 / 3) * 1.96 ** (2 / 3) * (1.5 * norm.pdf(z) ** 2 / (2 * z * z + 1)) ** (1 / 3)
    left, right = max(share - band, 0.5 / n), min(share + band, 1 - 0.5 / n)
    low, high = np.quantile(ordered, (left, right))
    if high <= low:
        return None
    below = (values <= point).astype(np.float64)
    return Influence(point, (below.mean() - below) * float(high - low) / (right - left))
