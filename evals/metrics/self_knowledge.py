"""`self_knowledge`: right although no retrieved passage holds the answer, so it came from the weights.

RAGChecker's algebra (Ru 2024, arXiv 2408.08067) on slots: self-knowledge = right ∧ not in the context; its complement
among the right answers was at least available to read. 1 or 0 over answerable items with typed or worded slots.
Unscored: ``not_applicable`` without retrieval, on unanswerable and structured items; ``no_gold``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.gold import TYPED, gold_values
from evals.metrics.mentions import mentions
from evals.metrics.outcome import outcome
from evals.metrics.text import contains_phrase, words
from evals.metrics.values import same
from evals.schema import Item, Response, Score, Slot, scored, unscored

_WORDED = TYPED | {"name", "choice", "text"}


def available(slot: Slot, response: Response) -> bool:
    """Whether a retrieved passage states the slot's value (typed values by value, words in a row)."""
    texts = [p.text for p in response.passages or ()]
    golds = gold_values(slot) if slot.kind in TYPED else ()
    if golds:
        return any(same(g, m.value) for g in golds for t in texts for m in mentions(t))
    return any(contains_phrase(words(t), words(v)) >= 0 for v in (slot.value, *slot.aliases) for t in texts)


def score(item: Item, response: Response) -> Score:
    """1 where the answer is right and at least one of its slots stands in no passage."""
    if response.passages is None or not item.answerable or any(s.kind in ("json", "label") for s in item.gold):
        return unscored("not_applicable")
    slots = [s for s in item.gold if s.kind in _WORDED]
    result = outcome(item, response)
    if not slots or result is None:
        return unscored("no_gold")
    present = all(available(s, response) for s in slots)
    return scored(result.correct and not present, correct=result.correct, in_context=present)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("self_knowledge", score, "right without the context holding the answer", better="none")
