"""The boosted trees inside `groundedness`, stored as plain numbers and read by numpy alone.

Fit by scikit-learn's histogram gradient boosting on log loss; with M trees t_m of depth `DEPTH` (leaf values already
shrunk by the learning rate) the log-odds of a row x are f(x) = b + Σ_m t_m(x) (Friedman 2001). Each tree is stored as a
complete one, level by level: from node n a row goes to 2n + 1 where x[feature] ≤ threshold and to 2n + 2 where it is
greater, so all trees and rows step down together. A branch that ends early is filled up with copies of its leaf.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

DEPTH: Final = 3
TREES: Final = 150
LEARNING_RATE: Final = 0.05
MIN_LEAF: Final = 20
"""Least number of answers in a leaf."""
L2: Final = 5.0
"""Penalty on leaf values."""


class Trees(Record, frozen=True, omit_defaults=False, dict=True):
    """M fitted trees: ``feature`` and ``threshold`` have shape (M, 2^DEPTH − 1), ``leaf`` has (M, 2^DEPTH)."""

    columns: tuple[str, ...]
    intercept: float
    feature: tuple[tuple[int, ...], ...]
    threshold: tuple[tuple[float, ...], ...]
    leaf: tuple[tuple[float, ...], ...]

    def logit(self, rows: Floats) -> Floats:
        """Log-odds, shape (n,), of ``rows`` (n, columns), all finite."""
        feature, threshold, leaf = self._arrays
        tree, row = np.arange(len(feature)), np.arange(len(rows))[:, None]
        node = np.zeros((len(rows), len(feature)), dtype=np.int64)
        for _ in range(DEPTH):
            node = 2 * node + 1 + (rows[row, feature[tree, node]] > threshold[tree, node])
        found: Floats = self.intercept + leaf[tree, node - feature.shape[1]].sum(axis=1)
        return found

    @cached_property
    def _arrays(self) -> tuple[Places, Floats, Floats]:
        return np.array(self.feature), np.array(self.threshold), np.array(self.leaf)


def fit(rows: Floats, target: Floats, weight: Floats, columns: tuple[str, ...]) -> Trees:
    """Fit with sample weights. Deterministic. Its settings were chosen beforehand and are not tuned to any set."""
    model = booster().fit(rows, target, sample_weight=weight)
    return stored(model, columns)


def booster() -> Any:
    """The unfitted model of scikit-learn."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=LEARNING_RATE,
        max_depth=DEPTH,
        max_leaf_nodes=None,
        min_samples_leaf=MIN_LEAF,
        l2_regularization=L2,
        early_stopping=False,
        random_state=0,
    )


def stored(model: Any, columns: tuple[str, ...]) -> Trees:
    """The numbers of a fitted `booster`."""
    trees = [_complete(predictor.nodes) for (predictor,) in model._predictors]
    feature, threshold, leaf = zip(*trees, strict=True)
    return Trees(columns, float(model._baseline_prediction.item()), feature, threshold, leaf)


def _complete(nodes: Any) -> tuple[tuple[int, ...], tuple[float, ...], tuple[float, ...]]:
    """(feature, threshold, leaf) of one tree, filled up to `DEPTH`."""
    feature: list[int] = []
    threshold: list[float] = []
    level = [nodes[0]]
    for _ in range(DEPTH):
        feature += [0 if n["is_leaf"] else int(n["feature_idx"]) for n in level]
        threshold += [0.0 if n["is_leaf"] else float(n["num_threshold"]) for n in level]
        level = [c for n in level for c in ((n, n) if n["is_leaf"] else (nodes[n["left"]], nodes[n["right"]]))]
    return tuple(feature), tuple(threshold), tuple(float(n["value"]) for n in level)
