"""Fitting the boosted trees of `groundedness`, and reading their numbers out of scikit-learn's."""

from __future__ import annotations

from typing import Any, Final

from evals.scorers.groundedness.trees import DEPTH, Floats, Trees

TREES: Final = 150

LEARNING_RATE: Final = 0.05

MIN_LEAF: Final = 20
"""Least number of answers in a leaf."""

L2: Final = 5.0
"""Penalty on leaf values."""


def fit(rows: Floats, target: Floats, weight: Floats, columns: tuple[str, ...]) -> Trees:
    """Fit with sample weights. Deterministic. Its settings were chosen beforehand and are not tuned
    to any set.
    """
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
        level = [
            c
            for n in level
            for c in ((n, n) if n["is_leaf"] else (nodes[n["left"]], nodes[n["right"]]))
        ]
    return tuple(feature), tuple(threshold), tuple(float(n["value"]) for n in level)
