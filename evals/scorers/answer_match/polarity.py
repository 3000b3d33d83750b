"""Slots whose gold is yes or no: said outright, by what the answer states, or by its negation."""

from __future__ import annotations

import re
from typing import Final

from evals.core.schema import Slot
from evals.scorers.answer_match.verdict import Verdict
from evals.text import opening_hours
from evals.text.mentions import mentions
from evals.text.statements import NEGATING, asserts
from evals.text.words import STOP_WORDS, content_stems, fold, spans, word_set, words

_YES = re.compile(
    r"\A\W*(?:yes|yep|yeah|yup|true|correct|absolutely|certainly|of"
    r" course|definitely|indeed|sure|affirmative)\b"
)
_NO = re.compile(
    r"\A\W*(?:no(?!"
    r" (?:problem|worries|matter|doubt|one|need)\b)|nope|nah|false|incorrect|negative|never"
    r"|unfortunately,? (?:not|no)|i'm afraid not|sadly,? (?:not|no)|not\b(?! only))"
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|never|cannot|can't|don't|doesn't|isn't|aren't|won't|wasn't|weren't|didn't|hasn't|haven't|couldn't"
    r"|shouldn't|unable|without|neither|nor|none|prohibited|forbidden|excluded|impossible|ineligible|unavailable"
    r"|sold (?:out|separately)|out of stock|fully booked|discontinued|lost|failed"
    r"|costs? extra|extra (?:charge|cost|fee))\b"
    r"(?! (?:only|just|problem|matter|doubt|worries|extra charge|additional cost))"
)
_COMPARES = re.compile(r"\b(?:than|at least|at most|more|less|within|before|after)\b")
"""A question with a limit is settled by figures, not by whether its words come back."""
_EXTRA = re.compile(r"\b(?:extra|surcharge|on top|separately)\b")
_POSITIVE = re.compile(
    r"\b(?:available|welcome|included|accept\w*|offer\w*|possible|allowed|permitted|can|may|in"
    r" stock|eligible|provided"
    r"|supports?|comes with)\b"
)
_ASKS_FREE = re.compile(r"\b(?:free|no (?:extra |additional )?(?:charge|cost|fee)|cost|charged?)\b")
_FREE = re.compile(
    r"\b(?:free|complimentary|at no (?:extra |additional )?(?:charge|cost)|no (?:\w+"
    r" )?(?:charge|cost|fee)s?|nothing)\b"
)
_SUBJECT = re.compile(
    r"\A\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|must|should)\s+"
    r"(?:the|an?|your|my|our|this|these|that|those)\s+(\w+)"
)
_LEAD = re.compile(
    r"\A\W*(?:thanks?(?: you)?|hi|hello|hey|great question|good question|sure thing|no"
    r" (?:problem|worries)"
    r"|happy to help|glad you asked|sorry|we(?:'re| are) (?:so )?(?:sorry|happy|glad)"
    r"|i(?:'m| am) (?:so )?(?:sorry|happy|glad))\b[^.!?]*[.!?]"
)
_SPEAKER = re.compile(r"\A\W*(?:i|i'm|i'd|i've|me)\b")
_SAYS_NOTHING: Final = STOP_WORDS | NEGATING | word_set("i'm i'd i've i'll afraid sorry")
_TRUE: Final = frozenset({"yes", "true", "1", "y"})


def judge_boolean(slot: Slot, question: str, text: str) -> Verdict:
    """Yes or no, as `polarity` reads them."""
    gold = fold(slot.value) in _TRUE
    said = polarity(text, question)
    if said is None:
        return Verdict(False, "absent", expected=slot.value)
    right = said[0] == gold
    return Verdict(right, "right" if right else "contradicted", said[1], expected=slot.value)


def outright(text: str) -> bool | None:
    """Whether an answer begins with a yes or a no; None where with neither."""
    folded = fold(text)
    return True if _YES.match(folded) else False if _NO.match(folded) else None


def polarity(text: str, question: str = "") -> tuple[bool, str] | None:
    """What an answer says to a yes-or-no question, with the words that say it.

    Outright; else by a sentence that states what is asked or its opposite ("closed on Sundays" to
    "are you open on Sundays?", a price to "is it free?"); else by its first sentence: *no* where
    that is negative or names the only thing that is so, *yes* where it speaks of what is asked.
    None where it is empty, declines, or speaks of something else ("It is rated IP67." to "is it
    waterproof?") or of nothing but the speaker ("I'm not.").
    """
    from evals.scorers.abstention.reader import read

    folded = fold(text)
    if not words(folded) or read(text).state == "abstained":
        return None
    while (lead := _LEAD.match(folded)) and lead.end() < len(folded):
        folded = folded[lead.end() :].strip()
    if (said := outright(folded)) is not None:
        return said, " ".join(words(folded)[:1])
    parts = [folded[a:b] for a, b in spans(folded)]
    for part in parts:
        stated = opening_hours.opened(part, question)
        stated = _free(part, question) if stated is None else stated
        stated = asserts(part, question) if stated is None else stated
        if stated is not None:
            return stated, part
    message = [
        part
        for part in parts
        if not _SPEAKER.match(part) or not _SAYS_NOTHING.issuperset(words(part))
    ]
    if not message:
        return None
    said_so = _plain(message[0], fold(question))
    return None if said_so is None else (said_so, message[0])


def _free(part: str, question: str) -> bool | None:
    """Whether a sentence says that something is free, where that is asked."""
    asked = fold(question)
    if not _ASKS_FREE.search(asked) or not asked.startswith(
        ("is", "are", "do", "does", "can", "will")
    ):
        return None
    found: bool | None = None
    if _FREE.search(part) and not re.search(r"\b(?:not|isn't|aren't|never)\b", part):
        found = True
    elif any(m.value.kind == "money" and m.value.high > 0 for m in mentions(part)):
        found = False
    # "Is there a charge?" asks for the opposite of "is it free?"
    return found if found is None or re.search(r"\bfree\b|\bno\b", asked) else not found


def _plain(part: str, question: str) -> bool | None:
    """A sentence that states neither what is asked nor its opposite, by its negation and by what it
    speaks of.
    """
    if _NEGATIVE.search(part) or (_EXTRA.search(part) and mentions(part)):
        return False
    if "closed" in part and "open" in question:
        return False
    if _COMPARES.search(question):
        return None
    asked = set(content_stems(question)) - _subject(question)
    shared = bool(asked & set(content_stems(part))) or not question
    if re.search(r"\bonly\b(?! (?:open|\d))", part):
        last = content_stems(question)[-1:]
        return None if not last else last[0] in content_stems(part)
    return True if shared or _POSITIVE.search(part) else None


def _subject(question: str) -> set[str]:
    """The stem of what the question is about, where it asks something of that."""
    found = _SUBJECT.match(question)
    stems = content_stems(question)
    return set(content_stems(found[1])) if found is not None and len(stems) > 1 else set()
