"""Features of an answer against its contexts, for `groundedness`. Deterministic, no model, linear
in the texts.

Words are Snowball stems without stop words; the question's words are taken out of the answer first,
for repeating the question supports nothing. Contexts are read by `groundedness.context`, the fields
of records by `groundedness.records`, small talk and the forms of words by `groundedness.wording`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from evals.scorers.abstention import reader as refusals
from evals.scorers.groundedness import wording as grounding_wording
from evals.scorers.groundedness.context import HEAD, Context, overlap, prepare, restated
from evals.scorers.groundedness.courtesy import substance
from evals.scorers.groundedness.places import Misplaced, misplaced
from evals.scorers.groundedness.records import Fields, Verdict, judge, read
from evals.scorers.groundedness.wording import WORDING_NAMES
from evals.text.claims import Claim, claims
from evals.text.values import same
from evals.text.words import STOP_WORDS, clean, content_stems, stems, word_set, words

_NEGATORS: Final = word_set(
    "not no never none nothing neither nor without cannot can't don't doesn't didn't isn't aren't "
    "wasn't weren't won't wouldn't couldn't shouldn't hasn't haven't hadn't unable false unlike "
    "despite however although lack lacks"
)
_HEDGES: Final = word_set(
    "may might could possibly perhaps probably likely seems appears generally typically usually "
    "often additionally overall important recommended consider ensure"
)

_PLACES: Final = 50
"""Sentences of a word that are looked at for its neighbours."""


@dataclass(frozen=True)
class Piece:
    """One sentence of the answer with how well the contexts carry it. ``support`` is the share of
    its content words in the best one or two context sentences; ``claims`` are its typed claims that
    no context carries."""

    start: int
    end: int
    known: float
    support: float
    bigrams: float
    bad: tuple[Claim, ...]
    made: int
    words: int
    negation: bool
    denied: bool
    trigrams: float
    novel: float
    window: float
    hedged: float
    declined: bool
    place: float
    apart: float
    record: Verdict
    misplaced: Misplaced

    def vector(self) -> list[float]:
        """Features of the sentence, in the order of `PIECE_NAMES`."""
        numbers = sum(c.mention is not None for c in self.bad)
        return [
            self.known,
            self.support,
            self.bigrams,
            self.trigrams,
            self.novel,
            self.window,
            math.log1p(self.words * (1 - self.known)),
            len(self.bad) / self.made if self.made else 0.0,
            math.log1p(numbers),
            math.log1p(len(self.bad) - numbers),
            float(self.negation),
            float(self.denied),
            math.log1p(self.words),
            self.hedged,
            float(self.declined),
            self.place,
            self.support * self.known,
            min(self.support, self.bigrams),
            self.apart,
            float(self.record.conflicts > 0),
            float(self.record.unmentioned > 0),
            float(self.record.hours > 0),
            math.log1p(self.misplaced.displaced),
            math.log1p(self.misplaced.swapped),
        ]


PIECE_NAMES: Final = (
    "known",
    "support",
    "bigrams",
    "trigrams",
    "novel",
    "window",
    "unknown",
    "bad_share",
    "bad_numbers",
    "bad_names",
    "negation",
    "denied",
    "words",
    "hedged",
    "declined",
    "place",
    "support_known",
    "support_bigrams",
    "apart",
    "record_conflicts",
    "record_untold",
    "record_hours",
    "displaced",
    "swapped",
)


def carried(claim: Claim, context: Context) -> bool:
    """Whether the contexts carry a claim: the value, or all words of the name in a row or its last
    word alone.
    """
    if claim.mention is None:
        phrase = " ".join(words(claim.text))
        return f" {phrase} " in context.text or all(
            f" {w} " in context.text for w in words(claim.text)
        )
    value = claim.mention.value
    if value.kind == "id":
        return value.text.lower() in context.text or any(
            same(v, value) for v in context.written if v.kind == "id"
        )
    return any(same(v, value) or same(value, v) for v in context.written) or (
        value.point
        and value.kind in ("number", "duration", "money", "percent")
        and round(value.raw, 6) in context.numbers
    )


def pieces(
    question: str, answer: str, context: Context, fields: Fields | None = None
) -> list[Piece]:
    """The answer's sentences with their support, in order; ``fields`` are those of the contexts'
    records.
    """
    text = clean(answer)
    asked = set(content_stems(question))
    made = claims(answer, question)
    places = substance(text, context.stems)
    return [
        _piece(
            text,
            start,
            end,
            asked,
            [c for c in made if start <= c.start < end],
            context,
            n / len(places),
            judge(text[start:end], fields) if fields else Verdict(),
        )
        for n, (start, end) in enumerate(places, 1)
    ]


def _piece(
    text: str,
    start: int,
    end: int,
    asked: set[str],
    made: list[Claim],
    context: Context,
    place: float,
    record: Verdict,
) -> Piece:
    part = restated(text[start:end], context)
    said = [w for w in content_stems(part) if w not in asked]
    best, index = _best(said, context)
    tokens = words(part)
    raw = context.raw[index] if index >= 0 else frozenset()
    negated = bool(_NEGATORS & set(tokens))
    novel = novelty(tokens, asked, context)
    return Piece(
        start,
        end,
        _mean([float(w in context.stems) for w in said]),
        best,
        _mean([float(p in context.bigrams) for p in pairwise(said)]),
        tuple(c for c in made if not carried(c, context)),
        len(made),
        len(said),
        bool(said) and negated != bool(_NEGATORS & raw),
        not negated and any(len(d) > 1 and d <= {*said, "no", "given"} for d in context.denied),
        _mean([float(t in context.trigrams) for t in _trigrams(tokens)]),
        _mean(novel, 0.0),
        _windows(novel, 6) / 6,
        sum(w in _HEDGES for w in tokens) / max(1, len(tokens)),
        refusals.declines(part),
        place,
        1 - _mean(together(said, context)),
        record,
        misplaced(said, made, context),
    )


def _trigrams(tokens: tuple[str, ...]) -> list[tuple[str, ...]]:
    every = stems(tokens)
    return list(zip(every, every[1:], every[2:], strict=False))


def _best(said: list[str], context: Context) -> tuple[float, int]:
    """Share of the words' weight in the best single context sentence, and which one that is."""
    if not said:
        return 1.0, -1
    weights, scores = overlap(said, context)
    if not scores:
        return 0.0, -1
    index = max(scores, key=lambda n: scores[n])
    near = scores[index]
    for other in (index - 1, index + 1):
        if other in scores:
            gained = sum(
                weights[w]
                for w in weights
                if other in context.by_stem.get(w, ()) and index not in context.by_stem.get(w, ())
            )
            near = max(near, scores[index] + 0.5 * gained)
    return near / sum(weights.values()), index


