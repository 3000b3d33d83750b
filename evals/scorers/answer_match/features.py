"""Features of a free-form answer against one reference, for `answer_match.model.matches`. No model;
linear in the answer.

Words of the question are no evidence: they are taken out of the reference before overlap is counted
(unless nothing is left). Citation marks glued to words ("Kimber1", "200212" for 2002 with notes 1
and 2) are read both ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import msgspec
from rapidfuzz import fuzz

from evals.scorers.abstention import reader as refusals
from evals.scorers.answer_match.asked import Asked, narrowed, states
from evals.scorers.answer_match.asked import asked as read_question
from evals.scorers.answer_match.phrases import standing
from evals.scorers.groundedness.features import rarity
from evals.text.mentions import Mention, mentions
from evals.text.values import Value, same
from evals.text.words import STOP_WORDS, clean, contains_phrase, fold, stems, words

_GLUED = re.compile(
    r"(?:(?<=[A-Za-z\")])|(?<=\D'))(?<!USD)(?<!EUR)(?<!CHF)(?<!GBP)(?<!INR)(?<!Rs)\d{1,3}(?=[\s.,;]|$)"
    r"|(?<=\d,\d{3})\d{1,2}(?=[\s.,;]|$)"
)
_GLUED_YEAR = re.compile(
    r"(\b(?:in|since|by|of|year|\d{1,2},|[A-Z][a-z]+(?:ry|ch|il|ay|ne|ly|st|er))\s+[12]\d{3})\d{1,3}(?=[.,;)]|\s*\Z|\s+[A-Z(])"
)
_CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w+")
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_ASKS: Final = ("who", "when", "where", "how many", "how", "what", "which", "why")
_KINDS: Final = {a: tuple(float(a == b) for b in _ASKS) for a in _ASKS}

_LEAD = re.compile(r"\s*(yes|no)\s*[,.;:!–—-]\s*(?=\w+\W+\w+\W+\w|\D?\d)", re.IGNORECASE)
_YES_OR_NO: Final[dict[tuple[str, ...], bool]] = {
    ("yes",): True,
    ("true",): True,
    ("no",): False,
    ("false",): False,
}

NAMES: Final = (
    "phrase",
    "phrase_early",
    "recall",
    "recall_rare",
    "fuzzy_recall",
    "precision",
    "inside",
    "first_word",
    "last_word",
    "typed",
    "typed_none",
    "year",
    "year_conflict",
    "number_conflict",
    "partial",
    "token_set",
    "window",
    "declined",
    "answer_length",
    "reference_length",
    "is_name",
    "is_typed",
    "negated",
    "acronym",
    "phrase_recall",
    "short_answer",
    "question_overlap",
    "references",
    *(f"asks_{a.replace(' ', '_')}" for a in _ASKS),
)
"""The features of `compare`, in order."""


@lru_cache(maxsize=256)
def _asked(question: str) -> tuple[frozenset[str], tuple[float, ...]]:
    lowered = f" {fold(question)} "
    kind = next((a for a in _ASKS if f" {a} " in lowered), "what")
    return frozenset(stems(words(question))), _KINDS[kind]


def _content(
    tokens: Sequence[str], stemmed: Sequence[str], asked: frozenset[str]
) -> list[tuple[str, str]]:
    """(word, stem) pairs that are neither stop words nor the question's; all that are no stop words
    if none is left.
    """
    every = list(zip(tokens, stemmed, strict=True))
    pairs = [p for p in every if p[0] not in STOP_WORDS]
    return [p for p in pairs if p[1] not in asked] or pairs or every


@lru_cache(maxsize=64)
def unglued(answer: str) -> str:
    """The cleaned answer without citation digits that stick to words and years."""
    return _GLUED_YEAR.sub(r"\1", _GLUED.sub("", clean(answer)))


class Said(msgspec.Struct, frozen=True):
    """An answer, read once for all references. ``own``: stems of its first content words;
    ``found``: its values, ranges narrowed to the end that is asked for."""

    text: str
    tokens: tuple[str, ...]
    stems: list[str]
    own: list[str]
    folded: str
    found: list[Mention]
    years: frozenset[str]
    declined: bool
    question: str
    asks: Asked
    asked: frozenset[str]
    kind: tuple[float, ...]


class Wanted(msgspec.Struct, frozen=True):
    """A reference, read once for all answers to a question. ``content``: its content words with
    stem and weight; ``whole``: it is one typed value and nothing else; ``yes``: it is yes or no;
    ``lead``: it begins with yes or no, which is left out of all else."""

    tokens: tuple[str, ...]
    content: tuple[tuple[str, str, float], ...]
    goal: frozenset[str]
    weight: float
    joined: str
    values: list[Value]
    years: frozenset[str]
    acronym: str
    name: bool
    overlap: float
    whole: bool
    yes: bool | None
    lead: bool | None
    text: str


def read(question: str, answer: str) -> Said:
    """Everything of an answer that is compared with a reference."""
    asked, kind = _asked(question)
    asks = read_question(question)
    text = unglued(answer)
    tokens = words(text)
    stemmed = stems(tokens)
    return Said(
        text,
        tokens,
        stemmed,
        [s for _, s in _content(tokens, stemmed, asked)[:60]],
        " ".join(tokens)[:4000],
        [narrowed(m, asks) for m in mentions(text)],
        frozenset(_YEAR.findall(text)),
        refusals.read(text).state == "abstained",
        question,
        asks,
        asked,
        kind,
    )


@lru_cache(maxsize=1024)
def wanted(question: str, reference: str) -> Wanted:
    """Everything of a reference that is compared with an answer."""
    asked, _ = _asked(question)
    lead = _LEAD.match(reference)
    reference = reference[lead.end() :] if lead else reference
    tokens = words(reference)
    stemmed = stems(tokens)
    content = tuple((w, s, rarity(w) + 0.05) for w, s in _content(tokens, stemmed, asked))
    capitals = [w[:1].isupper() for w in reference.split()]
    typed = mentions(reference)
    return Wanted(
        tokens,
        content,
        frozenset(s for _, s, _ in content),
        max(1e-9, sum(r for _, _, r in content)),
        " ".join(tokens),
        [m.value for m in typed],
        frozenset(_YEAR.findall(reference)),
        "".join(w[0] for w in tokens if w not in STOP_WORDS) if len(tokens) > 2 else "",
        sum(capitals) >= max(1, len(capitals) / 2),
        len(asked & set(stemmed)) / max(1, len(tokens)),
        len(typed) == 1 and typed[0].end - typed[0].start == len(clean(reference).rstrip(".")),
        _YES_OR_NO.get(tokens),
        None if lead is None else lead[1].lower() == "yes",
        reference,
    )


def compare(said: Said, gold: Wanted, references: int = 1) -> list[float]:
    """The features of an answer against a reference, shape (len(NAMES),), finite for every
    input.
    """
    tokens = said.tokens
    stemmed = set(said.stems)
    hits = [s in stemmed for _, s, _ in gold.content]
    fuzzy = [h or _near(w, tokens) for (w, _, _), h in zip(gold.content, hits, strict=True)]
    at = standing(tokens, gold.tokens)
    typed, none, number = _typed(gold.values, [m.value for m in said.found], said.asks)
    shared = gold.years & said.years
    n = max(1, len(gold.content))
    return [
        float(at >= 0),
        float(0 <= at < 25),
        sum(hits) / n,
        sum([r for (_, _, r), h in zip(gold.content, hits, strict=True) if h]) / gold.weight,
        sum(fuzzy) / n,
        len([s for s in said.own if s in gold.goal]) / max(1, len(said.own)),
        float(
            bool(tokens)
            and len(tokens) < len(gold.tokens)
            and contains_phrase(gold.tokens, tokens) >= 0
        ),
        float(bool(fuzzy) and fuzzy[0]),
        float(bool(fuzzy) and fuzzy[-1]),
        typed,
        none,
        float(bool(shared)),
        float(bool(gold.years and said.years and not shared)),
        number,
        fuzz.partial_ratio(gold.joined, said.folded) / 100 if gold.joined and said.folded else 0.0,
        (
            fuzz.token_set_ratio(gold.joined, said.folded) / 100
            if gold.joined and said.folded
            else 0.0
        ),
        _window(gold.goal, said.stems[:600]),
        float(said.declined),
        min(1.0, len(tokens) / 100),
        min(1.0, len(gold.tokens) / 12),
        float(gold.name),
        float(bool(gold.values)),
        float(at < 0 and contains_phrase(tokens, gold.tokens) >= 0),
        float(_is_acronym(gold, said)),
        float(at >= 0) * min(1.0, len(gold.tokens) / 4),
        float(len(tokens) <= 6),
        gold.overlap,
        min(1.0, references / 5),
        *said.kind,
    ]


def _is_acronym(gold: Wanted, said: Said) -> bool:
    """Whether the answer has the reference's first letters, or spells out a reference of three
    capitals or more.
    """
    if len(gold.tokens) > 2:
        return gold.acronym in said.tokens
    short = gold.text.strip().rstrip(".")
    if not (short.isalpha() and short.isupper() and 3 <= len(short) <= 7):
        return False
    initials = "".join(word[0] for word in _CAPITALISED.findall(said.text))
    return short in initials


def _near(word: str, tokens: Sequence[str]) -> bool:
    """A word that differs by spelling or ending: same first five letters, or an edit ratio of at
    least 85.
    """
    if len(word) < 5 or not word.isalpha():
        return False
    head = word[:5]
    return any(
        t[:5] == head or (abs(len(t) - len(word)) < 3 and fuzz.ratio(word, t) >= 85)
        for t in tokens[:400]
    )


def _typed(
    golds: Sequence[Value], found: Sequence[Value], asks: Asked
) -> tuple[float, float, float]:
    """(all typed values of the reference said, the reference has none, values of its kind said but
    none of its own).
    """
    if not golds:
        return 0.0, 1.0, 0.0
    met = [
        any(
            states(g, v, asks) or same(v, g) or (g.raw == v.raw != 0 and g.kind == v.kind)
            for v in found
        )
        for g in golds
    ]
    rivals = any(v.kind == g.kind for v in found for g in golds)
    return sum(met) / len(met), 0.0, float(not any(met) and rivals)


def _window(goal: frozenset[str], stemmed: Sequence[str]) -> float:
    """Largest share of the goal's stems within a stretch of the answer twice the goal's length plus
    four.
    """
    places = [(i, s) for i, s in enumerate(stemmed) if s in goal]
    size = 2 * len(goal) + 4
    best = 0
    for n, (i, _) in enumerate(places):
        best = max(best, len({s for j, s in places[n : n + size] if j < i + size}))
    return best / max(1, len(goal))
