"""`contradiction`: the answer gives the asked (entity, attribute) another value than the world has.

1 where an answerable item's answer asserts a value of a slot's kind and the slot is not right; 0 where it is right or
nothing of the kind is asserted. Only typed slots and booleans, choices and labels can be contradicted from the words
alone: other items are ``not_applicable``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.abstention import abstention
from evals.metrics.base import metric
from evals.metrics.gold import TYPED
from evals.metrics.outcome import slot_verdicts
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored

_CLOSED = TYPED | {"boolean", "choice", "label"}


def score(item: Item, response: Response) -> Score:
    """1 where another value is asserted; the values said are in the detail."""
    if not item.answerable or not any(slot.kind in _CLOSED for slot in item.gold):
        return unscored("not_applicable")
    text = response.text[:MAX_CHARS]
    if abstention(text).state == "abstained":
        return scored(0.0, said=[])
    verdicts = zip(item.gold, slot_verdicts(item, text), strict=True)
    said = [v.said for slot, v in verdicts if slot.kind in _CLOSED and not v.right and v.said]
    return scored(bool(said), said=said)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("contradiction", score, "another value for the asked attribute", better="lower")
