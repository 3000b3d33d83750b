"""Macro-averaged F1 of labels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.stats.bootstrap import bca
from evals.stats.clustered import cluster_sums, codes
from evals.stats.estimate import Estimate, Floats, nothing, with_interval


def macro_f1(gold: NDArray[Any], predicted: NDArray[Any], clusters: NDArray[np.generic]) -> Estimate:
    """Mean over the gold labels of F1 = 2·TP/(2·TP + FP + FN), with a cluster-bootstrap BCa interval.

    Estimand: macro F1 over the labels that occur in gold (a label that is only ever predicted counts as false positives
    of no class, as in scikit-learn with ``labels`` set to the gold ones). Rare labels weigh as much as common ones; a
    resample in which a label never occurs averages the others. Shapes (n,); missing values are not accepted. Where all
    is right or all wrong the draws do not vary and there is no interval.
    """
    n = len(gold)
    if n == 0:
        return nothing(0, 0)
    code, count = codes(clusters)
    labels = np.unique(gold)
    columns = []
    for label in labels:
        is_gold, is_said = gold == label, predicted == label
        columns += [is_gold & is_said, is_said & ~is_gold, is_gold & ~is_said]
    sums = np.column_stack([cluster_sums(c.astype(np.float64), code, count) for c in columns])
    value = float(_macro(sums.sum(axis=0)[None, :])[0])
    return with_interval(value, bca(sums, _macro), n, count)


def _macro(totals: Floats) -> Floats:
    hits, wrong, missed = (totals[:, k::3] for k in range(3))
    present = hits + missed > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(present, 2 * hits / (2 * hits + wrong + missed), 0.0)
        macro: Floats = each.sum(axis=1) / present.sum(axis=1)
    return macro
