"""Right or wrong by the item's gold: `accuracy`, `slot_accuracy`, and accuracy that punishes wrong
answers.
"""

from __future__ import annotations

from typing import Final

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import outcome, reading, right, slot_verdicts

GOLD: Final[frozenset[Need]] = frozenset({"gold"})


def accuracy(context: MetricContext) -> Metric:
    """`accuracy`: the share of items that are right.

    One number over every kind of gold: all slots right (typed values, labels, JSON with every field
    right), a reference matched, or, where nothing can be known, a proper abstention. Value 1 or 0.
    Failed systems and items without gold are unscored.
    """
    return Metric("accuracy", "higher", right, "right answers, all kinds of gold", needs=GOLD)


def score_slot_accuracy(answer: Answer) -> Score:
    """1 where all slots are right; the detail names each slot's verdict."""
    item = answer.item
    if not item.answerable:
        return unscored("not_applicable")
    if not any(slot.kind not in ("label", "json") for slot in item.gold):
        return unscored("no_gold")
    verdicts = slot_verdicts(answer)
    right = all(v.right for v in verdicts) and reading(answer).state != "abstained"
    return scored(right, slots={s.name: v.reason for s, v in zip(item.gold, verdicts, strict=True)})


def slot_accuracy(context: MetricContext) -> Metric:
    """`slot_accuracy`: every typed gold value of the item is what the answer says, after
    canonicalisation.

    Reads number (+ unit), money, date, time, duration, percent, name, id, boolean, choice and text
    slots (`slots.judge`); label and JSON slots have metrics of their own. 1 only where all slots
    are right and the answer does not abstain. Unscored: ``no_gold`` without such slots,
    ``not_applicable`` on unanswerable items.
    """
    about = "all typed gold values said, no rival value"
    return Metric("slot_accuracy", "higher", score_slot_accuracy, about, needs=GOLD)


def _penalised(percent: int) -> Metric:
    penalty = percent / (100 - percent)

    def score(answer: Answer) -> Score:
        result = outcome(answer)
        if result is None:
            return unscored("no_gold")
        if result.reading is not None and result.reading.state == "unread" and not result.correct:
            return unscored("language")
        value = {"correct": 1.0, "abstained": 0.0, "no_answer": 0.0, "wrong": -penalty}[result.kind]
        return scored(value, outcome=result.kind)

    about = f"right +1, abstained 0, wrong -{penalty:g}"
    name, bounds = f"penalised_{percent}", (-penalty, 1.0)
    return Metric(name, "higher", score, about, unit="plain", bounds=bounds, needs=GOLD)


def penalised_50(context: MetricContext) -> Metric:
    """A wrong answer costs 1."""
    return _penalised(50)


def penalised_75(context: MetricContext) -> Metric:
    """A wrong answer costs 3."""
    return _penalised(75)


def penalised_90(context: MetricContext) -> Metric:
    """A wrong answer costs 9."""
    return _penalised(90)
