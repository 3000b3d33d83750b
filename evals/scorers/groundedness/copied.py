"""How much of an answer stands in its contexts word by word: what a reader can check by eye.

Three shares of the answer without its courtesies: of its content words that the contexts have, of
its pairs of neighbouring words that they have, and the first of these in its worst sentence. Their
mean holds up on kinds of text that no fitted model has met (docs/metrics.md), so `groundedness`
leans on it. Words are Snowball stems; the question's own words count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

from evals.scorers.groundedness.courtesy import substance
from evals.text.words import STOP_WORDS, clean, stems, words

CLOSE: Final = 0.02
"""Shares nearer to 0 or 1 than this count as so far away, so that their log-odds are finite."""

Pair = tuple[str, str]


def copied(answer: str, contexts: Sequence[str]) -> float:
    """The mean of the three shares, in [0, 1]; 1 for an answer without a content word."""
    known, pairs, context = _context(tuple(contexts))
    text = clean(answer)
    content: list[bool] = []
    neighbours: list[bool] = []
    worst = 1.0
    for start, end in substance(text, context):
        said = words(text[start:end])
        stemmed = stems(said)
        here = [
            stem in known
            for stem, word in zip(stemmed, said, strict=True)
            if word not in STOP_WORDS
        ]
        content += here
        neighbours += [pair in pairs for pair in pairwise(stemmed)]
        worst = min(worst, sum(here) / len(here)) if here else worst
    if not content:
        return 1.0
    share = sum(content) / len(content)
    return (share + (sum(neighbours) / len(neighbours) if neighbours else share) + worst) / 3


def log_odds(share: float) -> float:
    """Natural log-odds of a share, bounded by `CLOSE`."""
    near = min(max(share, CLOSE), 1 - CLOSE)
    return math.log(near / (1 - near))


@lru_cache(maxsize=512)
def _context(contexts: tuple[str, ...]) -> tuple[frozenset[str], frozenset[Pair], frozenset[str]]:
    """The stems of all words, their pairs, and the stems of content words."""
    every = [words(clean(text)) for text in contexts]
    stemmed = [stems(said) for said in every]
    content = {
        stem
        for said, row in zip(every, stemmed, strict=True)
        for word, stem in zip(said, row, strict=True)
        if word not in STOP_WORDS
    }
    known = frozenset(stem for row in stemmed for stem in row)
    return known, frozenset(pair for row in stemmed for pair in pairwise(row)), frozenset(content)
