"""Slots whose gold is yes or no: said outright, by what the answer states, or by its negation."""

from __future__ import annotations

import re
from typing import Final

from evals.core.schema import Slot
from evals.scorers.answer_match.verdict import Verdict
from evals.text import opening_hours
from evals.text.statements import NEGATING, asserts
from evals.text.words import STOP_WORDS, fold, spans, word_set, words

_YES = re.compile(
    r"\A\W*(?:yes|yep|yeah|yup|true|correct|absolutely|certainly|of course|definitely|indeed|sure|affirmative)\b"
)
_NO = re.compile(
    r"\A\W*(?:no(?! (?:problem|worries|matter|doubt|one|need)\b)|nope|nah|false|incorrect|negative|never"
    r"|unfortunately,? (?:not|no)|i'm afraid not|sadly,? (?:not|no)|not\b(?! only))"
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|never|cannot|can't|don't|doesn't|isn't|aren't|won't|wasn't|weren't|didn't|hasn't|haven't|couldn't"
    r"|shouldn't|unable|without|neither|nor|none|prohibited|forbidden|excluded|impossible|ineligible|unavailable)\b"
    r"(?! (?:only|just|problem|matter|doubt|worries|extra charge|additional cost))"
)
_LEAD = re.compile(
    r"\A\W*(?:thanks?(?: you)?|hi|hello|hey|great question|good question|sure thing|no (?:problem|worries)"
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
    "are you open on Sundays?"); else by whether its first sentence is negative. None where it is
    empty, declines, or speaks of nothing but the speaker ("I'm not.").
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
        stated = asserts(part, question) if stated is None else stated
        if stated is not None:
            return stated, part
    message = [
        part
        for part in parts
        if not _SPEAKER.match(part) or not _SAYS_NOTHING.issuperset(words(part))
    ]
    return (not _NEGATIVE.search(message[0]), message[0]) if message else None
