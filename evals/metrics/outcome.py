"""The one judgement that many metrics share: did the response get the item right, abstain, or get
it wrong?

Answerable item: ``correct`` where every gold slot is right (or, without slots, where `answer_match`
says so), ``abstained`` where the answer declines, ``wrong`` otherwise. Unanswerable item:
``correct`` where the answer declines or denies the premise and asserts no value of its own,
``wrong`` otherwise (there, abstaining is the right answer). Either: ``no_answer`` where there is no
text, which neither answers nor declines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal

import msgspec

from evals.core.metric import Answer, Measure
from evals.core.schema import Item, Score, scored, unscored
from evals.metrics.kind import structured
from evals.metrics.structured import fields_f1
from evals.scorers.abstention.reader import Abstention, read
from evals.scorers.answer_match.model import matches
from evals.scorers.answer_match.slots import judge
from evals.scorers.answer_match.verdict import Verdict
from evals.text.gold import gold_values
from evals.text.mentions import mentions
from evals.text.values import Value, same
from evals.text.words import MAX_CHARS, clean

MOST_WORDS: Final = 60
"""Words that an answer may have; more only where a reference has more than half as many."""

MOST_UNASKED: Final = 1
"""Values of any kind that may stand in an answer without being asked for, in the question, or part
of the gold.
"""

Kinds = dict[str, str]
"""What became of each item that could be judged: the kind of its outcome, by the item's id."""


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


def right(answer: Answer) -> Score:
    """1 where the outcome is ``correct``; the outcome and, if wrong, the first reason are in the
    detail.
    """
    result = outcome(answer)
    if result is None:
        return unscored("no_gold")
    if result.reading is not None and result.reading.state == "unread" and not result.correct:
        return unscored("language")
    reason = next((v.reason for v in result.verdicts if not v.right), None)
    return scored(
        result.correct,
        outcome=result.kind,
        **({} if reason is None or result.correct else {"reason": reason}),
    )


def unasked(item: Item, text: str) -> list[str]:
    """The different values (numbers, dates, amounts, codes) said that neither the gold nor the
    question has, as they stand in the text.
    """
    text = clean(text[:MAX_CHARS])
    known: list[Value] = [m.value for m in mentions(item.question)]
    for slot in item.gold:
        known += [*gold_values(slot), *gold_values(slot, slot.stale)]
    for reference in item.references:
        known += [m.value for m in mentions(reference)]
    found = []
    for mention in mentions(text):
        if not any(same(value, mention.value) for value in known):
            known.append(mention.value)
            found.append(text[mention.start : mention.end])
    return found


def word_limit(item: Item) -> int:
    """`MOST_WORDS`, or twice the longest reference."""
    return max(MOST_WORDS, *(2 * len(r.split()) for r in item.references), 0)


def excess(answer: Answer) -> dict[str, object]:
    """What is too much in an answer, for a score's detail; empty where nothing is. Labels, JSON and
    answers to unanswerable items are bounded by their own metrics.
    """
    return answer.once(_excess)


def _excess(answer: Answer) -> dict[str, object]:
    item, text = answer.item, answer.response.text
    if structured(item) or not item.answerable:
        return {}
    words, limit = len(text.split()), word_limit(item)
    if words > limit:
        return {"words": words, "limit": limit}
    extra = unasked(item, text)
    return {"unasked": extra[:10]} if len(extra) > MOST_UNASKED else {}


def beside(
    score: Callable[[Answer, Kinds, str | None], Score],
) -> Callable[[Iterable[Answer]], Measure]:
    """A `Metric.over_run` that judges every answer of the run, then scores each with the outcomes
    of all and the id of its twin (None where it has none). Memory: one word per item.
    """

    def over_run(answers: Iterable[Answer]) -> Measure:
        kinds: Kinds = {}
        partner: dict[str, str] = {}
        for answer in answers:
            item = answer.item
            result = None if answer.response.error is not None else outcome(answer)
            if result is not None:
                kinds[item.id] = result.kind
            if item.twin is not None:
                partner[item.id] = item.twin
                partner.setdefault(item.twin, item.id)
        return lambda answer: score(answer, kinds, answer.item.twin or partner.get(answer.item.id))

    return over_run
