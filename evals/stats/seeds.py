"""A difference between two ways of training, each trained several times: items and seeds are both
samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import codes
from evals.stats.difference import paired_mean, two_sided
from evals.stats.estimate import LEVEL, UNBOUNDED, Bounds, Floats
from evals.stats.wilson import t_critical


@dataclass(frozen=True)
class OverSeeds:
    """Mean paired difference over items and seeds; ``each`` has one difference a seed,
    ``deviation`` their spread.

    ``deviation``, ``low``, ``high`` and ``p`` are None with a single seed or a single cluster.
    """

    value: float
    low: float | None
    high: float | None
    p: float | None
    each: tuple[float, ...]
    deviation: float | None


def over_seeds(
    candidate: Floats,
    baseline: Floats,
    clusters: NDArray[Any],
    bounds: Bounds = UNBOUNDED,
    level: float = LEVEL,
) -> OverSeeds:
    """Mean of candidate − baseline where items (in clusters) and seeds of training are both drawn
    at random.

    Estimand: the mean over the population of items and the population of seeds. In the crossed
    design the variance of the mean is σ²_items/C + σ²_seeds/S + σ²_both/(C·S); the estimate adds
    the squared error of the seeds' mean on each item (`paired_mean`: clustered, with one gain and
    one loss added where items mostly tie) and s²/S of the seeds' differences, which counts the last
    part twice and so errs towards a wide interval (two-way clustering without the subtracted term:
    Cameron, Gelbach and Miller 2011). Degrees of freedom after Satterthwaite.

    Shapes: (S, n) twice and (n,), the same items in the same order in every row, row s of both
    trained with the same seed; no missing values. Raises ValueError for shapes that differ.
    """
    if candidate.shape != baseline.shape or candidate.shape[1:] != clusters.shape:
        raise ValueError("every seed needs the same items on both sides")
    seeds = len(candidate)
    each = tuple(float(d) for d in (candidate - baseline).mean(axis=1))
    items = paired_mean(candidate.mean(axis=0), baseline.mean(axis=0), clusters, bounds, level)
    value = float(np.mean(each))
    if seeds < 2:
        return OverSeeds(value, None, None, None, each, None)
    deviation = float(np.std(each, ddof=1))
    if items.error is None:
        return OverSeeds(value, None, None, None, each, deviation)
    of_items, of_seeds = items.error**2, deviation**2 / seeds
    error = sqrt(of_items + of_seeds)
    freedom = (of_items + of_seeds) ** 2 / (
        of_items**2 / (codes(clusters)[1] - 1) + of_seeds**2 / (seeds - 1)
    )
    margin, width = t_critical(freedom, level) * error, bounds[1] - bounds[0]
    p = two_sided(value / error, freedom)
    return OverSeeds(
        value, max(value - margin, -width), min(value + margin, width), p, each, deviation
    )
