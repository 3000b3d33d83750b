"""`answer_match`: does a free-form answer state one of the reference answers? (`references`)

References are the item's ``references``, else the values and aliases of its slots. 1 or 0. Unscored: ``no_gold``
without either, ``not_applicable`` on unanswerable items and structured ones.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.references import probability
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where the probability, kept in the detail, is at least one half; with several slots, the least of theirs."""
    if not item.answerable or any(slot.kind in ("label", "json") for slot in item.gold):
        return unscored("not_applicable")
    wanted = [item.references] if item.references else [(slot.value, *slot.aliases) for slot in item.gold]
    if not wanted:
        return unscored("no_gold")
    text = response.text[:MAX_CHARS]
    chance = min(probability(item.question, text, references) for references in wanted)
    return scored(chance >= 0.5, probability=round(chance, 4))


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("answer_match", score, "free-form answer states a reference")
