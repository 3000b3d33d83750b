"""Features of a free-form answer against one reference, for `references.matches`. No model; linear in the answer.

Words of the question are no evidence: they are taken out of the reference before overlap is counted (unless nothing is
left). Citation marks glued to words ("Kimber1", "200212" for 2002 with notes 1 and 2) are read both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from evals.metrics.abstention import abstention
from evals.metrics.grounding import rarity
from evals.metrics.mentions import mentions
from evals.metrics.phrases import standing
from evals.metrics.text import STOP_WORDS, clean, contains_phrase, fold, stems, words
from evals.metrics.values import Value, same

_GLUED = re.compile(r"(?<=[A-Za-z\"')])\d{1,3}(?=[\s.,;]|$)|(?<=\b[12]\d{3})\d{1,3}(?=[\s.,;]|$)")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_ASKS: Final = ("who", "when", "where", "how many", "how", "what", "which", "why")

NAMES: Final = (
    "phrase", "phrase_early", "recall", "recall_rare", "fuzzy_recall", "precision", "inside", "first_word", "last_word",
    "typed", "typed_none", "year", "year_conflict", "number_conflict", "partial", "token_set", "window", "declined",
    "answer_length", "reference_length", "is_name", "is_typed", "negated", "acronym", "phrase_recall", "short_answer",
    "question_overlap", "references", *(f"asks_{a.replace(' ', '_')}" for a in _ASKS),
)  # fmt: skip
"""The features of `features`, in order."""


@lru_cache(maxsize=256)
def _asked(question: str) -> tuple[frozenset[str], tuple[float, ...]]:
    lowered = f" {fold(question)} "
    kind = next((a for a in _ASKS if f" {a} " in lowered), "what")
    return frozenset(stems(words(question))), tuple(float(a == kind) for a in _ASKS)


def _content(tokens: Sequence[str], asked: frozenset[str]) -> list[tuple[str, str]]:
    """(word, stem) pairs that are neither stop words nor the question's; all that are no stop words if none is left."""
    pairs = [(w, s) for w, s in zip(tokens, stems(tuple(tokens)), strict=True) if w not in STOP_WORDS]
    return [p for p in pairs if p[1] not in asked] or pairs or list(zip(tokens, stems(tuple(tokens)), strict=True))


@lru_cache(maxsize=64)
def unglued(answer: str) -> str:
    """The cleaned answer without citation digits that stick to words and years."""
    return _GLUED.sub("", clean(answer))


def features(question: str, answer: str, reference: str, references: int = 1) -> list[float]:
    """Shape (len(NAMES),). Finite for every input."""
    asked, kind = _asked(question)
    text = unglued(answer)
    tokens, wanted = words(text), words(reference)
    said = set(stems(tokens))
    pairs = _content(wanted, asked)
    hits = [s in said for _, s in pairs]
    fuzzy = [h or _near(w, tokens) for (w, _), h in zip(pairs, hits, strict=True)]
    rare = [rarity(w) + 0.05 for w, _ in pairs]
    own = [s for w, s in _content(tokens, asked)]
    goal = {s for _, s in pairs}
    at = standing(tokens, wanted)
    folded = " ".join(tokens)[:4000]
    target = " ".join(wanted)
    typed, none, number = _typed(reference, text)
    years, given = set(_YEAR.findall(reference)), set(_YEAR.findall(text))
    n = max(1, len(pairs))
    return [
        float(at >= 0),
        float(0 <= at < 25),
        sum(hits) / n,
        sum(r for r, h in zip(rare, hits, strict=True) if h) / max(1e-9, sum(rare)),
        sum(fuzzy) / n,
        sum(s in goal for s in own[:60]) / max(1, len(own[:60])),
        float(bool(tokens) and len(tokens) < len(wanted) and contains_phrase(wanted, tokens) >= 0),
        float(bool(fuzzy) and fuzzy[0]),
        float(bool(fuzzy) and fuzzy[-1]),
        typed,
        none,
        float(bool(years) and bool(years & given)),
        float(bool(years) and bool(given) and not years & given),
        number,
        fuzz.partial_ratio(target, folded) / 100 if target and folded else 0.0,
        fuzz.token_set_ratio(target, folded) / 100 if target and folded else 0.0,
        _window(goal, tokens),
        float(abstention(text).state == "abstained"),
        min(1.0, len(tokens) / 100),
        min(1.0, len(wanted) / 12),
        float(sum(w[:1].isupper() for w in reference.split()) >= max(1, len(reference.split()) / 2)),
        float(bool(mentions(reference))),
        float(at < 0 and contains_phrase(tokens, wanted) >= 0),
        float(len(wanted) > 2 and "".join(w[0] for w in wanted if w not in STOP_WORDS) in tokens),
        float(at >= 0) * min(1.0, len(wanted) / 4),
        float(len(tokens) <= 6),
        len(asked & set(stems(wanted))) / max(1, len(wanted)),
        min(1.0, references / 5),
        *kind,
    ]


def _near(word: str, tokens: Sequence[str]) -> bool:
    """A word that differs by spelling or ending: same first five letters, or an edit ratio of at least 85."""
    if len(word) < 5 or not word.isalpha():
        return False
    head = word[:5]
    return any(t[:5] == head or (abs(len(t) - len(word)) < 3 and fuzz.ratio(word, t) >= 85) for t in tokens[:400])


def _typed(reference: str, text: str) -> tuple[float, float, float]:
    """(all typed values of the reference said, the reference has none, values of its kind said but none of its own)."""
    golds: list[Value] = [m.value for m in mentions(reference)]
    if not golds:
        return 0.0, 1.0, 0.0
    found = [m.value for m in mentions(text)]
    met = [any(same(g, v) or same(v, g) or (g.raw == v.raw != 0 and g.kind == v.kind) for v in found) for g in golds]
    rivals = any(v.kind == g.kind for v in found for g in golds)
    return sum(met) / len(met), 0.0, float(not any(met) and rivals)


def _window(goal: set[str], tokens: Sequence[str]) -> float:
    """Largest share of the goal's stems within a stretch of the answer twice the goal's length plus four."""
    every = stems(tuple(tokens[:600]))
    places = [(i, s) for i, s in enumerate(every) if s in goal]
    size = 2 * len(goal) + 4
    best = 0
    for n, (i, _) in enumerate(places):
        best = max(best, len({s for j, s in places[n : n + size] if j < i + size}))
    return best / max(1, len(goal))