def together(said: Sequence[str], context: Context) -> list[float]:
    """For each two neighbouring words that the contexts hold (at most one word between them): 1
    where one sentence, or two in a row, holds both, else 0. Words of the context in a company that
    it never gave them are told apart so."""
    found = []
    for i, first in enumerate(said):
        for second in said[i + 1 : i + 3]:
            if first == second or first not in context.stems or second not in context.stems:
                continue
            few, other = sorted((context.by_stem[first], context.by_stem[second]), key=len)
            near = set(other)
            found.append(
                float(any(n in near or n - 1 in near or n + 1 in near for n in few[:_PLACES]))
            )
    return found


@lru_cache(maxsize=20_000)
def rarity(word: str) -> float:
    """How rare a word is, 0 (very common) to 1 (never seen), from its Zipf frequency (wordfreq,
    Speer 2022).
    """
    from wordfreq import zipf_frequency

    return max(0.0, 1.0 - float(zipf_frequency(word, "en")) / 7.0)


def novelty(tokens: Sequence[str], asked: set[str], context: Context) -> list[float]:
    """Per content word beyond the question: 0 where a context has it, its rarity where none has it,
    half of that where one has a word with the same head (``settlement`` beside ``settled``)."""
    found = []
    for token, stem in zip(tokens, stems(tuple(tokens)), strict=True):
        if token in STOP_WORDS or stem in asked:
            continue
        if stem in context.stems:
            found.append(0.0)
        else:
            found.append(
                rarity(token) * (0.5 if len(stem) >= HEAD and stem[:HEAD] in context.heads else 1.0)
            )
    return found


