"""The calibrated models behind `groundedness`: coefficients in ``weights.json``, fit by scikit-learn.

Two logistic models share their form. One reads a whole answer and gives the log-odds g that it is supported; one reads
a sentence and gives those that it is not, which names the unsupported spans. Each standardises its features x and adds
three interactions, so that one model serves answers to questions, summaries and renderings of records:

    g = b + w·z + u·k + Σ_j v_j·(k_j − k̄_j)·z,   z = (x − mean)/scale,   k = (question?, record?, short?)

An answer's log-odds are averaged with those f(x, k) of boosted trees (`groundedness.trees`): p = σ((g + f)/2). Trees do
not extrapolate a feature beyond the values they were fit on, which helps on texts unlike all of those.

Where a language model is lent, a second stage (``likelihood_weights.json``) weighs the logit of that probability
against the likelihood of the answer's words: p' = σ(b + a·logit p + w·z), z standardised as above.

``python -m scripts.research.fit_groundedness`` fits and writes them; `scripts/research/validate_metrics.py` reports
held-out folds.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record
from evals.scorers.groundedness.asking import asking
from evals.scorers.groundedness.trees import Trees
from evals.text.words import MAX_CHARS

Floats = NDArray[np.float64]

REGULARISATION: Final = 0.03
"""Inverse strength of the L2 penalty (scikit-learn's C) of both stages."""

FREE: Final = 10.0
"""How large a column stands for a set in the fit of the second stage, so that its weight is hardly penalised, and C of
the last slope."""

KEPT: Final = 1 / 3
"""Share of the first stage's logit in the second's."""

KINDS: Final = ("question", "record", "short")


class Logistic(Record, frozen=True, omit_defaults=False):
    """A fitted model. ``weights`` has length n + 3 + 3·n for n features: own, kinds, interactions by kind."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    kind_mean: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def logit(self, rows: Floats, kinds: Floats) -> Floats:
        """Log-odds per row; ``rows`` (n, features), ``kinds`` (n, 3)."""
        matrix = design(rows, kinds, np.array(self.mean), np.array(self.scale), np.array(self.kind_mean))
        found: Floats = np.clip(matrix @ np.array(self.weights) + self.intercept, -30, 30)
        return found

    def probability(self, rows: Floats, kinds: Floats) -> Floats:
        """Probability per row."""
        return sigmoid(self.logit(rows, kinds))


class Blend(Record, frozen=True, omit_defaults=False):
    """A logistic model and boosted trees on the same features, their log-odds averaged."""

    logistic: Logistic
    trees: Trees

    def probability(self, rows: Floats, kinds: Floats) -> Floats:
        """Probability per row; ``rows`` (n, features), ``kinds`` (n, 3)."""
        return sigmoid((self.logistic.logit(rows, kinds) + self.trees.logit(np.hstack([rows, kinds]))) / 2)


class GroundingModel(Record, frozen=True, omit_defaults=False):
    """Models of answers and of sentences, the sentence risk from which on a span is named, what they were fit on."""

    answer: Blend
    sentence: Logistic
    span_threshold: float
    fit_on: dict[str, int]


class SecondStage(Record, frozen=True, omit_defaults=False):
    """The first stage's logit beside a language model's evidence; ``heard_by`` is the model that it was fit on."""

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    heard_by: str
    fit_on: dict[str, int]

    def probability(self, chance: Floats, words: Floats) -> Floats:
        """Probability per row: ``chance`` (n,) of the first stage, ``words`` (n, features) of `groundedness.words`."""
        z = (beside(chance, words) - np.array(self.mean)) / np.array(self.scale)
        return sigmoid(np.clip(z @ np.array(self.weights) + self.intercept, -30, 30))


def sigmoid(logit: Floats) -> Floats:
    """The probability of log-odds."""
    found: Floats = 1 / (1 + np.exp(-logit))
    return found


def beside(chance: Floats, words: Floats) -> Floats:
    """The second stage's rows, shape (n, 1 + features): the logit of the first stage's probability, then the words."""
    held = np.clip(chance, 1e-6, 1 - 1e-6)
    rows: Floats = np.hstack([np.log(held / (1 - held))[:, None], words])
    return rows


class Examples(NamedTuple):
    """Answers that the second stage is fit on: probabilities of first stages that were not fit on them (n,), word
    features (n, features), labels (n,), the set of each and its weight."""

    chance: Floats
    words: Floats
    target: Floats
    group: NDArray[Any]
    weight: Floats


def fit_second(given: Examples, names: Sequence[str], by: str) -> SecondStage:
    """Fit by two L2 logistic regressions, deterministic.

    The first weighs the evidence, with an intercept for every set: what tells the sets apart is no evidence of support.
    A third of the first stage's own logit is kept beside two of that sum, and the second fits the whole to the labels.
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


def kinds(question: str, answer: str, contexts: Sequence[str]) -> list[float]:
    """(how far the question asks, contexts are records?, how short the answer is), each in [0, 1]."""
    record = bool(contexts) and contexts[0].lstrip()[:1] in ("{", "[")
    short = 1 / (1 + np.exp((min(len(answer[:MAX_CHARS].split()), 400) - 40) / 8))
    return [asking(question), float(record), float(short)]


def design(rows: Floats, kind: Floats, mean: Floats, scale: Floats, kind_mean: Floats) -> Floats:
    """The design matrix, shape (n, 4·features + 3)."""
    z = (rows - mean) / scale
    centred = kind - kind_mean
    matrix: Floats = np.hstack([z, kind, *(z * centred[:, [j]] for j in range(kind.shape[1]))])
    return matrix


def fit(
    rows: Floats, kind: Floats, target: Floats, weight: Floats, names: Sequence[str], c: float = REGULARISATION
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


@cache
def bundled() -> GroundingModel:
    """The model that ships with the package."""
    return msgspec.json.decode(_stored("weights.json"), type=GroundingModel)


@cache
def bundled_second() -> SecondStage:
    """The second stage that ships with the package."""
    return msgspec.json.decode(_stored("likelihood_weights.json"), type=SecondStage)


def _stored(name: str) -> bytes:
    return importlib.resources.files("evals.scorers.groundedness").joinpath(name).read_bytes()
