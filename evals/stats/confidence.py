"""How well confidence tells right from wrong: AUROC, area under the risk–coverage curve,
calibration error.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.clustered import clustered_error, codes
from evals.stats.estimate import Estimate, Floats, Influence, nothing, with_interval
from evals.stats.wilson import bounded, t_critical

BINS: Final = 10


def auroc(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Probability that a right answer carries more confidence than a wrong one, ties counting half.

    Estimand: P(c₊ > c₋) + ½P(c₊ = c₋) over independent clusters. The interval uses the placement
    values of each answer (DeLong 1988), summed by cluster (Obuchowski 1997). Shapes (n,). No value
    where all are right or all are wrong.
    """
    return _from_influence(auroc_influence(confidence, correct), clusters)


def auroc_influence(confidence: Floats, correct: Floats) -> Influence | None:
    """Placement values of each answer, centred: among the other kind of answers, the share it
    beats.
    """
    right = correct > 0.5
    n, positives, negatives = len(confidence), int(right.sum()), int((~right).sum())
    if positives == 0 or negatives == 0:
        return None
    ups, downs = np.sort(confidence[right]), np.sort(confidence[~right])
    below = (
        np.searchsorted(downs, confidence, "left") + np.searchsorted(downs, confidence, "right")
    ) / (2 * negatives)
    above = 1 - (
        np.searchsorted(ups, confidence, "left") + np.searchsorted(ups, confidence, "right")
    ) / (2 * positives)
    value = float(below[right].mean())
    return Influence(
        value, np.where(right, (below - value) * n / positives, (above - value) * n / negatives)
    )


def aurc(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Area under the risk–coverage curve: the error rate among the k most confident answers,
    averaged over k.

    Estimand: E_t[P(wrong | c ≥ t)], t distributed as the confidence (Geifman and El-Yaniv 2017).
    Ties share their mean error, which is the expectation over their order. The interval is that of
    `aurc_influence`, summed by cluster. Shapes (n,). No item: no value.
    """
    return _from_influence(aurc_influence(confidence, correct), clusters)


def aurc_influence(confidence: Floats, correct: Floats) -> Influence | None:
    """R(c) − A + E_t[1(c ≥ t)(wrong − R(t))/P(c ≥ t)] of each answer; None without items."""
    n = len(confidence)
    if n == 0:
        return None
    wrong = 1.0 - correct
    _, tied = np.unique(-confidence, return_inverse=True)
    level = np.bincount(tied, weights=wrong) / np.bincount(tied)
    order = np.argsort(-confidence, kind="stable")
    covered = np.arange(1, n + 1)
    risk = np.cumsum(level[tied[order]]) / covered
    thresholds = np.cumsum((1 / covered)[::-1])[::-1]
    accepted = np.cumsum((risk / covered)[::-1])[::-1]
    influence = np.empty(n)
    influence[order] = risk - risk.mean() + wrong[order] * thresholds - accepted
    return Influence(float(risk.mean()), influence - influence.mean())


def ece(confidence: Floats, correct: Floats, clusters: NDArray[np.generic]) -> Estimate:
    """Expected calibration error over ten bins of equal width on [0, 1], without an interval.

    Estimand: Σ_b |Σ_{i∈b}(confidence − correct)|/n (Naeini 2015; Guo 2017). The plug-in value is
    biased upwards in small samples, by about as much as a bootstrap interval is wide, so none is
    given: compare at equal n. Shapes (n,). No item: no value. Raises ValueError for a confidence
    outside [0, 1].
    """
    found, (_, count) = ece_influence(confidence, correct), codes(clusters)
    return Estimate(None if found is None else found.value, None, None, len(confidence), count)


def ece_influence(confidence: Floats, correct: Floats) -> Influence | None:
    """The sign of each bin's gap times the answer's own gap, centred; None without items."""
    if len(confidence) == 0:
        return None
    bin_of, gap = _bins(confidence), confidence - correct
    signs = np.sign(np.bincount(bin_of, weights=gap, minlength=BINS))
    each = signs[bin_of] * gap
    return Influence(float(each.mean()), each - each.mean())


def _bins(confidence: Floats) -> NDArray[np.int64]:
    if confidence.min() < 0 or confidence.max() > 1:
        raise ValueError("calibration needs confidences in [0, 1]")
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)


def _from_influence(found: Influence | None, clusters: NDArray[np.generic]) -> Estimate:
    """Interval of a value in [0, 1] from its influence function."""
    code, count = codes(clusters)
    if found is None:
        return nothing(len(clusters), count)
    if count < 2:
        return Estimate(found.value, None, None, len(clusters), count)
    error = clustered_error(found.each, code, count)
    interval = bounded(found.value, error, count, t_critical(count - 1), (0.0, 1.0))
    return with_interval(found.value, interval, len(clusters), count)
