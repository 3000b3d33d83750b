"""How far two raters agree beyond chance, and whether one errs more in one group of items than in
another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import clustered_error, clustered_mean, codes
from evals.stats.estimate import Estimate, Floats, nothing, with_interval
from evals.stats.wilson import bounded, t_critical


def kappa(first: NDArray[Any], second: NDArray[Any], clusters: NDArray[Any]) -> Estimate:
    """Cohen's kappa of two raters with its 95 % interval.

    Estimand: (p_o − p_e)/(1 − p_e) over the population of items, p_o the share of items with the
    same category, p_e the share expected of independent raters with the same margins (Cohen 1960).
    The interval is `wilson.bounded` on [−1, 1] with the clustered standard error of kappa's
    influence function; for items that are their own clusters that is the asymptotic error of
    Fleiss, Cohen and Everitt 1969, as in statsmodels. Shapes: categories (n,) and (n,), clusters
    (n,); missing values are the caller's to drop. No value where a rater is missing, or both gave
    one and the same category to all items: there chance explains everything.
    """
    n = len(first)
    code, count = codes(clusters)
    _, both = np.unique(np.concatenate([first, second]), return_inverse=True)
    ours, theirs = both[:n], both[n:]
    size = int(both.max()) + 1 if n else 0
    if size < 2:
        return nothing(n, count)
    p, q = np.bincount(ours, minlength=size) / n, np.bincount(theirs, minlength=size) / n
    same = (ours == theirs).astype(np.float64)
    observed, expected = float(same.mean()), float(p @ q)
    value = (observed - expected) / (1 - expected)
    if count < 2:
        return Estimate(value, None, None, n, count)
    chance = q[ours] + p[theirs] - 2 * expected
    influence = ((same - observed) - (1 - value) * chance) / (1 - expected)
    error = clustered_error(influence, code, count)
    return with_interval(
        value, bounded(value, error, count, t_critical(count - 1), (-1.0, 1.0)), n, count
    )


def contrast(
    values: Floats, group: NDArray[np.bool_], clusters: NDArray[Any], width: float
) -> Estimate:
    """Mean of ``values`` inside the group minus the mean outside, with its 95 % interval.

    Estimand: the difference of the two population means, clusters sampled independently; the
    standard error is that of the difference's influence function, t_{C−1}. ``width`` is how far
    values may differ at most, so the difference lies in [−width, width]. Shapes (n,). No value
    where a group is empty.
    """
    code, count = codes(clusters)
    n, inside = len(values), int(group.sum())
    if inside in (0, n):
        return nothing(n, count)
    means = values[group].mean(), values[~group].mean()
    value = float(means[0] - means[1])
    if count < 2:
        return Estimate(value, None, None, n, count)
    influence = np.where(
        group, (values - means[0]) * n / inside, -(values - means[1]) * n / (n - inside)
    )
    error = clustered_error(influence, code, count)
    return with_interval(
        value, bounded(value, error, count, t_critical(count - 1), (-width, width)), n, count
    )


def repeated_agreement(categories: NDArray[Any], items: NDArray[Any]) -> Estimate:
    """Self-consistency: how often two verdicts on the same item are the same, averaged over items
    asked repeatedly.

    Estimand: the chance that asking again gives the same category. Each item weighs the same: its
    share of equal pairs, Σ_c k_c(k_c − 1)/(k(k − 1)). ``n`` counts items with two verdicts or more;
    items asked once say nothing. Shapes (n,).
    """
    shares = []
    for item in np.unique(items):
        _, counts = np.unique(categories[items == item], return_counts=True)
        k = int(counts.sum())
        if k > 1:
            shares.append(float((counts * (counts - 1)).sum()) / (k * (k - 1)))
    return clustered_mean(np.array(shares), np.arange(len(shares)), (0.0, 1.0))
