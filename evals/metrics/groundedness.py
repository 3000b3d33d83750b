"""`groundedness`: the calibrated probability that an answer is supported by its retrieved context.

Deterministic features (`grounding`) in a small logistic model fit on human labels (`grounding_model`); the sentences
that are probably unsupported are named in the detail, with the typed claims that no passage carries. Agreement with
people, and the length-only baseline beside it, stand in docs/metrics.md. Unscored: ``not_applicable`` for a closed-book
system, ``no_context`` where retrieval came back empty, ``unparseable`` for an answer without a word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.grounding import Piece, features
from evals.metrics.grounding_model import GroundingModel, bundled, kinds
from evals.metrics.text import MAX_CHARS, clean, words
from evals.schema import Item, Response, Score, scored, unscored


@dataclass(frozen=True)
class Support:
    """``value`` is the probability of support; ``spans`` are (start, end, probability) of unsupported sentences."""

    value: float
    spans: tuple[tuple[int, int, float], ...]
    claims: tuple[str, ...]


def assess(question: str, answer: str, contexts: Sequence[str], model: GroundingModel | None = None) -> Support:
    """Judge an answer against its contexts. Spans are places in the cleaned answer (`text.clean`)."""
    chosen = model or bundled()
    text = answer[:MAX_CHARS]
    vector, pieces = features(question, text, tuple(contexts))
    kind = np.array([kinds(question, text, contexts)])
    value = float(chosen.answer.probability(np.array([vector]), kind)[0])
    risks = _risks(chosen, pieces, kind)
    spans = tuple(
        (p.start, p.end, round(r, 4)) for p, r in zip(pieces, risks, strict=True) if r >= chosen.span_threshold
    )
    return Support(value, spans, tuple(c.text for p in pieces for c in p.bad))


def _risks(
    model: GroundingModel, pieces: list[Piece], kind: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> list[float]:
    if not pieces:
        return []
    rows = np.array([p.vector() for p in pieces])
    found: list[float] = model.sentence.probability(rows, np.repeat(kind, len(pieces), axis=0)).tolist()
    return found


def score(item: Item, response: Response) -> Score:
    """The probability over all retrieved passages together."""
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    if not words(response.text[:MAX_CHARS]):
        return unscored("unparseable")
    found = assess(item.question, response.text, [p.text for p in response.passages])
    text = clean(response.text[:MAX_CHARS])
    return scored(
        found.value,
        unsupported=[{"start": a, "end": b, "risk": r, "text": text[a:b]} for a, b, r in found.spans[:20]],
        claims=list(found.claims[:20]),
    )


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("groundedness", score, "probability that the answer is supported by its context")
