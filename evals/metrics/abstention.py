"""Did an answer answer? Deterministic: ``answered``, ``partly`` (declined but still asserted something), ``abstained``.

A clause *declines* when its speaker, or the sources it speaks of, are said not to know, hold or show the answer; it
*denies* when it says that the thing asked about does not exist. Politeness alone ("unfortunately", "sorry") is neither,
and neither is a rule that happens to be negative ("we cannot refund after 30 days"). A value inside a declining clause
("I can't confirm that it is $20") is not asserted; one in a clause after "but" is.
Known limits: English only; sarcasm, quoted refusals and refusals by silence (an empty answer counts as abstained) are
not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

import msgspec

from evals.metrics.abstention_patterns import CUE, DECLINES, DENIES
from evals.metrics.mentions import Mention, mentions
from evals.metrics.text import clean, lowered, spans, words

State = Literal["answered", "partly", "abstained"]

_CLAUSE = re.compile(
    r",?\s+(?:but|however|although|though|yet|while|whereas)\s+|[,:]\s+(?=(?:i|we|our|it|the|my|please|so|and)\b)|\s+[-–—]+\s+",
)
_COURTESY: Final = re.compile(
    r"\b(?:contact|call|e-?mail|reach|visit|write|ask|check|speak|chat|get\s+in\s+touch|let\s+(?:me|us)\s+know|happy\s+to"
    r"|glad\s+to|sorry|apolog|thank|support\s+team|customer\s+(?:service|care|support)|anything\s+else|help\s+you"
    r"|look\s+into|follow\s+up|get\s+back|consult|(?:love|hope|wish)\s+(?:to|you|that|we|i|this)|(?:good|great)\s+question|dear|regards|sincerely|understand|refer\s+to|recommend|suggest|could\s+you|can\s+you|would\s+you|please)\b",
)
_LETTER = re.compile(r"[^\W_]")
_QUOTED = re.compile(r'"[^"]*"')
_REPORTED = re.compile(
    r"\b(?:s?he|they|customers?|speaker|clerk|agent|people|user)\s+(?:said|says|had|has|don't|didn't|must|may)\b"
)
_SECOND_PERSON_CONDITION = re.compile(
    r"^\W*(?:if|when|in\s+case|should|whenever|even\s+if)\s+you\b|\?\s*$", re.IGNORECASE
)
_IMPERATIVE_QUESTION = re.compile(
    r"^\W*(?:don't|do\s+not|didn't|can't|couldn't|not)\s+(?:know|sure|find|have|worry|see)\b[^.]*\?", re.IGNORECASE
)


class Abstention(msgspec.Struct, frozen=True):
    """How an answer stands to its question. ``asserted`` are the typed values outside of declining clauses;
    ``beside`` says that a value stands outside of declining and denying clauses alike."""

    state: State
    denied: bool
    evidence: str
    asserted: tuple[Mention, ...]
    beside: bool = False

    @property
    def declined(self) -> bool:
        """The answer declines, or denies and says nothing ``beside``: what is right where nothing can be known."""
        return self.state == "abstained" or (self.denied and self.state == "answered" and not self.beside)


@lru_cache(maxsize=2048)
def abstention(text: str) -> Abstention:
    """Read one answer. An empty answer is an abstention with no evidence."""
    cleaned = clean(text)
    if not _LETTER.search(cleaned):
        return Abstention("abstained", False, "", ())
    if not CUE.search(cleaned.lower()):
        asserted = mentions(cleaned)
        return Abstention("answered", False, "", asserted, bool(asserted))
    declining, denials, others, evidence = [], [], [], ""
    clauses = _clauses(cleaned)
    for start, end in clauses:
        clause = cleaned[start:end]
        cued = CUE.search(clause.lower())
        if cued and declines(clause):
            declining.append((start, end))
            evidence = evidence or clause.strip()
        elif cued and DENIES.search(clause) and not _SECOND_PERSON_CONDITION.search(clause):
            denials.append((start, end))
            evidence = evidence or clause.strip()
        else:
            others.append(clause)
    asserted = _outside(cleaned, clauses, declining)
    state: State = "answered" if not declining else "partly" if asserted or _informative(others) > 2 else "abstained"
    beside = any(not any(a <= m.start < b for a, b in denials) for m in asserted)
    return Abstention(state, bool(denials), evidence, asserted, beside)


def _informative(clauses: Iterable[str]) -> int:
    """How many clauses say something of their own: no courtesy, no question, three words or more."""
    return sum(
        not clause.rstrip().endswith("?") and len(words(clause)) > 2 and not _COURTESY.search(lowered(clause))
        for clause in clauses
    )


def declines(clause: str) -> bool:
    """Whether a clause says that the answer is not known, held, shown or given."""
    if _IMPERATIVE_QUESTION.search(clause) or _SECOND_PERSON_CONDITION.search(clause):
        return False
    said = _QUOTED.sub('""', clause.lower())
    return not _REPORTED.search(said) and bool(CUE.search(said) and DECLINES.search(said))


def _clauses(text: str) -> list[tuple[int, int]]:
    found, low = [], lowered(text)
    for start, end in spans(text):
        at = start
        for match in _CLAUSE.finditer(low, start, end):
            if match.start() > at:
                found.append((at, match.start()))
            at = match.end()
        found.append((at, end))
    return found


def _outside(text: str, clauses: list[tuple[int, int]], declining: list[tuple[int, int]]) -> tuple[Mention, ...]:
    """Values asserted: not inside a declining clause, and not in a referral ("call 555-0100 before 17:00")."""
    silent = [*declining, *((a, b) for a, b in clauses if _COURTESY.search(lowered(text[a:b])))] if declining else []
    return tuple(m for m in mentions(text) if not any(a <= m.start < b for a, b in silent))
