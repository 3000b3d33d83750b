"""`stale`: the answer asserts a superseded value of the fact it was asked for.

1 where a slot's ``stale`` value is said and not marked as outdated by the answer itself, also beside the current one.
``not_applicable`` for items whose slots have no superseded value.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import slot_verdicts
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where a superseded value is asserted; what was said is in the detail."""
    if not any(slot.stale for slot in item.gold):
        return unscored("not_applicable")
    said = [v.said for v in slot_verdicts(item, response.text[:MAX_CHARS]) if v.stale]
    return scored(bool(said), said=said)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("stale", score, "asserts the superseded value", better="lower")
