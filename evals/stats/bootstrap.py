"""Cluster bootstrap with bias correction and acceleration (BCa) for functions of cluster totals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from evals.stats.estimate import LEVEL, Floats

DRAWS: Final = 10_000
_BLOCK: Final = 4_000_000
"""Random numbers drawn at once: bounds the memory, whatever the number of draws."""

Statistic = Callable[[Floats], Floats]
"""Maps totals of shape (draws, k) to statistics of shape (draws,); may return NaN for a degenerate
draw.
"""


def resampled_totals(sums: Floats, draws: int, seed: int) -> Floats:
    """Totals over ``draws`` resamples of whole clusters with replacement, shape (draws, k).

    ``sums`` has shape (C, k): what each cluster adds. Equal rows are drawn together by one
    multinomial, which has the same distribution and is what makes binary metrics cheap.
    """
    rng = np.random.default_rng(seed)
    rows, counts = np.unique(sums, axis=0, return_counts=True)
    clusters = len(sums)
    if len(rows) <= 64 or clusters > 50_000:
        return _by_multinomial(rows, counts / clusters, clusters, draws, rng)
    out = np.tile(sums[0] * clusters, (draws, 1))
    varying = [
        (k, np.ascontiguousarray(column)) for k, column in enumerate(sums.T) if np.ptp(column) > 0
    ]
    kind = np.uint16 if clusters <= 1 << 16 else np.uint32
    step = max(1, _BLOCK // clusters)
    for start in range(0, draws, step):
        size = min(step, draws - start)
        chosen = rng.integers(0, clusters, size=(size, clusters), dtype=kind)
        for k, column in varying:
            out[start : start + size, k] = column[chosen].sum(axis=1)
    return out


def _by_multinomial(
    rows: Floats, shares: Floats, clusters: int, draws: int, rng: np.random.Generator
) -> Floats:
    out = np.empty((draws, rows.shape[1]))
    step = max(1, _BLOCK // len(rows))
    for start in range(0, draws, step):
        size = min(step, draws - start)
        out[start : start + size] = rng.multinomial(clusters, shares, size=size) @ rows
    return out


def bca(
    sums: Floats, statistic: Statistic, *, draws: int = DRAWS, seed: int = 0, level: float = LEVEL
) -> tuple[float, float] | None:
    """BCa interval of ``statistic`` of the totals of ``sums``, clusters resampled whole.

    Estimand: the statistic's value in the population that clusters are drawn from. Assumes
    independent clusters and a statistic smooth in the totals. Percentiles are read at Φ(z0 + (z0 +
    z)/(1 − a(z0 + z))), z0 from the share of draws below the estimate (ties count half), a from the
    leave-one-cluster-out skewness (Efron 1987; Efron and Tibshirani 1993, ch. 14). Percentiles of
    the draws themselves: nothing is divided by the number of draws.

    None where there are fewer than two clusters, where draws do not vary, or where the statistic is
    undefined. Draws on which the statistic is undefined are left out; with more than 5 % of them
    there is no interval.
    """
    from scipy.special import ndtr, ndtri

    if len(sums) < 2:
        return None
    total = sums.sum(axis=0)
    value = float(statistic(total[None, :])[0])
    drawn = statistic(resampled_totals(sums, draws, seed))
    kept = drawn[np.isfinite(drawn)]
    if (
        not np.isfinite(value)
        or len(kept) < 0.95 * draws
        or float(np.ptp(kept)) <= 1e-12 * max(1.0, abs(value))
    ):
        return None
    close = np.isclose(kept, value, rtol=1e-12, atol=1e-15)
    below = (np.count_nonzero((kept < value) & ~close) + 0.5 * np.count_nonzero(close)) / len(kept)
    shift = float(ndtri(min(max(below, 1 / len(kept)), 1 - 1 / len(kept))))
    skew = _acceleration(statistic(total - sums))
    tail = float(ndtri(0.5 - level / 2))
    ranks = [float(ndtr(shift + (shift + z) / (1 - skew * (shift + z)))) for z in (tail, -tail)]
    low, high = np.quantile(kept, ranks)
    return float(low), float(high)


def _acceleration(left_out: Floats) -> float:
    left_out = left_out[np.isfinite(left_out)]
    if len(left_out) == 0:
        return 0.0
    away = left_out.mean() - left_out
    spread = float((away**2).sum())
    return float((away**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
