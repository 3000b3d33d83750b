"""Did an answer answer? Deterministic: ``answered``, ``partly`` (declined but still asserted something), ``abstained``.

A clause *declines* when its speaker, or the sources it speaks of, are said not to know, hold or show the answer; it
*denies* when it says that the thing asked about does not exist. Politeness alone ("unfortunately", "sorry") is neither,
and neither is a rule that happens to be negative ("we cannot refund after 30 days"). A value inside a declining clause
("I can't confirm that it is $20") is not asserted; one in a clause after "but" is. What stands in quotation marks is
nobody's refusal, but its values are asserted. Where these patterns find neither, a fitted model (`abstention.model`)
reads refusals in other words. Known limits: English only; the question is not read, so an answer to something else
counts as one; sarcasm and refusals by silence (an empty answer counts as abstained) are not told apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from evals.scorers.abstention.acts import ACTS, ASKS, DESCRIBES
from evals.scorers.abstention.model import SPEAKS, THRESHOLD, AbstentionModel, bundled, marks
from evals.scorers.abstention.patterns import CUE, DECLINES, DENIES
from evals.text.mentions import Mention, mentions
from evals.text.words import clean, lowered, spans, words

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
    r"|^\W*(?:please\s+|just\s+|then\s+)?(?:say|reply|respond|explain|tell\s+(?:them|him|her|the\s+\w+))\b"
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
    """Read one answer: by patterns and, where they find no abstention, by the model. An empty one is an abstention."""
    return reading(clean(text), bundled)


def reading(cleaned: str, model: Callable[[], AbstentionModel]) -> Abstention:
    """What patterns find in a cleaned answer; where that is no abstention, what a model says: no answer, or ``partly``
    where a value is asserted all the same."""
    found = by_patterns(cleaned)
    if found.state == "abstained" or not heard(cleaned, found):
        return found
    if model().chance(cleaned, marked(cleaned, found)) < THRESHOLD:
        return found
    return replace(found, state="partly" if any(m.value.text != "article" for m in found.asserted) else "abstained")


def heard(cleaned: str, found: Abstention) -> bool:
    """Whether the model is asked: not where patterns find a denial. Where no cue of a refusal stands, not of up to four
    words (a name, a courtesy), nor where a value is asserted and nobody speaks of himself."""
    if found.denied:
        return False
    if _cued(cleaned) or _asks(cleaned):
        return True
    said = words(cleaned)
    return len(said) > 4 and not (found.asserted and SPEAKS.isdisjoint(said))


@lru_cache(maxsize=64)
def _cued(cleaned: str) -> bool:
    return CUE.search(cleaned.lower()) is not None


@lru_cache(maxsize=64)
def _asks(cleaned: str) -> bool:
    return ASKS.search(lowered(cleaned)) is not None


def marked(cleaned: str, found: Abstention) -> list[float]:
    """What the model reads of a cleaned answer beside its words."""
    asserted = sum(m.value.text != "article" for m in found.asserted)
    return marks(cleaned, found.state, found.declined, asserted)


@lru_cache(maxsize=2048)
def by_patterns(cleaned: str) -> Abstention:
    """What the patterns find in a cleaned answer; an empty one is an abstention with no evidence."""
    if not _LETTER.search(cleaned):
        return Abstention("abstained", False, "", ())
    asserted, read = mentions(cleaned), _unquoted(cleaned)
    if not _cued(cleaned):
        state: State = "abstained" if not asserted and _asks_back(read) else "answered"
        return Abstention(state, False, "", asserted, bool(asserted))
    declining, denials, others, evidence = [], [], [], ""
    clauses = _clauses(read)
    for start, end in clauses:
        clause = read[start:end]
        cued = CUE.search(clause.lower())
        if cued and declines(clause):
            declining.append((start, end))
            evidence = evidence or cleaned[start:end].strip()
        elif cued and DENIES.search(clause) and not _SECOND_PERSON_CONDITION.search(clause):
            denials.append((start, end))
            evidence = evidence or cleaned[start:end].strip()
        else:
            others.append(clause)
    if declining:
        asserted = _outside(asserted, read, clauses, declining)
        state = "partly" if asserted or _informative(others) > 2 else "abstained"
    else:
        state = "abstained" if not (asserted or denials) and _asks_back(read) else "answered"
    beside = any(not any(a <= m.start < b for a, b in denials) for m in asserted)
    return Abstention(state, bool(denials), evidence, asserted, beside)


def _informative(clauses: Iterable[str]) -> int:
    """How many clauses say something of their own: no courtesy, no question, three words or more."""
    return sum(
        not clause.rstrip().endswith("?") and len(words(clause)) > 2 and not _silent(lowered(clause))
        for clause in clauses
    )


def _silent(clause: str) -> bool:
    """Whether a lower-cased clause beside a declining one answers nothing: a courtesy, or what a source does say."""
    return bool(_COURTESY.search(clause) or DESCRIBES.search(clause))


def _asks_back(text: str) -> bool:
    """Whether a text only asks something back or passes the question on."""
    low = lowered(text)
    return _asks(text) and all(
        ASKS.search(part) or part.rstrip().endswith("?") or _COURTESY.search(part) or len(part.split()) < 3
        for part in (low[start:end] for start, end in spans(text))
    )


def _unquoted(cleaned: str) -> str:
    """The text with what stands between quotation marks blanked, letter for letter."""
    return _QUOTED.sub(lambda m: '"' + "_" * (len(m[0]) - 2) + '"', cleaned) if '"' in cleaned else cleaned


def declines(clause: str) -> bool:
    """Whether a clause says that the answer is not known, held, shown or given."""
    if _IMPERATIVE_QUESTION.search(clause) or _SECOND_PERSON_CONDITION.search(clause):
        return False
    said = _QUOTED.sub('""', clause.lower())
    return not _REPORTED.search(said) and bool(CUE.search(said) and (DECLINES.search(said) or ACTS.search(said)))


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


def _outside(
    values: Iterable[Mention], text: str, clauses: list[tuple[int, int]], declining: list[tuple[int, int]]
) -> tuple[Mention, ...]:
    """The values that stand neither in a declining clause nor in a referral ("call 555-0100 before 17:00")."""
    silent = [*declining, *((a, b) for a, b in clauses if _silent(lowered(text[a:b])))]
    return tuple(m for m in values if not any(a <= m.start < b for a, b in silent))
