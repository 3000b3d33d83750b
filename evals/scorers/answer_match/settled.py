"""What is plain of an answer beside a reference, without a model: `answer_match` asks this first.

Overlaps cannot tell "Delivery is not free" from "Delivery is free", and few judged answers are of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from evals.scorers.answer_match.features import NAMES, Said, Wanted
from evals.scorers.answer_match.phrases import outright, polarity
from evals.text.mentions import Mention, mentions
from evals.text.numerals import shares
from evals.text.statements import NEGATING, denies, statement
from evals.text.values import Value, comparable, same
from evals.text.words import contains_phrase, lowered, sentences, words

_NEGATED: Final = NAMES.index("negated")
_TYPED: Final = NAMES.index("typed")
_OR = re.compile(r",?\s+or\s+", re.IGNORECASE)
_CANDIDATES = re.compile(
    r"\b(?:might|may|could)\s+be\b[^.;!?]*\b(?:might|may|could)\s+be\b|\b(?:not\s+sure|can't\s+tell|don't\s+know)\s+which\b"
)


def settled(said: Said, gold: Wanted, row: Sequence[float]) -> bool | None:
    """Whether the answer states a reference where that is plain: yes and no, a value in other units or words (but not
    as one of two alternatives) or in the wrong unit, a phrase that is negated wherever it stands or one of several
    candidates, a statement that is denied."""
    if gold.yes is not None:
        yes = polarity(said.text)
        return None if yes is None else yes is gold.yes
    if gold.lead is not None and outright(said.text) is (not gold.lead):
        return False
    if row[_NEGATED] or _denied(said, gold) or _candidate(said, gold) or _replaced(said, gold):
        return False
    if not gold.whole:
        return None
    if gold.values[0].kind == "percent" and not any(v.kind == "percent" for v in said.values):
        return True if any(abs(share - gold.values[0].low) < 0.5 for share in shares(said.text)) else None
    if not row[_TYPED]:
        return None
    (value,), found = gold.values, mentions(said.text)
    hits = [m for m in found if same(value, m.value)]
    others = [m for m in found if m.value.kind == value.kind and m not in hits]
    if any(_either(said.text, hit, other) for hit in hits for other in others):
        return False
    return True if hits and not others and value.kind not in ("number", "date") else None


def _denied(said: Said, gold: Wanted) -> bool:
    if NEGATING.isdisjoint(said.tokens) and NEGATING.isdisjoint(gold.tokens):
        return False
    stated = statement(gold.text)
    return stated is not None and denies(said.text, stated)


def _candidate(said: Said, gold: Wanted) -> bool:
    """Whether a reference is named only among candidates: "either A or B", "it might be A, it might be B"."""
    if not _CANDIDATES.search(lowered(said.text)) or _OR.search(gold.text):
        return False
    parts = [part for part in sentences(said.text) if contains_phrase(words(part), gold.tokens) >= 0]
    return bool(parts) and all(_CANDIDATES.search(lowered(part)) for part in parts)


def _replaced(said: Said, gold: Wanted) -> bool:
    """Whether a value of the reference is said with another unit or scale ("12 months" for 12 years), or an id or, of
    several values, one is another ("every 30 minutes from 6 am" for every 15 minutes from 6 am)."""
    if not said.values or not (gold.whole or len(gold.values) > 1):
        return False
    missing = [g for g in gold.values if g.point and not any(same(g, v) or same(v, g) for v in said.values)]
    if not missing:
        return False
    spare = [v for v in said.values if v.point and not any(same(g, v) or same(v, g) for g in gold.values)]
    several = len(missing) < len(gold.values)
    return any(_instead(g, v, gold.whole, several) for g in missing for v in spare)


def _instead(missing: Value, said: Value, whole: bool, several: bool) -> bool:
    if missing.kind != said.kind or missing.kind == "date":
        return False
    if whole and missing.kind == "id":
        return True
    if not (missing.unit and said.unit) and missing.kind == "number":
        return False
    if whole:
        return missing.raw == said.raw != 0 and (missing.unit, missing.low) != (said.unit, said.low)
    return several and comparable(missing, said)


def _either(text: str, a: Mention, b: Mention) -> bool:
    """Whether two values stand as nothing but one or the other; values that are close to each other are one."""
    first, second = (a, b) if a.start < b.start else (b, a)
    between = text[first.end : second.start]
    return bool(_OR.fullmatch(between)) and not same(a.value, b.value) and not same(b.value, a.value)
