"""Typed claims of an answer, and whether a text carries them.

A claim is a typed value (number with unit, money, date, time, duration, percentage, id) or a name:
capitalised words in the middle of a sentence. Values that the question already holds are no claims.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from evals.text.mentions import Mention, mentions
from evals.text.values import same
from evals.text.words import STOP_WORDS, clean, contains_phrase, spans, words

_NAME = re.compile(
    r"\b[A-Z][\w'’-]*(?:\s+(?:of|the|and|de|van|von)\s+[A-Z][\w'’-]*|\s+[A-Z][\w'’-]*)*"
)
MAX_CLAIMS = 400
"""Claims read of one answer."""

_NO_NAMES = frozenset(
    {
        "i",
        "i'm",
        "i'd",
        "i'll",
        "i've",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "ok",
    }
)


@dataclass(frozen=True)
class Claim:
    """A claim's words and its span in the cleaned answer; ``mention`` is None for a name."""

    text: str
    start: int
    end: int
    mention: Mention | None = None


def claims(answer: str, question: str = "") -> list[Claim]:
    """All claims of an answer in order, those of the question left out."""
    text = clean(answer)
    asked = [m.value for m in mentions(question)]
    asked_words = words(question)
    typed = [
        Claim(text[m.start : m.end], m.start, m.end, m)
        for m in mentions(answer)
        if m.value.text != "article" and not any(same(a, m.value) for a in asked)
    ]
    taken = [(c.start, c.end) for c in typed]
    for start, end in names(text):
        phrase = words(text[start:end])
        if (
            any(a < end and start < b for a, b in taken)
            or contains_phrase(asked_words, phrase) >= 0
        ):
            continue
        typed.append(Claim(text[start:end], start, end))
    return sorted(typed, key=lambda c: c.start)[:MAX_CLAIMS]


@lru_cache(maxsize=1024)
def names(text: str) -> tuple[tuple[int, int], ...]:
    """Spans of capitalised runs that do not merely start a sentence."""
    starts = {a + len(text[a:b]) - len(text[a:b].lstrip(" \"'(-*•")) for a, b in spans(text)}
    found = []
    for match in _NAME.finditer(text):
        start, end = match.span()
        if start in starts or text[max(0, start - 2) : start].strip() in (":", ',"', '"'):
            inner = text.find(" ", start, end)
            if inner < 0:
                continue
            first = text[start:inner].lower()
            start = inner + 1 if first in STOP_WORDS else start
        phrase = text[start:end].lower()
        if phrase not in _NO_NAMES and phrase not in STOP_WORDS:
            found.append((start, end))
    return tuple(found)


def supported(claim: Claim, contexts: Iterable[str]) -> bool:
    """Whether one of the texts states the value, or holds all words of the name in a row (or its
    last word).
    """
    if claim.mention is not None:
        value = claim.mention.value
        return any(
            same(m.value, value) or same(value, m.value) for c in contexts for m in mentions(c)
        )
    phrase = words(claim.text)
    return any(contains_phrase(words(c), phrase) >= 0 for c in contexts)
