"""The one judgement that many metrics share: did the response get the item right, abstain, or get it wrong?

Answerable item: ``correct`` where every gold slot is right (or, without slots, where `answer_match` says so),
``abstained`` where the answer declines, ``wrong`` otherwise. Unanswerable item: ``correct`` where the answer declines
or denies the premise and asserts no value of its own, ``wrong`` otherwise (there, abstaining is the right answer).
"""

from __future__ import annotations

from typing import Literal

import msgspec

from evals.core.schema import Item, Response
from evals.metrics.structured import fields_f1
from evals.scorers.abstention.reader import Abstention, read
from evals.scorers.answer_match.model import matches
from evals.scorers.answer_match.slots import judge
from evals.scorers.answer_match.verdict import Verdict
from evals.text.mentions import mentions
from evals.text.values import same
from evals.text.words import MAX_CHARS, clean


class Outcome(msgspec.Struct, frozen=True):
    """``kind`` and what led to it: a verdict per slot, the reading of abstention, invented values."""

    kind: Literal["correct", "abstained", "wrong"]
    verdicts: tuple[Verdict, ...] = ()
    reading: Abstention | None = None
    invented: tuple[str, ...] = ()

    @property
    def correct(self) -> bool:
        return self.kind == "correct"


def outcome(item: Item, response: Response) -> Outcome | None:
    """Judge a response; None where an answerable item has neither slots nor references. Never raises."""
    text = response.text[:MAX_CHARS]
    if not item.answerable:
        return _unanswerable(item, response, text)
    if not item.gold and not item.references:
        return None
    formal = bool(item.gold) and all(s.kind in ("json", "label") for s in item.gold)
    verdicts = slot_verdicts(item, text)
    right = all(v.right for v in verdicts) if item.gold else matches(item.question, text, item.references)
    if formal:
        return Outcome("correct" if right else "wrong", verdicts)
    reading = read(text, item.question)
    if reading.state in ("abstained", "none"):
        return Outcome("abstained", verdicts, reading)
    if right:
        return Outcome("correct", verdicts, reading)
    evasive = (reading.state == "partly" or reading.denied) and not reading.asserted
    return Outcome("abstained" if evasive and not _polar(item) else "wrong", verdicts, reading)


def slot_verdicts(item: Item, text: str) -> tuple[Verdict, ...]:
    """A verdict per gold slot, in the item's order."""
    return tuple(
        _json(slot.value, text) if slot.kind == "json" else judge(slot, item.question, text, item.choices)
        for slot in item.gold
    )


def _json(gold: str, text: str) -> Verdict:
    right = fields_f1(gold, text) == 1.0
    return Verdict(right, "right" if right else "contradicted")


def _polar(item: Item) -> bool:
    return any(slot.kind == "boolean" for slot in item.gold)


def _unanswerable(item: Item, response: Response, text: str) -> Outcome:
    reading = read(text, item.question)
    verdicts = slot_verdicts(item, text)
    if reading.state == "abstained" or (item.gold and all(v.right for v in verdicts)):
        return Outcome("correct", verdicts, reading)
    if reading.state in ("none", "unread"):
        return Outcome("abstained", verdicts, reading)
    invented = tuple(_invented(item, response, text, reading))
    if (reading.denied or reading.state == "partly") and not invented:
        return Outcome("correct", verdicts, reading)
    return Outcome("wrong", verdicts, reading, invented)


def _invented(item: Item, response: Response, text: str, reading: Abstention) -> list[str]:
    """Values asserted that stand neither in the question nor in a retrieved passage."""
    new = list(reading.asserted)
    for source in (item.question, *(passage.text for passage in response.passages or ())):
        if not new:
            return []
        known = [m.value for m in mentions(source)]
        new = [m for m in new if not any(same(k, m.value) for k in known)]
    cleaned = clean(text)
    return [cleaned[m.start : m.end] for m in new]
