"""Values that the world does not have, or no longer has: `contradiction`, `stale`."""

from __future__ import annotations

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, scored, unscored
from evals.metrics.base import metric
from evals.metrics.outcome import slot_verdicts
from evals.scorers.abstention.reader import abstention
from evals.text.gold import TYPED
from evals.text.words import MAX_CHARS

_CLOSED = TYPED | {"boolean", "choice", "label"}


def score_contradiction(item: Item, response: Response) -> Score:
    """1 where another value is asserted; the values said are in the detail."""
    if not item.answerable or not any(slot.kind in _CLOSED for slot in item.gold):
        return unscored("not_applicable")
    text = response.text[:MAX_CHARS]
    if abstention(text).state == "abstained":
        return scored(0.0, said=[])
    verdicts = zip(item.gold, slot_verdicts(item, text), strict=True)
    said = [v.said for slot, v in verdicts if slot.kind in _CLOSED and not v.right and v.said]
    return scored(bool(said), said=said)


def contradiction(pack: Pack) -> Metric:
    """`contradiction`: the answer gives the asked (entity, attribute) another value than the world has.

    1 where an answerable item's answer asserts a value of a slot's kind and the slot is not right; 0 where it is
    right or nothing of the kind is asserted. Only typed slots and booleans, choices and labels can be contradicted
    from the words alone: other items are ``not_applicable``.
    """
    return metric("contradiction", score_contradiction, "another value for the asked attribute", better="lower")


def score_stale(item: Item, response: Response) -> Score:
    """1 where a superseded value is asserted; what was said is in the detail."""
    if not any(slot.stale for slot in item.gold):
        return unscored("not_applicable")
    said = [v.said for v in slot_verdicts(item, response.text[:MAX_CHARS]) if v.stale]
    return scored(bool(said), said=said)


def stale(pack: Pack) -> Metric:
    """`stale`: the answer asserts a superseded value of the fact it was asked for.

    1 where a slot's ``stale`` value is said and not marked as outdated by the answer itself, also beside the current
    one. ``not_applicable`` for items whose slots have no superseded value.
    """
    return metric("stale", score_stale, "asserts the superseded value", better="lower")
