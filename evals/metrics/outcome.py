"""The one judgement that many metrics share: did the response get the item right, abstain, or get
it wrong?

Answerable item: ``correct`` where every gold slot is right (or, without slots, where `answer_match`
says so), ``abstained`` where the answer declines, ``wrong`` otherwise. Unanswerable item:
``correct`` where the answer declines or denies the premise and asserts no value of its own,
``wrong`` otherwise (there, abstaining is the right answer). Either: ``no_answer`` where there is no
text, which neither answers nor declines.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from evals.core.metric import Answer
from evals.core.schema import Item
from evals.metrics.kind import structured
from evals.metrics.structured import fields_f1
from evals.scorers.abstention.reader import Abstention, read
from evals.scorers.answer_match.model import matches
from evals.scorers.answer_match.slots import judge
from evals.scorers.answer_match.verdict import Verdict
from evals.text.mentions import mentions
from evals.text.values import same
from evals.text.words import MAX_CHARS, clean


class Outcome(msgspec.Struct, frozen=True):
    """``kind`` and what led to it: a verdict per slot, the reading of abstention, invented
    values.
    """

    kind: Literal["correct", "abstained", "wrong", "no_answer"]
    verdicts: tuple[Verdict, ...] = ()
    reading: Abstention | None = None
    invented: tuple[str, ...] = ()

    @property
    def correct(self) -> bool:
        return self.kind == "correct"


def outcome(answer: Answer) -> Outcome | None:
    """The judgement of an answer, made once; None where an answerable item has neither slots nor
    references.

    Never raises.
    """
    return answer.once(_outcome)


def reading(answer: Answer) -> Abstention:
    """The answer as a refusal or not, read once, whatever the gold."""
    return answer.once(_reading)


def slot_verdicts(answer: Answer) -> tuple[Verdict, ...]:
    """A verdict per gold slot, in the item's order, made once."""
    return answer.once(_slot_verdicts)


def _outcome(answer: Answer) -> Outcome | None:
    item = answer.item
    if not answer.response.text.strip() and (item.gold or item.references or not item.answerable):
        return Outcome("no_answer")
    if not item.answerable:
        return _unanswerable(answer)
    if not item.gold and not item.references:
        return None
    verdicts = slot_verdicts(answer)
    right = all(v.right for v in verdicts) if item.gold else _matches(answer)
    if structured(item):
        return Outcome("correct" if right else "wrong", verdicts)
    said = reading(answer)
    if said.state == "none":
        return Outcome("no_answer", verdicts, said)
    if said.state == "abstained":
        return Outcome("abstained", verdicts, said)
    if right:
        return Outcome("correct", verdicts, said)
    evasive = (said.state == "partly" or said.denied) and not said.asserted
    return Outcome("abstained" if evasive and not _polar(item) else "wrong", verdicts, said)


def _reading(answer: Answer) -> Abstention:
    return read(answer.response.text[:MAX_CHARS], answer.item.question)


def _matches(answer: Answer) -> bool:
    return matches(answer.item.question, answer.response.text[:MAX_CHARS], answer.item.references)


def _slot_verdicts(answer: Answer) -> tuple[Verdict, ...]:
    item, text = answer.item, answer.response.text[:MAX_CHARS]
    return tuple(
        (
            _json(slot.value, text)
            if slot.kind == "json"
            else judge(slot, item.question, text, item.choices)
        )
        for slot in item.gold
    )


def _json(gold: str, text: str) -> Verdict:
    right = fields_f1(gold, text) == 1.0
    return Verdict(right, "right" if right else "contradicted")


def _polar(item: Item) -> bool:
    return any(slot.kind == "boolean" for slot in item.gold)


def _unanswerable(answer: Answer) -> Outcome:
    said, verdicts = reading(answer), slot_verdicts(answer)
    if said.state == "abstained" or (verdicts and all(v.right for v in verdicts)):
        return Outcome("correct", verdicts, said)
    if said.state in ("none", "unread"):
        return Outcome("no_answer" if said.state == "none" else "abstained", verdicts, said)
    invented = tuple(_invented(answer, said))
    if (said.denied or said.state == "partly") and not invented:
        return Outcome("correct", verdicts, said)
    return Outcome("wrong", verdicts, said, invented)


def _invented(answer: Answer, said: Abstention) -> list[str]:
    """Values asserted that stand neither in the question nor in a retrieved passage."""
    new = list(said.asserted)
    for source in (answer.item.question, *(p.text for p in answer.response.passages or ())):
        if not new:
            return []
        known = [m.value for m in mentions(source)]
        new = [m for m in new if not any(same(k, m.value) for k in known)]
    cleaned = clean(answer.response.text[:MAX_CHARS])
    return [cleaned[m.start : m.end] for m in new]
