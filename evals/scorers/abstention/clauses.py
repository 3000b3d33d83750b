"""An answer cut into clauses, and what each of them does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from evals.scorers.abstention.grammar import Grammar
from evals.text.words import lowered, spans

Role = Literal["firm", "soft", "denial", "world", "asks", "silent", "other"]
"""A ``firm`` or ``soft`` refusal; a ``denial`` of something of the speaker's own, or of something
in the ``world``; ``asks`` back or passes on; ``silent``: says nothing that could answer;
``other``."""

_QUOTED: Final = re.compile(r'"[^"]*"')
_CONCEDES: Final = re.compile(
    r"\W*(?:although|though|while|even though|whilst|if|when|whenever|should|unless)\b[^,]*(, )"
)
_APOSTROPHE: Final = re.compile(r"\b(do|does|did|is|are|was|were|could|would|have|has|ca|wo)nt\b")
_YOU: Final = re.compile(r"\b(?:you|your|yours|you're|you've|you'd)\b")
_EXCLAMATION: Final = 8
"""An exclamation of fewer words is a courtesy ("Great question!")."""


class Clause(NamedTuple):
    """A clause ``[start, end)`` of a cleaned answer; its text with single spaces, and
    lower-cased.
    """

    start: int
    end: int
    text: str
    low: str
    role: Role


def clauses(cleaned: str, tongues: Sequence[Grammar]) -> list[Clause]:
    """The clauses of a cleaned text; what stands in quotation marks is nobody's refusal."""
    text = _QUOTED.sub(_blank, cleaned) if '"' in cleaned else cleaned
    low, found = lowered(text), list[Clause]()

    def add(start: int, end: int) -> None:
        plain = " ".join(text[start:end].split())
        if plain:
            found.append(Clause(start, end, plain, lowered(plain), role(plain, tongues)))

    for start, end in spans(text):
        at = start
        if concession := _CONCEDES.match(low, start, end):
            add(at, concession.start(1))
            at = concession.end()
        for match in tongues[0].contrast.finditer(low, at, end):
            add(at, match.start())
            at = match.end()
        add(at, end)
    return found


def _blank(quoted: re.Match[str]) -> str:
    return '"' + "_" * (len(quoted[0]) - 2) + '"'


def role(plain: str, tongues: Sequence[Grammar]) -> Role:
    """What a clause with single spaces does, by the first grammar that finds a refusal or
    denial.
    """
    low = _APOSTROPHE.sub(r"\1n't", lowered(plain))
    for tongue in tongues:
        if found := _negative(plain, low, tongue):
            return found
    if any(t.asks.search(low) for t in tongues) or (low.endswith("?") and _YOU.search(low)):
        return "asks"
    if "to answer your question" in low:
        return "other"
    exclaimed = low.endswith("!") and len(low.split()) < _EXCLAMATION
    if exclaimed or low.endswith("?") or any(t.silent.search(low) for t in tongues):
        return "silent"
    return "other"


def _negative(plain: str, low: str, tongue: Grammar) -> Role | None:
    if not tongue.cue.search(low) or tongue.ignored.search(low):
        return None
    if tongue.doubts.search(low):
        return "soft"
    if tongue.declines.search(low):
        return "firm"
    if tongue.denies.search(plain):
        return "denial"
    return "world" if tongue.world.search(plain) else None
