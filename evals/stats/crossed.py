"""Figures whose items are crossed with something else that was drawn at random: seeds of training,
templates of questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import cluster_sums, codes
from evals.stats.estimate import Floats, Influence

Codes = NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One adapter's figure: its influence function, the clusters of its items and, where items are
    crossed with groups, those; all of shape (n,).
    """

    influence: Influence
    clusters: Codes
    groups: Codes | None = None


@dataclass(frozen=True)
class Crossed:
    """A figure with its standard error over everything that was drawn, the degrees of freedom, and
    the independent units that carry it.
    """

    value: float
    error: float
    freedom: float
    units: int


def crossed(sides: Sequence[Sequence[Run]], weights: Sequence[float]) -> Crossed | None:
    """Weighted sum of the sides' figures, each side the mean over its runs (its seeds).

    Estimand: the figure over the populations of items, of groups and of seeds. The variance is that
    over clusters of items, plus that over groups of items less that over their intersections
    (two-way clustering: Cameron, Gelbach and Miller 2011), never below that over clusters alone,
    plus for each side with several seeds s²/S of its seeds' figures less the part of s² that items
    explain (residuals of the influence, which the first term has already). Weights (1,) give a
    figure, (1, −1) a difference, (1, −1, −1, 1) the interaction of a 2×2; sides are paired by
    clusters and groups, seeds are not. Freedom after Satterthwaite, for items and groups the fewer
    of the two less one. None with a single cluster or a single group.
    """
    runs = [run for side in sides for run in side]
    value = sum(
        w * float(np.mean([run.influence.value for run in side]))
        for w, side in zip(weights, sides, strict=True)
    )
    clusters, count = codes(np.concatenate([run.clusters for run in runs]))
    sums = _summed(sides, weights, clusters, count)
    of_items, freedom, units = _variance(sums, count), count - 1, count
    if any(run.groups is not None for run in runs):
        given = [run.clusters if run.groups is None else run.groups for run in runs]
        groups, several = codes(np.concatenate(given))
        both, pairs = codes(clusters * several + groups)
        crossing = _variance(_summed(sides, weights, groups, several), several) - _variance(
            _summed(sides, weights, both, pairs), pairs
        )
        units = min(count, several)
        of_items, freedom = of_items + max(0.0, crossing), units - 1
    if units < 2:
        return None
    spread = freed = 0.0
    for w, side, own in zip(weights, sides, sums, strict=True):
        seeds = len(own)
        if seeds > 1:
            each = np.array([run.influence.value for run in side])
            found = w * w * float(each.var(ddof=1)) / seeds
            apart = own - own.mean(axis=0)
            explained = float((apart**2).sum()) * count / (count - 1) / (seeds * (seeds - 1))
            spread += max(0.0, found - explained)
            freed += found**2 / (seeds - 1)
    total = of_items + spread
    if total <= 0:
        return Crossed(value, 0.0, freedom, units)
    shared = float(total**2 / (of_items**2 / freedom + freed))
    return Crossed(float(value), sqrt(total), shared, units)


def _summed(
    sides: Sequence[Sequence[Run]], weights: Sequence[float], code: Codes, count: int
) -> list[Floats]:
    """What each cluster adds to each run's weighted figure: one array of shape (S, count) a
    side.
    """
    found, start = [], 0
    for w, side in zip(weights, sides, strict=True):
        rows = []
        for run in side:
            n = len(run.influence.each)
            rows.append(cluster_sums(w * run.influence.each / n, code[start : start + n], count))
            start += n
        found.append(np.stack(rows))
    return found


def _variance(sums: Sequence[Floats], count: int) -> float:
    total = np.sum([own.mean(axis=0) for own in sums], axis=0)
    return float(total @ total) * count / max(1, count - 1)
