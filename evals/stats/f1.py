"""Macro-averaged F1 of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums, codes
from evals.stats.estimate import Estimate, Floats, Influence, nothing, with_interval


def macro_f1(
    gold: NDArray[Any], predicted: NDArray[Any], clusters: NDArray[np.generic]
) -> Estimate:
    """Mean over the gold labels of F1 = 2·TP/(2·TP + FP + FN), with a cluster-bootstrap BCa
    interval.

    Estimand: macro F1 over the labels that occur in gold (a label that is only ever predicted
    counts as false positives of no class, as in scikit-learn with ``labels`` set to the gold ones).
    Rare labels weigh as much as common ones; a resample in which a label never occurs averages the
    others. Shapes (n,); missing values are not accepted. Where all is right or all wrong the draws
    do not vary and there is no interval.
    """
    n = len(gold)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    labels = np.unique(gold)
    columns = [column for label in labels for column in _outcomes(gold, predicted, label)]
    sums = np.column_stack([cluster_sums(column, code, count) for column in columns])
    value = float(_macro(sums.sum(axis=0)[None, :])[0])
    return with_interval(value, bca(sums, _macro), n, count)


def macro_f1_influence(gold: NDArray[Any], predicted: NDArray[Any]) -> Influence | None:
    """Influence on macro F1, by the derivative of 2·TP/(2·TP + FP + FN) in its counts; None without
    items.
    """
    if len(gold) == 0:
        return None
    labels = np.unique(gold)
    each, total = np.zeros(len(gold)), 0.0
    for label in labels:
        hit, wrong, missed = _outcomes(gold, predicted, label)
        size = 2 * hit.mean() + wrong.mean() + missed.mean()
        score = 2 * hit.mean() / size
        each += (2 * hit - score * (2 * hit + wrong + missed)) / size
        total += float(score)
    return Influence(total / len(labels), each / len(labels))


def _outcomes(
    gold: NDArray[Any], predicted: NDArray[Any], label: object
) -> tuple[Floats, Floats, Floats]:
    """Whether each item is a true positive, false positive or false negative of the label."""
    is_gold, is_predicted = gold == label, predicted == label
    hit, wrong, missed = is_gold & is_predicted, is_predicted & ~is_gold, is_gold & ~is_predicted
    return hit.astype(np.float64), wrong.astype(np.float64), missed.astype(np.float64)


def _macro(totals: Floats) -> Floats:
    hits, wrong, missed = (totals[:, k::3] for k in range(3))
    present = hits + missed > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(present, 2 * hits / (2 * hits + wrong + missed), 0.0)
        macro: Floats = each.sum(axis=1) / present.sum(axis=1)
    return macro
