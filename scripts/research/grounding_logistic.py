"""Fitting the logistic models of `groundedness`: answers, sentences, and the second stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from evals.scorers.groundedness.model import Floats, Logistic, SecondStage, beside, design

REGULARISATION: Final = 0.03
"""Inverse strength of the L2 penalty (scikit-learn's C) of both stages."""

FREE: Final = 10.0
"""How large a column stands for a set in the fit of the second stage, so that its weight is hardly
penalised, and C of the last slope."""

KEPT: Final = 1 / 3
"""Share of the first stage's logit in the second's."""


class Examples(NamedTuple):
    """Answers that the second stage is fit on: probabilities of first stages that were not fit on
    them (n,), word features (n, features), labels (n,), the set of each and its weight."""

    chance: Floats
    words: Floats
    target: Floats
    group: NDArray[Any]
    weight: Floats


def fit_second(given: Examples, names: Sequence[str], by: str) -> SecondStage:
    """Fit by two L2 logistic regressions, deterministic.

    The first weighs the evidence, with an intercept for every set: what tells the sets apart is no
    evidence of support. A third of the first stage's own logit is kept beside two of that sum, and
    the second fits the whole to the labels.
    """
    from sklearn.linear_model import LogisticRegression

    rows = beside(given.chance, given.words)
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    z = (rows - mean) / scale
    sets, counts = np.unique(given.group, return_counts=True)
    own = (given.group[:, None] == sets) * FREE
    within: Any = LogisticRegression(C=REGULARISATION, max_iter=1000)
    within.fit(np.hstack([z, own]), given.target, given.weight)
    weights = (1 - KEPT) * within.coef_[0][: z.shape[1]]
    weights[0] += KEPT * scale[0]
    across: Any = LogisticRegression(C=FREE).fit((z @ weights)[:, None], given.target, given.weight)
    return SecondStage(
        ("plain", *names),
        _short(mean),
        _short(scale),
        _short(across.coef_[0, 0] * weights),
        float(f"{across.intercept_[0]:.6g}"),
        by,
        dict(zip(sets.tolist(), counts.tolist(), strict=True)),
    )


def fit(
    rows: Floats,
    kind: Floats,
    target: Floats,
    weight: Floats,
    names: Sequence[str],
    c: float = REGULARISATION,
) -> Logistic:
    """Fit by L2 logistic regression with sample weights. Deterministic."""
    from sklearn.linear_model import LogisticRegression

    mean, spread, kind_mean = rows.mean(axis=0), rows.std(axis=0), kind.mean(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0)
    model: Any = LogisticRegression(C=c, max_iter=500)
    model.fit(design(rows, kind, mean, scale, kind_mean), target, sample_weight=weight)
    return Logistic(
        tuple(names),
        _short(mean),
        _short(scale),
        _short(kind_mean),
        _short(model.coef_[0]),
        float(f"{model.intercept_[0]:.6g}"),
    )


def _short(values: Floats) -> tuple[float, ...]:
    return tuple(float(f"{v:.6g}") for v in values)
