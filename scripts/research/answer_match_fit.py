"""Fitting the model behind `answer_match`."""

from __future__ import annotations

from typing import Any

import numpy as np

from evals.scorers.answer_match.model import Floats, MatchModel, design


def fit(rows: Floats, target: Floats, fit_on: dict[str, int], c: float = 0.003) -> MatchModel:
    """Fit the model. Deterministic."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    model: Any = LogisticRegression(C=c, max_iter=200)
    model.fit(design(rows, mean, scale), target)
    weights = _short(model.coef_[0])
    n = rows.shape[1]
    return MatchModel(
        _short(mean), _short(scale), weights[:n], weights[n:], float(model.intercept_[0]), fit_on
    )


def _short(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{v:.5g}") for v in values)
