"""Is a free-form answer right, given reference answers? A small fitted model over `features`; no
LLM.

For every reference the features of the answer against it are computed; those of the reference that
fits best are kept, together with the largest overlap over all references. An L2 logistic regression
with pairwise products gives the probability that people call the answer right:  p = σ(b + w·z +
Σ_{i<j} v_ij·z_i·z_j),  z = (x − mean)/scale. What is plain without a model (negation, yes and no, a
value in other units) is settled by rule before it (`settled`). Coefficients (``weights.json``) are
fit by ``scripts/research/fit_answer_match.py`` on EVOUNA and OpenQA-eval; agreement on held-out
questions stands in docs/metrics.md.
"""

from __future__ import annotations

import importlib.resources
import math
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import combinations
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record
from evals.scorers.answer_match.features import NAMES, compare, read, wanted
from evals.scorers.answer_match.settled import settled
from evals.scorers.answer_match.verdict import MOST_EVIDENCE, Reason, Verdict
from evals.text.words import words

DATA_FILES: Final = ("weights.json",)
Floats = NDArray[np.float64]

MAX_REFERENCES: Final = 40
"""References that are read; more are ignored."""
MAX_ANSWER: Final = 4_000
"""Characters of an answer that are read: right answers come early."""
SURE: Final = 0.95
"""Least probability of what rules settle."""

_TOP: Final = tuple(
    NAMES.index(n) for n in ("phrase", "recall", "fuzzy_recall", "typed", "partial")
)
_RANK: Final = tuple(NAMES.index(n) for n in ("recall", "typed", "partial"))


class MatchModel(Record, frozen=True, omit_defaults=False, dict=True):
    """Coefficients: ``weights`` of the standardised features, ``products`` of their pairs in
    `combinations` order.
    """

    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    products: tuple[float, ...]
    intercept: float
    fit_on: dict[str, int]

    def probability(self, rows: Floats) -> Floats:
        """Probability of being right per row, rows (n, len(NAMES) + 5)."""
        mean, scale, weights, products = self._arrays
        z = standardised(rows, mean, scale)
        logits = z @ weights + ((z @ products) * z).sum(axis=1) + self.intercept
        chance: Floats = 1 / (1 + np.exp(-np.minimum(np.maximum(logits, -30), 30)))
        return chance

    def chance(self, row: Sequence[float]) -> float:
        """`probability` of one row, at a fraction of its time."""
        mean, scale, weights, products = self._arrays
        z = np.array(row)
        z -= mean
        z /= scale
        np.minimum(z, 6.0, out=z)
        np.maximum(z, -6.0, out=z)
        logit = float(z.dot(weights + products.dot(z))) + self.intercept
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))

    @cached_property
    def _arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Mean, scale and weights, shape (k,), and the products as an upper triangle, shape (k,
        k).
        """
        n = len(self.weights)
        triangle = np.zeros((n, n))
        triangle[_pairs(n)] = self.products
        return np.array(self.mean), np.array(self.scale), np.array(self.weights), triangle


@cache
def _pairs(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    both = np.array(list(combinations(range(n), 2)))
    return both[:, 0], both[:, 1]


def standardised(rows: Floats, mean: Floats, scale: Floats) -> Floats:
    """Features less their mean over their scale, within ±6."""
    z: Floats = np.minimum(np.maximum((rows - mean) / scale, -6), 6)
    return z


def design(rows: Floats, mean: Floats, scale: Floats) -> Floats:
    """Standardised features and their pairwise products."""
    z = standardised(rows, mean, scale)
    first, second = _pairs(rows.shape[1])
    matrix: Floats = np.hstack([z, z[:, first] * z[:, second]])
    return matrix


class Reading(NamedTuple):
    """An answer beside its references: the features of the best reference and the largest overlaps,
    and what rules settle without a model."""

    row: list[float]
    ruling: Verdict | None
    reference: str

    @property
    def right(self) -> bool | None:
        """The verdict of the rules."""
        return None if self.ruling is None else self.ruling.right


def reading(question: str, answer: str, references: Sequence[str]) -> Reading | None:
    """None where no reference has a word."""
    usable = [r for r in dict.fromkeys(references) if words(r)][:MAX_REFERENCES]
    if not usable:
        return None
    said = read(question, answer[:MAX_ANSWER])
    golds = [wanted(question, r[:MAX_ANSWER]) for r in usable]
    found = [compare(said, gold, len(usable)) for gold in golds]
    at = max(range(len(found)), key=lambda n: (found[n][0], sum(found[n][i] for i in _RANK)))
    rules = [settled(said, gold, row) for gold, row in zip(golds, found, strict=True)]
    stated = any(rule is None and row[0] for rule, row in zip(rules, found, strict=True))
    ruled = sorted((r for r in rules if r is not None), key=lambda r: not r.right)
    ruling = ruled[0] if ruled and (ruled[0].right or not stated) else None
    return Reading([*found[at], *(max(f[i] for f in found) for i in _TOP)], ruling, usable[at])


def decided(chance: float, right: bool | None) -> float:
    """A probability of the model, or what rules settle."""
    return chance if right is None else max(chance, SURE) if right else min(chance, 1 - SURE)


class Judgement(NamedTuple):
    """The probability that people call an answer right, and what was compared."""

    chance: float
    verdict: Verdict


def judged(question: str, answer: str, references: Sequence[str]) -> Judgement | None:
    """An answer against its references; None where no reference has a word."""
    found = reading(question, answer, references)
    if found is None:
        return None
    if not words(answer[:MAX_ANSWER]):
        return Judgement(0.0, Verdict(False, "absent", expected=found.reference))
    chance = decided(bundled().chance(found.row), found.right)
    right = chance >= 0.5
    reason: Reason = "likely" if right else "unlikely"
    unruled = Verdict(right, reason, expected=found.reference, clause=answer[:MOST_EVIDENCE])
    return Judgement(chance, found.ruling or unruled)


def probability(question: str, answer: str, references: Sequence[str]) -> float:
    """Probability that people call the answer right. 0 for an answer without words or without
    usable references.
    """
    found = judged(question, answer, references)
    return 0.0 if found is None else found.chance


def matches(question: str, answer: str, references: Sequence[str]) -> bool:
    """Whether the answer states one of the references: probability of at least one half."""
    return probability(question, answer, references) >= 0.5


@cache
def bundled() -> MatchModel:
    """The model that ships with the package."""
    raw = (
        importlib.resources.files("evals.scorers.answer_match")
        .joinpath("weights.json")
        .read_bytes()
    )
    return msgspec.json.decode(raw, type=MatchModel)
