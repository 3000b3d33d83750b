"""What the likelihood of an answer's words tells of its support: features for `groundedness` with a
model.

A word's log-probability is the sum of its tokens'; its gain is what the contexts add to it. Content
words are those that are neither stop words nor the question's; known ones stand in the contexts,
new ones do not. Means over nothing are 0, as is a gain where the contexts change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.scorers.groundedness.context import Context, prepare
from evals.scorers.groundedness.likelihood import Evidence, shown
from evals.text.words import STOP_WORDS, WORD, content_stems, spans, stems, words

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

LOWEST: Final = -20.0
"""Log-probability below which a word counts as this: one freak token shall not decide."""

FLAT: Final = 0.3
"""Mean gain of a sentence, nats a word, below which the contexts hardly made it likelier."""

WORD_NAMES: Final = (
    "lp",
    "gain",
    "content_gain",
    "content_flat",
    "content_flat_count",
    "known_gain",
    "known_flat",
    "new_surprise",
    "new_flat_count",
    "new_unlikely",
    "content_unlikely",
    "number_min",
    "name_gain_low",
    "window_gain",
    "content_window_gain",
    "window_lp",
    "content_window_lp",
    "sentence_gain_min",
    "sentence_lp_min",
    "flat_sentences",
)
"""Features of an answer, in the order of `features`."""


@dataclass(frozen=True)
class Words:
    """Per word of an answer, in order: where it starts, log-probability, gain, and what kind of
    word it is.
    """

    start: Floats
    lp: Floats
    gain: Floats
    content: Mask
    known: Mask
    number: Mask
    name: Mask

    def part(self, at: Mask) -> Words:
        """Some of the words."""
        return Words(*(getattr(self, f)[at] for f in self.__dataclass_fields__))


def read(text: str, question: str, context: Context, evidence: Evidence) -> Words:
    """The words of a cleaned answer that have a token; a token belongs to the first word that it
    touches.
    """
    asked = set(content_stems(question))
    places = [(m.start(), m.end()) for m in WORD.finditer(text)]
    sums: dict[int, list[float]] = {}
    at = 0
    for token in evidence:
        while at < len(places) and places[at][1] <= token.start:
            at += 1
        if at < len(places) and places[at][0] < token.end:
            held = sums.setdefault(at, [0.0, 0.0])
            held[0] += token.given
            held[1] += token.alone
    rows = [
        (places[n][0], *_kind(text[slice(*places[n])], asked, context), *v)
        for n, v in sorted(sums.items())
    ]
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 7)
    lp, alone = np.maximum(table[:, 5], LOWEST), np.maximum(table[:, 6], LOWEST)
    content, known, number, name = (table[:, n] > 0 for n in range(1, 5))
    return Words(table[:, 0], lp, lp - alone, content, known & content, number, name & content)


def _kind(word: str, asked: set[str], context: Context) -> tuple[bool, bool, bool, bool]:
    """(content?, in the contexts?, number?, name?)"""
    folded = words(word)
    found = [s for s, w in zip(stems(folded), folded, strict=True) if w not in STOP_WORDS]
    content = bool(found) and not asked.intersection(found)
    return (
        content,
        context.stems.issuperset(found),
        any(c.isdigit() for c in word),
        word[:1].isupper(),
    )


def row(question: str, answer: str, contexts: Sequence[str], evidence: Evidence) -> list[float]:
    """The features of one answer, from its evidence."""
    text = shown(answer)
    return features(read(text, question, prepare(tuple(contexts)), evidence), spans(text))


def features(evidence: Words, places: Sequence[tuple[int, int]]) -> list[float]:
    """Shape (len(WORD_NAMES),); ``places`` are the (start, end) of the answer's sentences."""
    lp, gain, content = evidence.lp, evidence.gain, evidence.content
    new = content & ~evidence.known
    parts = [evidence.part((evidence.start >= a) & (evidence.start < b)) for a, b in places]
    parts = [p for p in parts if len(p.lp) > 2] or [evidence]
    gains = [_mean(p.gain) for p in parts]
    return [
        _mean(lp),
        _mean(gain),
        _mean(gain[content]),
        _mean(gain[content] <= 0),
        math.log1p(int((gain[content] <= 0).sum())),
        _mean(gain[evidence.known]),
        _mean(gain[evidence.known] <= 0),
        math.log1p(float(-lp[new].sum())),
        math.log1p(int((gain[new] <= 0).sum())),
        math.log1p(int((lp[new] < -4).sum())),
        math.log1p(int((lp[content] < -4).sum())),
        _low(lp[evidence.number], 0.0),
        _low(gain[evidence.name], 0.1),
        _worst(gain, 12),
        _worst(gain[content], 4),
        _worst(lp, 12),
        _worst(lp[content], 4),
        min(gains),
        min(_mean(p.lp[p.content]) for p in parts),
        math.log1p(sum(g < FLAT for g in gains)),
    ]


def _mean(values: NDArray[np.float64] | Mask) -> float:
    return float(values.mean()) if len(values) else 0.0


def _low(values: Floats, share: float) -> float:
    return float(np.quantile(values, share)) if len(values) else 0.0


def _worst(values: Floats, size: int) -> float:
    """The lowest mean of ``size`` neighbours; of all where there are fewer."""
    if len(values) <= size:
        return _mean(values)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return float((sums[size:] - sums[:-size]).min()) / size
