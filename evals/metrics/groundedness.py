"""`groundedness`: how far an answer is supported by its retrieved context, from 0 to 1.

Deterministic features (`groundedness.features`) in a small logistic model and boosted trees, whose
log-odds are averaged (`groundedness.model`, `groundedness.trees`), fit on human labels and on
generated answers with a value swapped; where the context has a `likelihood`, a second stage weighs
how likely it finds the answer's words with the context and without it. Their log-odds and those of
how much of the answer stands in the contexts word by word (`groundedness.copied`, which no fit has
touched) are averaged: so kinds of text that were never fit on are ranked about as well as by
overlap alone. The result ranks answers; how many are supported it does not say, unless people's
labels of yours do (`adaptbench label`). A short sentence that the contexts deny settles it
(`groundedness.denied`). The sentences that are probably unsupported are named in the detail, by the
first stage, with the typed claims that no passage carries. Agreement with people, and the
length-only baseline beside it, stand in docs/metrics.md.

Unscored: ``not_applicable`` for a closed-book system, ``no_context`` where retrieval came back
empty, ``unparseable`` for an answer without a word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from evals.core.interfaces import TextLikelihood
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.scorers.groundedness.copied import copied, log_odds
from evals.scorers.groundedness.denied import is_denied
from evals.scorers.groundedness.features import Piece, features
from evals.scorers.groundedness.likelihood import ask
from evals.scorers.groundedness.model import Floats, GroundingModel, bundled, bundled_second, kinds
from evals.scorers.groundedness.words import row
from evals.text.words import MAX_CHARS, clean, words

DENIED: Final = 0.05
"""Most that an answer can have of which the contexts deny a sentence."""


@dataclass(frozen=True)
class Support:
    """``value`` ranks support from 0 to 1; ``spans`` are (start, end, probability) of
    unsupported sentences.
    """

    value: float
    spans: tuple[tuple[int, int, float], ...]
    claims: tuple[str, ...]


def assess(
    question: str,
    answer: str,
    contexts: Sequence[str],
    model: GroundingModel | None = None,
    likelihood: TextLikelihood | None = None,
) -> Support:
    """Judge an answer against its contexts. Spans are places in the cleaned answer
    (`text.clean`).
    """
    chosen = model or bundled()
    text = answer[:MAX_CHARS]
    vector, pieces = features(question, text, tuple(contexts))
    kind = np.array([kinds(question, text, contexts)])
    chance = chosen.answer.probability(np.array([vector]), kind)
    if likelihood is not None:
        (evidence,) = ask(likelihood, question, contexts, [text])
        chance = bundled_second().probability(
            chance, np.array([row(question, text, contexts, evidence)])
        )
    unsupported = any(p.bad for p in pieces)
    value = averaged(float(chance[0]), copied(text, contexts), unsupported)
    read = clean(text)
    denied = [is_denied(read[p.start : p.end], tuple(contexts)) for p in pieces]
    risks = [
        max(r, 1 - DENIED) if d else r
        for r, d in zip(_risks(chosen, pieces, kind), denied, strict=True)
    ]
    spans = tuple(
        (p.start, p.end, round(r, 4))
        for p, r in zip(pieces, risks, strict=True)
        if r >= chosen.span_threshold
    )
    return Support(
        min(value, DENIED) if any(denied) else value,
        spans,
        tuple(c.text for p in pieces for c in p.bad),
    )


def averaged(chance: float, share: float, unsupported: bool) -> float:
    """The models' probability and the overlap, averaged as log-odds with equal weights. A typed
    claim that no context carries (a wrong price in a copied sentence) is hardly seen in the
    overlap, so with one it may not raise what the models say.
    """
    mean = 1 / (1 + math.exp(-(log_odds(chance) + log_odds(share)) / 2))
    return min(chance, mean) if unsupported else mean


def _risks(model: GroundingModel, pieces: list[Piece], kind: Floats) -> list[float]:
    if not pieces:
        return []
    rows = np.array([p.vector() for p in pieces])
    found: list[float] = model.sentence.probability(
        rows, np.repeat(kind, len(pieces), axis=0)
    ).tolist()
    return found


def score(answer: Answer, likelihood: TextLikelihood | None = None) -> Score:
    """Support by all retrieved passages together."""
    item, response = answer.item, answer.response
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    if not words(response.text[:MAX_CHARS]):
        return unscored("unparseable")
    found = assess(
        item.question, response.text, [p.text for p in response.passages], likelihood=likelihood
    )
    text = clean(response.text[:MAX_CHARS])
    asked = {} if likelihood is None else {"likelihood": likelihood.identity}
    return scored(
        found.value,
        unsupported=[
            {"start": a, "end": b, "risk": r, "text": text[a:b]} for a, b, r in found.spans[:20]
        ],
        claims=list(found.claims[:20]),
        **asked,
    )


def build(context: MetricContext) -> Metric:
    """The metric, with the context's language model, if any."""
    likelihood = context.likelihood
    return Metric(
        "groundedness",
        "higher",
        partial(score, likelihood=likelihood),
        "how far the contexts support the answer: a rank, no probability",
        needs=frozenset({"contexts"}),
        uses=frozenset({"likelihood"}),
        settings={} if likelihood is None else {"likelihood": likelihood.identity},
    )
