"""How does an answer stand to its question? One reading, with the clause that decides and a reason.

- ``answered``: it gives something, also beside a refusal ("I'm not sure, but it is 30 days": then
  ``hedged``);
- ``refused``, ``explained``: its speaker or sources are said not to know, hold, show or tell the
  answer, and nothing that was asked for is given; explained where more stands beside it;
- ``denied``: it says that what was asked about does not exist;
- ``none``: no answer at all (empty, gibberish, cut off before it began);
- ``unread``: its language is not one whose refusals are read.

What stands in no pattern and carries no cue is an answer. Explanations, figures of other years,
parts of a calculation, advice where to look and apologies give nothing; a value of the kind asked
for does, wherever it stands outside of the refusing clause. Values inside it ("I can't confirm that
it is $20") are not asserted. Politeness and negative rules ("we cannot refund after 30 days") are
no refusals. Deterministic. Known limits: sarcasm, and refusals that only talk about something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from evals.scorers.abstention.asked import Asked, asked
from evals.scorers.abstention.clauses import Clause, Role, clauses, role
from evals.scorers.abstention.given import given
from evals.scorers.abstention.grammar import grammars
from evals.text.language import language
from evals.text.mentions import Mention, mentions
from evals.text.words import WORD, clean, spans

Kind = Literal["answered", "refused", "explained", "denied", "none", "unread"]
State = Literal["answered", "partly", "abstained", "none", "unread"]

_LETTER: Final = re.compile(r"[^\W_]")
_LOOP: Final = re.compile(r"(\S.{0,40}?)\1{6,}")
_VOWELLESS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]+")
_DANGLING: Final = re.compile(
    r"^[A-Z].*\b(?:the|an?|of|to|in|on|for|with|by|and|or|is|are|was|that|based|provided|given)$"
)
_CITED: Final = re.compile(
    r"(?:\[|\b(?:document|passage|page|section|source|table|note|chapter|figure|paragraph)s? )$",
    re.IGNORECASE,
)
_SHOWN: Final = 200
"""Characters shown of a text that is no answer."""


class Abstention(msgspec.Struct, frozen=True):
    """``evidence`` is the clause that decides, ``reason`` says why.

    ``asserted`` are the typed values outside of refusing clauses and referrals. ``hedged``:
    something is given beside a refusal. ``denied``: existence is denied, of whatever. ``declined``:
    what is right where nothing can be known, a refusal or a denial of something of the speaker's
    own ("we sell no such lamp"); that something does not exist in the world is an answer.
    """

    kind: Kind
    evidence: str
    reason: str
    asserted: tuple[Mention, ...] = ()
    hedged: bool = False
    denied: bool = False
    declined: bool = False
    language: str | None = None

    @property
    def state(self) -> State:
        """Refusals are ``abstained``, denials ``answered``, hedged answers ``partly``."""
        if self.kind in ("refused", "explained"):
            return "abstained"
        if self.kind in ("none", "unread"):
            return self.kind
        return "partly" if self.hedged else "answered"


@lru_cache(maxsize=4096)
def read(answer: str, question: str = "") -> Abstention:
    """Read one answer; without a question, any value beside a refusal counts as given."""
    cleaned = clean(answer)
    tongue = language(answer)
    if reason := _nothing(cleaned):
        return Abstention("none", cleaned[:_SHOWN], reason, language=tongue)
    if tongue is None and language(question) == "other" and len(WORD.findall(cleaned)) > 2:
        tongue = "other"
    values = mentions(cleaned)
    if tongue == "other":
        return Abstention("unread", cleaned[:_SHOWN], "language", values, language=tongue)
    every = clauses(cleaned, grammars(tongue))
    return replace(_judged(cleaned, every, values, asked(question)), language=tongue)


def declines(clause: str) -> bool:
    """Whether one clause of an English answer refuses."""
    return role(" ".join(clause.split()), grammars("en")) in ("firm", "soft")


def _nothing(cleaned: str) -> str:
    """Why a cleaned text is no answer at all, or an empty string."""
    if not _LETTER.search(cleaned):
        return "no word" if cleaned else "empty"
    loop = _LOOP.search(cleaned) if len(cleaned) > 20 else None
    if loop and len(loop[0]) * 2 > len(cleaned) and _LETTER.search(loop[0]):
        return "repeats itself"
    said = WORD.findall(cleaned.lower())
    if len(said) < 3:
        return ""
    if sum(_VOWELLESS.fullmatch(word) is not None for word in said) * 2 > len(said):
        return "gibberish"
    begun = len(spans(cleaned)) == 1 and _DANGLING.search(cleaned) is not None
    return "cut off" if begun and not mentions(cleaned) else ""


def _judged(
    cleaned: str, every: list[Clause], values: Sequence[Mention], wanted: Asked
) -> Abstention:
    """The reading of an answer whose clauses are known."""
    roles = {clause.role for clause in every}
    if roles & {"firm", "soft"}:
        return _refusing(cleaned, every, values, wanted)
    asserted = _outside(values, every, {"asks"})
    if roles & {"denial", "world"}:
        return _denying(cleaned, every, asserted, wanted)
    message = asserted or any(map(wanted.wants, values))  # "Let me check, and yes: it costs $5."
    if "asks" in roles and roles <= {"asks", "silent"} and not message:
        return Abstention(
            "refused",
            _first(cleaned, every, {"asks"}),
            "only asks back or passes on",
            declined=True,
        )
    return Abstention(
        "answered", _first(cleaned, every, {"other"}), "no cue of a refusal", asserted
    )


def _refusing(
    cleaned: str, every: list[Clause], values: Sequence[Mention], wanted: Asked
) -> Abstention:
    asserted = _outside(values, every, {"firm", "soft", "asks", "silent"})
    evidence = _first(cleaned, every, {"firm", "soft"})
    uncited = [m for m in values if not _CITED.search(cleaned[max(0, m.start - 12) : m.start])]
    message = given(every, uncited, wanted)
    if message is not None:
        reason = f"refuses, yet says: {_said(cleaned, message)}"
        denied = any(c.role in ("denial", "world") for c in every)
        return Abstention("answered", evidence, reason, asserted, hedged=True, denied=denied)
    beside = [c for c in every if c.role in ("firm", "soft") or len(c.low.split()) > 4]
    kind: Kind = "explained" if len(beside) > 1 else "refused"
    return Abstention(kind, evidence, "refuses", asserted, declined=True)


def _denying(
    cleaned: str, every: list[Clause], asserted: tuple[Mention, ...], wanted: Asked
) -> Abstention:
    """A denial, unless a value stands beside it, or it follows on a yes or no that was asked
    for.
    """
    denials: set[Role] = {"denial", "world"}
    evidence = _first(cleaned, every, denials)
    if _outside(asserted, every, denials) or (wanted.polar and every[0].role not in denials):
        return Abstention("answered", evidence, "denies and says more", asserted, denied=True)
    ours = any(c.role == "denial" for c in every) and not wanted.polar
    return Abstention(
        "denied", evidence, "denies the premise", asserted, denied=True, declined=ours
    )


def _outside(
    values: Sequence[Mention], every: list[Clause], roles: set[Role]
) -> tuple[Mention, ...]:
    parts = [clause for clause in every if clause.role in roles]
    return tuple(m for m in values if not any(c.start <= m.start < c.end for c in parts))


def _first(cleaned: str, every: list[Clause], roles: set[Role]) -> str:
    """The first clause with one of the roles, else the first of all."""
    return _said(cleaned, next((c for c in every if c.role in roles), every[0]))


def _said(cleaned: str, clause: Clause) -> str:
    return cleaned[clause.start : clause.end].strip(" ,;:-–—")
