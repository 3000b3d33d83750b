"""The difference of two systems' quantiles on the same items."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import codes
from evals.stats.difference import Difference
from evals.stats.estimate import LEVEL, Floats
from evals.stats.quantile import needed

DRAWS: Final = 2000


def paired_quantile(
    candidate: Floats,
    baseline: Floats,
    clusters: NDArray[Any],
    share: float,
    level: float = LEVEL,
) -> Difference:
    """Candidate's ``share`` quantile less the baseline's, with a bootstrap interval.

    Estimand: the difference of the two population quantiles, each estimated by Harrell and Davis's
    weighted mean of order statistics (1982): a single one moves in steps, and its bootstrap covers
    98 % for 95. Whole clusters of pairs are drawn with replacement (fixed seed) and both quantiles
    computed anew; the interval has the percentiles of the draws, p the share of draws on the other
    side of 0, twice (Wilcox and Erceg-Hurn 2012). The interval from the density at the quantile
    rejected equal systems 9 to 52 % of the time at 78 items and a level of 5 %. ``error`` is the
    draws' standard deviation. No interval with fewer items than the quantile's own interval needs
    (59 for p95), or where the draws never vary. Shapes (n,), the same items in the same order.
    """
    n = len(candidate)
    code, count = codes(clusters)
    if n == 0:
        return Difference(None, None, None, None, None, 0, 0)
    value = float(_quantile(candidate[None], share)[0] - _quantile(baseline[None], share)[0])
    if count < max(2, needed(share, level)):
        return Difference(value, None, None, None, None, n, count)
    drawn = _drawn(candidate, baseline, code, count, share)
    error = float(drawn.std(ddof=1))
    if error <= 1e-12 * max(1.0, abs(value)):
        return Difference(value, None, None, None, None, n, count)
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2])
    ties = float((drawn == 0).sum()) / 2
    beyond = min(float((drawn < 0).sum()), float((drawn > 0).sum())) + ties
    p = min(1.0, 2 * (beyond + 1) / (DRAWS + 1))
    return Difference(value, float(low), float(high), p, error, n, count)


def _drawn(
    candidate: Floats, baseline: Floats, code: NDArray[np.intp], count: int, share: float
) -> Floats:
    """The difference in each draw, shape (DRAWS,)."""
    rng = np.random.default_rng(0)
    if count == len(candidate):
        order = np.argsort(code)
        places = order[rng.integers(0, count, size=(DRAWS, count), dtype=np.int32)]
        return _quantile(candidate[places], share) - _quantile(baseline[places], share)
    members = np.split(np.argsort(code, kind="stable"), np.cumsum(np.bincount(code))[:-1])
    found = np.empty(DRAWS)
    for k in range(DRAWS):
        chosen = np.concatenate([members[c] for c in rng.integers(0, count, size=count)])
        found[k] = float(
            _quantile(candidate[chosen][None], share)[0]
            - _quantile(baseline[chosen][None], share)[0]
        )
    return found


def _quantile(values: Floats, share: float) -> Floats:
    """Harrell and Davis's quantile of each row: order statistic i weighs what Beta((n + 1)·share,
    (n + 1)·(1 − share)) has between (i − 1)/n and i/n.
    """
    first, weights = _weights(values.shape[1], share)
    last = first + len(weights) - 1
    near = np.partition(values, (first, last), axis=1)[:, first : last + 1]
    found: Floats = np.sort(near, axis=1) @ weights
    return found


@cache
def _weights(n: int, share: float) -> tuple[int, Floats]:
    """The weights that count, and the order statistic (0-based) at which they begin."""
    from scipy.special import betainc

    ends = betainc((n + 1) * share, (n + 1) * (1 - share), np.linspace(0, 1, n + 1))
    weights: Floats = np.diff(ends)
    kept = np.flatnonzero(weights > 1e-12)
    weights = weights[kept[0] : kept[-1] + 1]
    return int(kept[0]), weights / weights.sum()