def _windows(values: Sequence[float], size: int) -> float:
    """The largest sum over ``size`` neighbours."""
    if not values:
        return 0.0
    total = best = sum(values[:size])
    for i in range(size, len(values)):
        total += values[i] - values[i - size]
        best = max(best, total)
    return best


def _mean(values: Sequence[float], empty: float = 1.0) -> float:
    return sum(values) / len(values) if values else empty


NAMES: Final = (
    "known",
    "unknown_count",
    "bigrams",
    "trigrams",
    "support_mean",
    "support_min",
    "support_low",
    "known_min",
    "bad_share",
    "bad_count",
    "bad_numbers",
    "bad_names",
    "negation",
    "denied",
    "length",
    "sentences",
    "long_words",
    "declined",
    "hedges",
    "last_support",
    "weighted",
    "context",
    "coverage",
    "novel_mean",
    "novel_sum",
    "novel_window",
    "novel_short",
    "rare_count",
    "copied",
    "apart",
    "apart_worst",
    "record_conflicts",
    "record_untold",
    "record_hours",
    "displaced",
    "swapped",
    *WORDING_NAMES,
)
"""The features, in the order of `features`."""


def features(
    question: str, answer: str, contexts: tuple[str, ...]
) -> tuple[list[float], list[Piece]]:
    """Shape (len(NAMES),) and the pieces they come from. An answer without words has the features
    of full support.
    """
    context, fields = prepare(contexts), read(contexts)
    parts = pieces(question, answer, context, fields if fields.fields else None)
    asked = set(content_stems(question))
    text = clean(answer)
    answer = restated(" ".join(text[a:b] for a, b in substance(text, context.stems)), context)
    said = [w for w in content_stems(answer) if w not in asked]
    trigrams = _trigrams(words(answer))
    real = [p for p in parts if p.words > 1] or parts
    bad = [c for p in parts for c in p.bad]
    unknown = [w for w in said if w not in context.stems]
    unseen = math.log(1 + max(1, len(context.sentences)))
    weight = sum(context.weight.get(w, unseen) for w in said)
    made = sum(p.made for p in parts)
    tokens = words(answer)
    novel = novelty(tokens, asked, context)
    copied = [float(t in context.trigrams) for t in trigrams]
    vector = [
        1 - len(unknown) / len(said) if said else 1.0,
        math.log1p(len(unknown)),
        _mean([p.bigrams for p in real]),
        _mean([float(t in context.trigrams) for t in trigrams]),
        _mean([p.support for p in real]),
        min((p.support for p in real), default=1.0),
        math.log1p(sum(p.support < 0.4 for p in real)),
        min((p.known for p in real), default=1.0),
        len(bad) / made if made else 0.0,
        math.log1p(len(bad)),
        math.log1p(sum(c.mention is not None for c in bad)),
        math.log1p(sum(c.mention is None for c in bad)),
        _mean([float(p.negation) for p in real], 0.0),
        math.log1p(sum(p.denied for p in parts)),
        math.log1p(len(tokens)),
        math.log1p(len(parts)),
        sum(len(w) > 7 for w in unknown) / len(said) if said else 0.0,
        float(refusals.read(answer).state != "answered"),
        sum(w in _HEDGES for w in tokens) / max(1, len(tokens)),
        real[-1].support if real else 1.0,
        sum(context.weight[w] for w in said if w in context.weight) / weight if weight else 1.0,
        math.log1p(context.size),
        len(set(said) & context.stems) / max(1, len(context.stems)),
        _mean(novel, 0.0),
        math.log1p(sum(novel)),
        _windows(novel, 10) / 10,
        _windows(novel, 4) / 4,
        math.log1p(sum(x > 0.45 for x in novel)),
        1 - _windows([1 - c for c in copied], 12) / 12 if copied else 1.0,
        _mean([p.apart for p in real], 0.0),
        max((p.apart for p in real), default=0.0),
        math.log1p(sum(p.record.conflicts for p in parts)),
        math.log1p(sum(p.record.unmentioned for p in parts)),
        math.log1p(sum(p.record.hours for p in parts)),
        math.log1p(sum(p.misplaced.displaced for p in parts)),
        math.log1p(sum(p.misplaced.swapped for p in parts)),
        *grounding_wording.features(question, answer, contexts),
    ]
    return vector, parts
