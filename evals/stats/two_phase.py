"""The mean of what people say, from a metric over all items and labels on a stratified part."""

from __future__ import annotations

from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.estimate import Estimate, Floats
from evals.stats.wilson import t_critical

RARE: Final = 9 / 4
"""Least variance of n gaps, times n: with it the interval of gaps that were all 0 reaches 3/n, the
rule of three, instead of having no width.
"""


def two_phase_mean(
    metric: Floats, stratum: NDArray[np.int_], labelled: NDArray[np.bool_], human: Floats
) -> Estimate:
    """The mean human label over all items, where some of each stratum were labelled at random.

    Estimand: the mean human label of the population that the items are a sample of. Difference
    estimator: θ̂ = mean(metric) + Σ_s W_s · mean_s(human − metric), with W_s the stratum's share of
    all items and mean_s over its labelled ones (Särndal, Swensson, Wretman 1992, section 9.5). The
    variance adds the two phases: var(metric)/N + Σ_s W_s² var_s(human − metric)/n_s, which is
    conservative where labels follow the metric. t with Σ n_s − S degrees of freedom. Labels and
    metric lie in [0, 1].

    Shapes: ``metric``, ``stratum`` and ``labelled`` (N,), ``human`` as many as are labelled, in
    the order of the items. No value where a stratum has no label, no interval where one has a
    single label. Raises ValueError for an empty sample or other shapes.
    """
    if len(metric) == 0 or labelled.sum() != len(human):
        raise ValueError("a metric for every item and a label for every labelled one are needed")
    gap = human - metric[labelled]
    value, error2, free, several = float(metric.mean()), 0.0, 0, True
    for s in np.unique(stratum):
        here, share = gap[stratum[labelled] == s], float((stratum == s).mean())
        if len(here) == 0:
            return Estimate(None, None, None, len(human), len(human))
        value += share * float(here.mean())
        several &= len(here) > 1
        if several:
            spread = max(float(here.var(ddof=1)), RARE / len(here))
            error2 += share**2 * spread / len(here)
            free += len(here) - 1
    if not several or len(metric) < 2:
        return Estimate(value, None, None, len(human), len(human))
    half = t_critical(free) * sqrt(error2 + float(metric.var(ddof=1)) / len(metric))
    return Estimate(value, value - half, value + half, len(human), len(human))
