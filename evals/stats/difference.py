"""Differences between two systems on the same items: the only comparison that is made."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import cluster_sums, clustered_error, codes
from evals.stats.estimate import LEVEL, UNBOUNDED, Bounds, Floats, Ints
from evals.stats.intracluster import effect_of, shrunken
from evals.stats.mcnemar import mcnemar
from evals.stats.wilson import NO_BOUND, bounded, t_critical, z_critical

_PRIOR: Final = 2.0
"""Clusters that a correlation of ½ weighs against those that differ."""


@dataclass(frozen=True)
class Difference:
    """Candidate minus baseline, with its interval, two-sided p-value and standard error.

    ``value`` is None where either side cannot be estimated; ``low``, ``high``, ``p`` and ``error``
    are None where the data cannot speak about uncertainty (one cluster, an unbounded quantity that
    never differed).
    """

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    error: float | None
    n: int
    clusters: int


def paired_mean(
    candidate: Floats,
    baseline: Floats,
    clusters: NDArray[Any],
    bounds: Bounds = UNBOUNDED,
    level: float = LEVEL,
) -> Difference:
    """Mean paired difference, clusters sampled independently.

    Estimand: the population mean of candidate − baseline. Differences that are mostly ties (all −1,
    0 or 1, or zero on more than half of the items) get Bonett and Price's interval (2012), which
    adds one gain and one loss before it computes the Wald interval, here at the effective sample
    size; so two systems that never disagreed still have an interval. Others get `clustered_error`
    with t_{C−1} (Miller 2024). The p-value is McNemar's exact one for binary values of independent
    items, else that of the same t; the two forms may disagree by a hair at the border.

    Shapes (n,), the same items in the same order, no missing values; ``bounds`` are those of the
    metric.
    """
    n = len(candidate)
    change = candidate - baseline
    code, count = codes(clusters)
    if count < 2:
        return Difference(float(change.mean()) if n else None, None, None, None, None, n, count)
    ternary = bool(np.isin(change, (-1.0, 0.0, 1.0)).all())
    if ternary or float((change == 0).mean()) > 0.5:
        return _mostly_ties(change, code, count, bounds, level, ternary)
    value, error = float(change.mean()), clustered_error(change, code, count)
    critical = t_critical(count - 1, level)
    width = bounds[1] - bounds[0]
    if error <= 1e-12 * abs(value):
        interval = bounded(value, 0.0, count, critical, (-width, width))
        low, high = interval or (None, None)
        return Difference(value, low, high, 2.0 ** (1 - count), None, n, count)
    interval = bounded(value, error, count, critical, (-width, width))
    low, high = interval or (None, None)
    return Difference(value, low, high, two_sided(value / error, count - 1), error, n, count)


def _mostly_ties(
    change: Floats, code: Ints, count: int, bounds: Bounds, level: float, ternary: bool
) -> Difference:
    n = len(change)
    scale = float(np.abs(change).max()) or bounds[1] - bounds[0]
    value = float(change.mean())
    if not scale < NO_BOUND:
        return Difference(value, None, None, 1.0, None, n, count)
    effect = _effect(change, code, count)
    size = n + 2 * effect
    centre = float(change.sum()) / size
    error = sqrt(
        max(
            0.0,
            effect * ((float(change @ change) + 2 * effect * scale**2) / size - centre**2) / size,
        )
    )
    single = count == n
    critical = z_critical(level) if single else t_critical(count - 1, level)
    if ternary and single:
        p = mcnemar(int((change > 0).sum()), int((change < 0).sum()))
    else:
        p = two_sided(centre / error, count - 1)
    width = bounds[1] - bounds[0]
    low, high = max(centre - critical * error, -width), min(centre + critical * error, width)
    return Difference(value, min(low, value), max(high, value), p, error, n, count)


def _effect(change: Floats, code: Ints, count: int) -> float:
    """Design effect of the differences, drawn towards ½ where few clusters differ at all."""
    if count == len(change):
        return 1.0
    size = np.bincount(code, minlength=count)
    differing = int((cluster_sums(np.abs(change), code, count) > 0).sum())
    naive = float(np.var(change)) / len(change)
    observed = clustered_error(change, code, count) ** 2 / naive if naive > 0 else 0.0
    return shrunken(observed, differing, effect_of(0.5, size), _PRIOR)


def two_sided(statistic: float, freedom: float) -> float:
    """Two-sided p-value of a t statistic."""
    from scipy.special import stdtr

    return min(1.0, 2 * float(stdtr(freedom, -abs(statistic))))
