"""Sentences of an answer that state nothing, for `groundedness`: greetings, thanks, offers,
farewells.

A brand's chatbot greets, and no context supports a greeting; a model announces its summary, and the
number of words it was asked for is no claim. Of greetings only short sentences that begin like one,
name no value and share no content word with the contexts are taken for courtesies; opinions ("I
love them") are statements.
"""

from __future__ import annotations

import re
from typing import Final

from evals.text.mentions import mentions
from evals.text.words import clean, content_stems, lowered, spans

LONGEST: Final = 12
"""Words of a courtesy at most."""

_BEGINS = re.compile(
    r"\W*(?:(?:well|oh|ah|and|so)\W+)?(?:hi|hiya|hello|hey|heya|howdy|dear|greetings|namaste|ahoy|welcome|good\s+(?:morning|afternoon"
    r"|evening|day|question|news)|great\s+(?:question|news|choice)|lovely\s+(?:question|to)|thanks|thank\s+you|many\s+thanks"
    r"|cheers|regards|(?:kind|best|warm)\s+(?:regards|wishes)|best|warmly|sincerely|yours|you're\s+welcome|no\s+(?:worries|problem)"
    r"|of\s+course|sure|certainly|absolutely|gladly|with\s+pleasure|my\s+pleasure|happy\s+\w+ing|(?:i'm|we're|i\s+am|we\s+are)"
    r"\s+(?:always\s+)?(?:happy|glad|here|delighted)|happy\s+to|glad\s+(?:to|you)|(?:i|we)?\s*hope\s+(?:that|this|it|you)|let\s+(?:me"
    r"|us)\s+know|feel\s+free|don't\s+hesitate|please\s+(?:let|feel|do\s+not\s+hesitate|don't\s+hesitate)|have\s+an?\s+\w+"
    r"(?:\s+\w+)?|enjoy|take\s+care|see\s+you|talk\s+soon|(?:is\s+there\s+)?anything\s+else|big\s+hugs|hugs|love|bye|goodbye"
    r"|farewell|all\s+the\s+best|sorry|apologies|my\s+apologies|(?:i|we)\s+(?:understand|apologi[sz]e))\b"
)

_ANNOUNCES = re.compile(
    r"\W*(?:(?:sure|certainly|of\s+course|okay|ok)\W+)?"
    r"(?:(?:here|below|following)(?:'s|\s+is|\s+are)|(?:this|the\s+following|it)\s+is|in\s+(?:short|summary)|to\s+summari[sz]e"
    r"|(?:a|an|the|my|your)?\s*(?:\w+\s+){0,3}(?:summary|answer|response|overview|list|outline|breakdown|headline|key\s+points))"
    r"\b[^.!?:]*:\W*"
)
"""A preamble that ends in a colon: "Here is a summary of the text in 30 words or less:"."""


def substance(answer: str, context_stems: frozenset[str]) -> list[tuple[int, int]]:
    """The (start, end) of the sentences of a cleaned answer that are no courtesies; of all where
    none would be left. What announces the rest of its sentence is cut off.
    """
    places = [(start + _announced(answer[start:end]), end) for start, end in spans(answer)]
    left = [place for place in places if not is_courtesy(answer[slice(*place)], context_stems)]
    return left or places


def _announced(sentence: str) -> int:
    """Where a sentence begins to state something: behind its preamble, if words follow that."""
    found = _ANNOUNCES.match(lowered(sentence))
    return found.end() if found is not None and found.end() < len(sentence) else 0


def is_courtesy(sentence: str, context_stems: frozenset[str]) -> bool:
    """Whether a sentence only greets, thanks, offers, takes leave, or announces what follows it."""
    if _ANNOUNCES.fullmatch(lowered(sentence)):
        return True
    return (
        _BEGINS.match(lowered(sentence)) is not None
        and len(sentence.split()) <= LONGEST
        and not context_stems.intersection(content_stems(sentence))
        and not mentions(clean(sentence))
    )
