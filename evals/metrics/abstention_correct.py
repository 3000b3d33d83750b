"""`abstention_correct`: abstained exactly where it should.

1 on an unanswerable item where the answer declines or denies the premise without inventing a value, and on an
answerable item where it does not decline; so always refusing scores the share of unanswerable items. Structured items
(label, JSON) are ``not_applicable``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 or 0; the detail holds the state read and its evidence."""
    if item.gold and all(slot.kind in ("label", "json") for slot in item.gold):
        return unscored("not_applicable")
    result = outcome(item, response)
    if result is None or result.reading is None:
        return unscored("no_gold")
    right = result.kind != "abstained" if item.answerable else result.correct
    return scored(right, state=result.reading.state, denied=result.reading.denied, evidence=result.reading.evidence)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("abstention_correct", score, "declined where, and only where, nothing can be known")
