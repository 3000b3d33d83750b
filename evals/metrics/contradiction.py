"""Values that the world does not have, or no longer has: `contradiction`, `stale`."""

from __future__ import annotations

from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import reading, slot_verdicts
from evals.text.gold import TYPED

_CLOSED = TYPED | {"boolean", "choice", "label"}


def score_contradiction(answer: Answer) -> Score:
    """1 where another value is asserted; the values said are in the detail."""
    item = answer.item
    if not item.answerable or not any(slot.kind in _CLOSED for slot in item.gold):
        return unscored("not_applicable")
    if reading(answer).state == "abstained":
        return scored(0.0, said=[])
    verdicts = zip(item.gold, slot_verdicts(answer), strict=True)
    said = [v.said for slot, v in verdicts if slot.kind in _CLOSED and not v.right and v.said]
    return scored(bool(said), said=said)


def contradiction(context: MetricContext) -> Metric:
    """`contradiction`: the answer gives the asked (entity, attribute) another value than the world
    has.

    1 where an answerable item's answer asserts a value of a slot's kind and the slot is not right;
    0 where it is right or nothing of the kind is asserted. Only typed slots and booleans, choices
    and labels can be contradicted from the words alone: other items are ``not_applicable``.
    """
    about = "another value for the asked attribute"
    return Metric("contradiction", "lower", score_contradiction, about, needs=frozenset({"gold"}))


def score_stale(answer: Answer) -> Score:
    """1 where a superseded value is asserted; what was said is in the detail."""
    if not any(slot.stale for slot in answer.item.gold):
        return unscored("not_applicable")
    said = [v.said for v in slot_verdicts(answer) if v.stale]
    return scored(bool(said), said=said)


def stale(context: MetricContext) -> Metric:
    """`stale`: the answer asserts a superseded value of the fact it was asked for.

    1 where a slot's ``stale`` value is said and not marked as outdated by the answer itself, also
    beside the current one. ``not_applicable`` for items whose slots have no superseded value.
    """
    about = "asserts the superseded value"
    return Metric("stale", "lower", score_stale, about, needs=frozenset({"gold"}))
