"""The calibrated models behind `groundedness`: coefficients in ``weights.json``, fit by
scikit-learn.

Two logistic models share their form. One reads a whole answer and gives the log-odds g that it is
supported; one reads a sentence and gives those that it is not, which names the unsupported spans.
Each standardises its features x and adds three interactions, so that one model serves answers to
questions, summaries and renderings of records:

    g = b + w·z + u·k + Σ_j v_j·(k_j − k̄_j)·z,   z = (x − mean)/scale,   k = (question?, record?,
    short?)

An answer's log-odds are averaged with those f(x, k) of boosted trees (`groundedness.trees`): p =
σ((g + f)/2). Trees do not extrapolate a feature beyond the values they were fit on, which helps on
texts unlike all of those.

Where the metric is given a language model, a second stage (``likelihood_weights.json``) weighs the
logit of that probability against the likelihood of the answer's words: p' = σ(b + a·logit p + w·z),
z standardised as above.

``python -m scripts.research.fit_groundedness`` fits and writes them;
`scripts/research/validate_metrics.py` reports held-out folds.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record
from evals.scorers.groundedness.asking import asking
from evals.scorers.groundedness.trees import Trees
from evals.text.words import MAX_CHARS

DATA_FILES: Final = ("weights.json", "likelihood_weights.json")
Floats = NDArray[np.float64]


KINDS: Final = ("question", "record", "short")


class Logistic(Record, frozen=True, omit_defaults=False, dict=True):
    """A fitted model. ``weights`` has length n + 3 + 3·n for n features: own, kinds, interactions
    by kind.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    kind_mean: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def logit(self, rows: Floats, kinds: Floats) -> Floats:
        """Log-odds per row; ``rows`` (n, features), ``kinds`` (n, 3)."""
        mean, scale, kind_mean, weights = self._arrays
        found: Floats = np.clip(
            design(rows, kinds, mean, scale, kind_mean) @ weights + self.intercept, -30, 30
        )
        return found

    def probability(self, rows: Floats, kinds: Floats) -> Floats:
        """Probability per row."""
        return sigmoid(self.logit(rows, kinds))

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        return (
            np.array(self.mean),
            np.array(self.scale),
            np.array(self.kind_mean),
            np.array(self.weights),
        )


class Blend(Record, frozen=True, omit_defaults=False):
    """A logistic model and boosted trees on the same features, their log-odds averaged."""

    logistic: Logistic
    trees: Trees

    def probability(self, rows: Floats, kinds: Floats) -> Floats:
        """Probability per row; ``rows`` (n, features), ``kinds`` (n, 3)."""
        return sigmoid(
            (self.logistic.logit(rows, kinds) + self.trees.logit(np.hstack([rows, kinds]))) / 2
        )


class GroundingModel(Record, frozen=True, omit_defaults=False):
    """Models of answers and of sentences, the sentence risk from which on a span is named, what
    they were fit on.
    """

    answer: Blend
    sentence: Logistic
    span_threshold: float
    fit_on: dict[str, int]


class SecondStage(Record, frozen=True, omit_defaults=False):
    """The first stage's logit beside a language model's evidence; ``reference_model`` is the model
    that it was fit on.
    """

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    reference_model: str
    fit_on: dict[str, int]

    def probability(self, chance: Floats, words: Floats) -> Floats:
        """Probability per row: ``chance`` (n,) of the first stage, ``words`` (n, features) of
        `groundedness.words`.
        """
        z = (beside(chance, words) - np.array(self.mean)) / np.array(self.scale)
        return sigmoid(np.clip(z @ np.array(self.weights) + self.intercept, -30, 30))


def sigmoid(logit: Floats) -> Floats:
    """The probability of log-odds."""
    found: Floats = 1 / (1 + np.exp(-logit))
    return found


def beside(chance: Floats, words: Floats) -> Floats:
    """The second stage's rows, shape (n, 1 + features): the logit of the first stage's probability,
    then the words.
    """
    held = np.clip(chance, 1e-6, 1 - 1e-6)
    rows: Floats = np.hstack([np.log(held / (1 - held))[:, None], words])
    return rows


def kinds(question: str, answer: str, contexts: Sequence[str]) -> list[float]:
    """(how far the question asks, contexts are records?, how short the answer is), each in [0,
    1].
    """
    record = bool(contexts) and contexts[0].lstrip()[:1] in ("{", "[")
    short = 1 / (1 + np.exp((min(len(answer[:MAX_CHARS].split()), 400) - 40) / 8))
    return [asking(question), float(record), float(short)]


def design(rows: Floats, kind: Floats, mean: Floats, scale: Floats, kind_mean: Floats) -> Floats:
    """The design matrix, shape (n, 4·features + 3)."""
    z = (rows - mean) / scale
    centred = kind - kind_mean
    matrix: Floats = np.hstack([z, kind, *(z * centred[:, [j]] for j in range(kind.shape[1]))])
    return matrix


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
