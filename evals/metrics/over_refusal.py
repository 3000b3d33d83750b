"""`over_refusal`: declined although the item can be answered.

On answerable items 1 where the outcome is ``abstained`` (see `outcome`), 0 where an answer was given, right or wrong.
Unanswerable and structured items are ``not_applicable``; items without gold ``no_gold``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where the answer declines; the clause that does is in the detail."""
    if not item.answerable or (item.gold and all(slot.kind in ("label", "json") for slot in item.gold)):
        return unscored("not_applicable")
    result = outcome(item, response)
    if result is None:
        return unscored("no_gold")
    return scored(result.kind == "abstained", evidence="" if result.reading is None else result.reading.evidence)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("over_refusal", score, "declined although answerable", better="lower")
