"""Means of a judge's scores, corrected by what people said about a part of them."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import clustered_error, codes
from evals.stats.estimate import Estimate, Floats
from evals.stats.wilson import t_critical, z_critical


def prediction_powered(
    judged: Floats,
    clusters: NDArray[Any],
    labelled: Floats,
    human: Floats,
    labelled_clusters: NDArray[Any],
) -> Estimate:
    """Prediction-powered mean: the judge's mean over all items plus the mean human correction.

    Estimand: the mean human label over the population. θ̂ = mean_N(judge) + mean_n(human − judge),
    variance the sum of both clustered variances (Angelopoulos et al. 2023). Unbiased however bad
    the judge is, provided the labelled items are a random sample, disjoint from the N. Shapes:
    judged and clusters (N,), the other three (n,). No interval with fewer than two clusters in
    either part. Raises ValueError where a part is empty.
    """
    if len(judged) == 0 or len(labelled) == 0:
        raise ValueError("prediction-powered means need judged and labelled items")
    gap = human - labelled
    value = float(judged.mean() + gap.mean())
    (code, count), (few, several) = codes(clusters), codes(labelled_clusters)
    n = len(judged) + len(labelled)
    if min(count, several) < 2:
        return Estimate(value, None, None, n, count + several)
    error = sqrt(
        clustered_error(judged, code, count) ** 2 + clustered_error(gap, few, several) ** 2
    )
    half = t_critical(min(count, several) - 1) * error
    return Estimate(value, value - half, value + half, n, count + several)


def rogan_gladen(
    positive: int, n: int, sensitivity: tuple[int, int], specificity: tuple[int, int]
) -> Estimate:
    """Prevalence from an imperfect binary judge whose errors were measured.

    Estimand: the share of truly positive items. π̂ = (p̂ + sp − 1)/(se + sp − 1), clipped to [0,
    1]; the interval is the delta method over the three independent proportions, each
    Agresti–Coull-adjusted by one success and one failure (Rogan and Gladen 1978; Lang and Reiczigel
    2014). ``sensitivity`` and ``specificity`` are (right, labelled) counts. No value where the
    judge is no better than chance (se + sp ≤ 1). Raises ValueError for an empty sample.
    """
    if n == 0 or sensitivity[1] == 0 or specificity[1] == 0:
        raise ValueError("Rogan-Gladen needs judged items and labels of both kinds")
    p, se, sp = positive / n, sensitivity[0] / sensitivity[1], specificity[0] / specificity[1]
    power = se + sp - 1
    if power <= 0:
        return Estimate(None, None, None, n, n)
    value = min(1.0, max(0.0, (p + sp - 1) / power))
    smooth = [((k + 1) / (m + 2), m + 2) for k, m in ((positive, n), sensitivity, specificity)]
    spread = [q * (1 - q) / m for q, m in smooth]
    slopes = np.array([1.0, value, 1 - value])
    half = z_critical() * sqrt(float(slopes**2 @ np.array(spread))) / power
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), n, n)
