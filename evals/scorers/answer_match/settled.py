"""What is plain of an answer beside a reference, without a model: `answer_match` asks this first.

Overlaps cannot tell "Delivery is not free" from "Delivery is free" nor $1,577 thousand from $1,577
million, and few judged answers are of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from evals.scorers.answer_match.asked import rounded, states
from evals.scorers.answer_match.features import NAMES, Said, Wanted
from evals.scorers.answer_match.polarity import outright, polarity
from evals.scorers.answer_match.verdict import MOST_EVIDENCE, Reason, Verdict
from evals.text.mentions import Mention
from evals.text.numerals import shares
from evals.text.statements import NEGATING, denies, statement
from evals.text.values import Value, comparable, same
from evals.text.words import contains_phrase, lowered, sentences, spans, words

_NEGATED: Final = NAMES.index("negated")
_PHRASE: Final = NAMES.index("phrase")
_OR = re.compile(r",?\s+or\s+", re.IGNORECASE)
_CANDIDATES = re.compile(
    r"\b(?:might|may|could)\s+be\b[^.;!?]*\b(?:might|may|could)\s+be\b"
    r"|\b(?:not\s+sure|can't\s+tell|don't\s+know)\s+which\b"
)
_FALLS = re.compile(
    r"\b(?:decreas|declin|fell|fall|drop|lower|loss|lost|down|reduc|negativ|contract)\w*\b"
)
_LATEST_YEAR: Final = 2100
_EARLIEST_YEAR: Final = 1500


def settled(said: Said, gold: Wanted, row: Sequence[float]) -> Verdict | None:
    """Whether the answer states a reference where that is plain, with what was compared.

    Plain are: yes and no; a refusal; a value in other units, words or scales, in the wrong one, as
    one of two alternatives, or another value in its place; a phrase that is negated wherever it
    stands or one of several candidates; a statement that is denied.
    """
    if gold.yes is not None:
        yes = polarity(said.text, said.question)
        if yes is None:
            return _verdict(said, gold, "absent")
        return _verdict(said, gold, "right" if yes[0] is gold.yes else "contradicted", yes[1])
    if said.declined and (not row[_PHRASE] or gold.overlap >= 1):
        return _verdict(said, gold, "declined")
    if gold.lead is not None and outright(said.text) is (not gold.lead):
        return _verdict(said, gold, "contradicted")
    if row[_NEGATED] or _denied(said, gold):
        return _verdict(said, gold, "negated")
    if _candidate(said, gold):
        return _verdict(said, gold, "alternative")
    return _value(said, gold) if gold.whole else _values(said, gold)


def _verdict(said: Said, gold: Wanted, reason: Reason, found: Mention | str = "") -> Verdict:
    if isinstance(found, str):
        return Verdict(
            reason == "right",
            reason,
            found,
            expected=gold.text,
            clause=(found or said.text)[:MOST_EVIDENCE],
        )
    start, end = _sentence(said.text, found)
    value = said.text[found.start : found.end]
    return Verdict(
        reason == "right",
        reason,
        value,
        expected=gold.text,
        clause=said.text[start:end][:MOST_EVIDENCE],
    )


def _sentence(text: str, m: Mention) -> tuple[int, int]:
    return next(((a, b) for a, b in spans(text) if a <= m.start < b), (0, len(text)))


def _value(said: Said, gold: Wanted) -> Verdict | None:
    """A reference that is one value and nothing else."""
    (value,) = gold.values
    unsaid = value.kind == "percent" and not any(m.value.kind == "percent" for m in said.found)
    if unsaid and any(abs(share - value.low) < 0.5 for share in shares(said.text)):
        return _verdict(said, gold, "right")
    hits = [m for m in said.found if _states(value, m, said)]
    others = [m for m in said.found if m not in hits and _rival(value, m, said)]
    for hit in hits:
        if rival := next((m for m in others if _either(said.text, hit, m)), None):
            return _verdict(said, gold, "alternative", rival)
    if hits:
        ends = not others or hits[0].start < others[0].start or hits[-1].start > others[-1].start
        plain = value.kind != "date" and (_telling(value) if value.kind == "number" else not others)
        return _verdict(said, gold, "right", hits[0]) if plain and ends else None
    wrong = next((m for m in others if _instead(value, m.value, said)), None)
    if wrong is None and value.point and (_telling(value) or said.asks.scale != 1):
        spare = (m for m in others if m.value.raw != value.raw and not rounded(value, m.value))
        wrong = next((m for m in spare if _telling(m.value)), None)
    return None if wrong is None else _verdict(said, gold, "absent", wrong)


def _values(said: Said, gold: Wanted) -> Verdict | None:
    """A longer reference: wrong where one of several values is another one, or where none of those
    that the question leaves open is said and another stands in its place."""
    known = said.asks.values
    golds = [
        g
        for g in gold.values
        if g.point and g.kind != "date" and not any(same(g, k) for k in known)
    ]
    missing = [g for g in golds if not any(_states(g, m, said) for m in said.found)]
    if not missing:
        return None
    spare = [m for m in said.found if m.value.point and not any(same(m.value, k) for k in known)]
    spare = [m for m in spare if not any(_states(g, m, said) for g in gold.values)]
    some = len(missing) < len(golds)
    for value in missing:
        for m in spare:
            telling = (
                value.unit or value.kind != "number"
                if some
                else _telling(value) and _telling(m.value)
            )
            if comparable(value, m.value) and telling and not rounded(value, m.value):
                return _verdict(said, gold, "contradicted", m)
    return None


def _states(value: Value, m: Mention, said: Said) -> bool:
    """Whether a value is stated; a fall by 5 states −5."""
    if states(value, m.value, said.asks):
        return True
    if not value.low < 0 < m.value.low:
        return False
    positive = replace(value, low=-value.low, high=-value.high, raw=-value.raw)
    start, end = _sentence(said.text, m)
    return (
        states(positive, m.value, said.asks)
        and _FALLS.search(lowered(said.text[start:end])) is not None
    )


def _rival(value: Value, m: Mention, said: Said) -> bool:
    plain = {m.value.kind, value.kind}
    alike = (
        len(plain) == 1
        or plain <= {"number", "money"}
        or (plain == {"number", "percent"} and value.raw != m.value.raw)
    )
    if (
        value.kind == m.value.kind == "number"
        and value.unit != m.value.unit
        and value.raw != m.value.raw
    ):
        return False
    return alike and m.value.point and not any(same(known, m.value) for known in said.asks.values)


def _telling(value: Value) -> bool:
    """Not a small count or a year, which stand in answers for many reasons."""
    if (
        value.kind == "id"
        or value.unit
        or value.decimals
        or value.kind in ("money", "percent", "time")
    ):
        return True
    return (
        value.kind == "number"
        and abs(value.raw) >= 1000
        and not _EARLIEST_YEAR < value.raw < _LATEST_YEAR
    )


def _instead(missing: Value, said: Value, answer: Said) -> bool:
    """The same number with another sign, unit or scale, or another id."""
    if missing.low == -said.low != 0 and missing.point and said.point:
        return not _FALLS.search(lowered(answer.question))
    if (
        missing.raw == said.raw != 0
        and said.scale not in (1.0, missing.scale)
        and missing.low != said.low
    ):
        return missing.scale != 1 or answer.asks.scale != 1 or missing.unit != ""
    if missing.kind != said.kind or missing.kind == "date":
        return False
    if missing.kind == "id":
        return True
    if missing.kind == "number" and not (missing.unit and said.unit):
        return False
    return missing.raw == said.raw != 0 and (missing.unit, missing.low) != (said.unit, said.low)


def _denied(said: Said, gold: Wanted) -> bool:
    if NEGATING.isdisjoint(said.tokens) and NEGATING.isdisjoint(gold.tokens):
        return False
    stated = statement(gold.text)
    return stated is not None and denies(said.text, stated)


def _candidate(said: Said, gold: Wanted) -> bool:
    """Whether a reference is named only among candidates: "either A or B", "it might be A, it might
    be B".
    """
    if not _CANDIDATES.search(lowered(said.text)) or _OR.search(gold.text):
        return False
    parts = [
        part for part in sentences(said.text) if contains_phrase(words(part), gold.tokens) >= 0
    ]
    return bool(parts) and all(_CANDIDATES.search(lowered(part)) for part in parts)


def _either(text: str, a: Mention, b: Mention) -> bool:
    """Whether two values stand as nothing but one or the other; values that are close to each other
    are one.
    """
    first, second = (a, b) if a.start < b.start else (b, a)
    between = text[first.end : second.start]
    return (
        bool(_OR.fullmatch(between)) and not same(a.value, b.value) and not same(b.value, a.value)
    )
