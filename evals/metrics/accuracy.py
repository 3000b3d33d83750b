"""Right or wrong by the item's gold: `accuracy`, `slot_accuracy`, and accuracy that punishes wrong answers."""

from __future__ import annotations

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, scored, unscored
from evals.metrics.base import metric
from evals.metrics.outcome import outcome, slot_verdicts
from evals.scorers.abstention.reader import abstention
from evals.text.words import MAX_CHARS


def score_accuracy(item: Item, response: Response) -> Score:
    """1 where the outcome is ``correct``; the outcome and, if wrong, the first reason are in the detail."""
    result = outcome(item, response)
    if result is None:
        return unscored("no_gold")
    if result.reading is not None and result.reading.state == "unread" and not result.correct:
        return unscored("language")
    reason = next((v.reason for v in result.verdicts if not v.right), None)
    return scored(
        result.correct, outcome=result.kind, **({} if reason is None or result.correct else {"reason": reason})
    )


def accuracy(pack: Pack) -> Metric:
    """`accuracy`: the share of items that are right.

    One number over every kind of gold: all slots right (typed values, labels, JSON with every field right), a
    reference matched, or, where nothing can be known, a proper abstention. Value 1 or 0. Failed systems and items
    without gold are unscored.
    """
    return metric("accuracy", score_accuracy, "right answers, all kinds of gold")


def score_slot_accuracy(item: Item, response: Response) -> Score:
    """1 where all slots are right; the detail names each slot's verdict."""
    if not item.answerable:
        return unscored("not_applicable")
    if not any(slot.kind not in ("label", "json") for slot in item.gold):
        return unscored("no_gold")
    text = response.text[:MAX_CHARS]
    verdicts = slot_verdicts(item, text)
    right = all(v.right for v in verdicts) and abstention(text).state != "abstained"
    return scored(right, slots={s.name: v.reason for s, v in zip(item.gold, verdicts, strict=True)})


def slot_accuracy(pack: Pack) -> Metric:
    """`slot_accuracy`: every typed gold value of the item is what the answer says, after canonicalisation.

    Reads number (+ unit), money, date, time, duration, percent, name, id, boolean, choice and text slots
    (`slots.judge`); label and JSON slots have metrics of their own. 1 only where all slots are right and the answer
    does not abstain. Unscored: ``no_gold`` without such slots, ``not_applicable`` on unanswerable items.
    """
    return metric("slot_accuracy", score_slot_accuracy, "all typed gold values said, no rival value")


def _penalised(percent: int) -> Metric:
    penalty = percent / (100 - percent)

    def score(item: Item, response: Response) -> Score:
        result = outcome(item, response)
        if result is None:
            return unscored("no_gold")
        if result.reading is not None and result.reading.state == "unread" and not result.correct:
            return unscored("language")
        value = {"correct": 1.0, "abstained": 0.0, "wrong": -penalty}[result.kind]
        return scored(value, outcome=result.kind)

    about = f"right +1, abstained 0, wrong -{penalty:g}"
    return metric(f"penalised_{percent}", score, about, bounds=(-penalty, 1.0))


def penalised_50(pack: Pack) -> Metric:
    """A wrong answer costs 1."""
    return _penalised(50)


def penalised_75(pack: Pack) -> Metric:
    """A wrong answer costs 3."""
    return _penalised(75)


def penalised_90(pack: Pack) -> Metric:
    """A wrong answer costs 9."""
    return _penalised(90)
