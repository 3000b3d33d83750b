"""The reader of refusals that no pattern foresees, for `abstention`: a logistic regression over words and marks.

    g = b + Σ_w weight_w·x_w / √(Σ x_w²) + Σ_u like_u·x_u / √(Σ x_u²) + v·marks,   x_w = (1 + ln count_w)·idf_w

over the words and pairs of neighbouring words that it knows (w), the words of a larger lexicon (u) and `marks`: what
the patterns found, values asserted, length, questions, first person, negation. A word of the lexicon weighs what one
direction in a language model's word vectors makes of it, like_u = d·vector_u, so that "undisclosed" says something
where only "unspecified" was met; no vector is kept. Coefficients (``weights.json``) are fit by
``scripts/research/fit_abstention.py`` on answers written and labelled by hand for it; docs/metrics.md has what it
reaches on answers it was not fit on.
"""

from __future__ import annotations

import importlib.resources
import math
import re
from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record
from evals.scorers.linear import Grams, pairs
from evals.text.words import word_set, words

DATA_FILES: Final = ("weights.json",)
Floats = NDArray[np.float64]

SPEAKS: Final = word_set("i i'm i'd i'll i've we we're we'd we'll we've me my our us that that's this still yet")
"""Words of speakers and of what was asked."""
_I: Final = word_set("i i'm i've i'd i'll me my im")
_WE: Final = word_set("we our us we're we've we'll")
_NEGATION = re.compile(r"n't|\bnot?\b|\bnever\b|\bcannot\b|\bnothing\b")

MARKS: Final = (
    "abstained", "partly", "declined", "asserts", "values", "length", "short", "bare", "ends_asking", "asks",
    "first_person", "we", "negation", "quotes", "capitals",
)  # fmt: skip
"""The marks, in order. *abstained* and *declined* are set in the fit alone, so that words explain what patterns leave
over: where these find an abstention or a denial, the model is not asked."""


THRESHOLD: Final = 0.7
"""The probability from which an answer is taken for a refusal: above one half, because refusals are a larger part of
what the model is fit on than of what systems answer."""


class AbstentionModel(Record, frozen=True, omit_defaults=False, dict=True):
    """``grams`` has (idf, weight) of each word and pair, ``lexicon`` (idf, like) of each word that has a vector,
    ``marks`` a weight for each of `MARKS`."""

    grams: dict[str, tuple[float, float]]
    lexicon: dict[str, tuple[float, float]]
    marks: tuple[float, ...]
    intercept: float
    fit_on: dict[str, int]

    def chance(self, cleaned: str, marked: Sequence[float]) -> float:
        """Probability that a cleaned answer does not give what was asked."""
        logit = self._grams.share(ngrams(cleaned)) + self._lexicon.share(words(cleaned)) + self.intercept
        logit += sum(w * m for w, m in zip(self.marks, marked, strict=True))
        return 1 / (1 + math.exp(-min(max(logit, -30.0), 30.0)))

    @cached_property
    def _grams(self) -> Grams:
        return Grams(self.grams)

    @cached_property
    def _lexicon(self) -> Grams:
        return Grams(self.lexicon)


def ngrams(cleaned: str) -> list[str]:
    """Words and pairs of neighbours, in order."""
    return list(pairs(list(words(cleaned))))


def marks(cleaned: str, state: str, declined: bool, asserted: int) -> list[float]:
    """The marks of a cleaned answer beside what patterns found in it, in the order of `MARKS`, each about 0 to 1."""
    tokens = words(cleaned)
    n = max(1, len(tokens))
    return [
        float(state == "abstained"),
        float(state == "partly"),
        float(declined),
        float(asserted > 0),
        min(3, asserted) / 3,
        math.log1p(len(tokens)) / 4,
        float(len(tokens) <= 4),
        float(len(tokens) <= 2),
        float(cleaned.endswith("?")),
        float("?" in cleaned),
        5 * sum(t in _I for t in tokens) / n,
        5 * sum(t in _WE for t in tokens) / n,
        float(_negates(cleaned.lower())),
        float(cleaned.count('"') > 1),
        float(cleaned[1:] != cleaned[1:].lower()),
    ]


def _negates(low: str) -> bool:
    return ("no" in low or "n't" in low or "never" in low) and _NEGATION.search(low) is not None


@cache
def bundled() -> AbstentionModel:
    """The model that ships with the package."""
    raw = importlib.resources.files("evals.scorers.abstention").joinpath("weights.json").read_bytes()
    return msgspec.json.decode(raw, type=AbstentionModel)
