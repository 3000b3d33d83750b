"""How well confidence tells right from wrong: AUROC, area under the risk–coverage curve, calibration error."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums, clustered_error, codes
from evals.stats.estimate import Estimate, Floats, nothing, with_interval
from evals.stats.wilson import bounded, t_critical

BINS: Final = 10


def auroc(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Probability that a right answer carries more confidence than a wrong one, ties counting half.

    Estimand: P(c₊ > c₋) + ½P(c₊ = c₋) over independent clusters. The interval uses the placement values of each answer
    (DeLong 1988), summed by cluster (Obuchowski 1997). Shapes (n,). No value where all are right or all are wrong.
    """
    n = len(confidence)
    code, count = codes(clusters)
    right = correct > 0.5
    positives, negatives = int(right.sum()), int((~right).sum())
    if positives == 0 or negatives == 0:
        return nothing(n, count)
    ups, downs = np.sort(confidence[right]), np.sort(confidence[~right])
    below = (np.searchsorted(downs, confidence, "left") + np.searchsorted(downs, confidence, "right")) / (2 * negatives)
    above = 1 - (np.searchsorted(ups, confidence, "left") + np.searchsorted(ups, confidence, "right")) / (2 * positives)
    value = float(below[right].mean())
    influence = np.where(right, (below - value) * n / positives, (above - value) * n / negatives)
    return _from_influence(value, influence, code, count)


def aurc(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Area under the risk–coverage curve: the error rate among the k most confident answers, averaged over k.

    Estimand: E_t[P(wrong | c ≥ t)], t distributed as the confidence (Geifman and El-Yaniv 2017). Ties share their mean
    error, which is the expectation over their order. The interval is that of the influence function
    R(c) − A + E_t[1(c ≥ t)(wrong − R(t))/P(c ≥ t)], summed by cluster. Shapes (n,). No item: no value.
    """
    n = len(confidence)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    wrong = 1.0 - correct
    _, tied = np.unique(-confidence, return_inverse=True)
    level = np.bincount(tied, weights=wrong) / np.bincount(tied)
    order = np.argsort(-confidence, kind="stable")
    covered = np.arange(1, n + 1)
    risk = np.cumsum(level[tied[order]]) / covered
    value = float(risk.mean())
    thresholds = np.cumsum((1 / covered)[::-1])[::-1]
    accepted = np.cumsum((risk / covered)[::-1])[::-1]
    influence = np.empty(n)
    influence[order] = risk - value + wrong[order] * thresholds - accepted
    return _from_influence(value, influence - influence.mean(), code, count)


def ece(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Expected calibration error over ten bins of equal width on [0, 1].

    Estimand: Σ_b |Σ_{i∈b}(confidence − correct)|/n (Naeini 2015; Guo 2017). The plug-in value is biased upwards in
    small samples, and so is its cluster-bootstrap BCa interval: compare systems at equal n. Shapes (n,). No item: no
    value. Raises ValueError for a confidence outside [0, 1].
    """
    n = len(confidence)
    if n == 0:
        return nothing(0, 0)
    if confidence.min() < 0 or confidence.max() > 1:
        raise ValueError("calibration needs confidences in [0, 1]")
    code, count = codes(clusters)
    bin_of = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    gap = confidence - correct
    columns = [cluster_sums(np.where(bin_of == b, gap, 0.0), code, count) for b in range(BINS)]
    sums = np.column_stack([*columns, cluster_sums(np.ones(n), code, count)])
    value = float(_gap(sums.sum(axis=0)[None, :])[0])
    return with_interval(value, bca(sums, _gap), n, count)


def _gap(totals: Floats) -> Floats:
    gap: Floats = np.abs(totals[:, :-1]).sum(axis=1) / totals[:, -1]
    return gap


def _from_influence(value: float, influence: Floats, code: NDArray[np.int64], count: int) -> Estimate:
    """Interval of a value in [0, 1] from its influence function, shape (n,), centred."""
    if count < 2:
        return Estimate(value, None, None, len(influence), count)
    error = clustered_error(influence, code, count)
    interval = bounded(value, error, count, t_critical(count - 1), (0.0, 1.0))
    return with_interval(value, interval, len(influence), count)
