"""How an answer is worded, for `groundedness`: how much of it is small talk ("I love", "have you
ever"), which no context supports, and how far its words have the form of the contexts' words.
Function words count as much as others. Deterministic, no model, linear in the texts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from evals.scorers.groundedness import context as grounding_context
from evals.text.words import clean, word_set, words

FIRST: Final = word_set("i i'm i've i'll i'd im my me mine myself we we're we've we'll our ours us")
SECOND: Final = word_set("you you're you've you'll you'd your yours yourself u")
TALK: Final = word_set(
    "yes yeah yep no nope well oh wow haha lol hi hello hey ok okay sure thanks thank cool awesome"
    " nice great true right agree love like enjoy favorite favourite think believe guess hope"
    " imagine know really definitely fun amazing interesting glad sorry bet wonder actually"
)
"""Greetings, interjections, opinions."""

GRAM: Final = 4
"""Letters of the pieces by which the forms of words are compared."""

WORDING_NAMES: Final = ("first_person", "second_person", "talk", "questions", "forms", "new_run")
"""Features of an answer, in the order of `features`."""


@dataclass(frozen=True)
class Wording:
    """The words of the contexts and their pieces."""

    words: frozenset[str]
    grams: frozenset[str]


@lru_cache(maxsize=128)
def prepare(contexts: tuple[str, ...]) -> Wording:
    """Read the contexts once for all answers about them."""
    held = frozenset[str]().union(*grounding_context.prepare(contexts).raw)
    return Wording(held, frozenset(g for word in held for g in grams(word)))


@lru_cache(maxsize=20_000)
def grams(word: str) -> tuple[str, ...]:
    """The pieces of a word marked at both ends; the marked word itself where it is no longer than
    one.
    """
    marked = f"<{word}>"
    return tuple(marked[i : i + GRAM] for i in range(max(1, len(marked) - GRAM + 1)))


def features(question: str, answer: str, contexts: tuple[str, ...]) -> list[float]:
    """Shape (len(WORDING_NAMES),): words of the first person, of the second and of small talk that
    no context has, question marks, the share of its words' pieces that the contexts' words have,
    the longest run of words that neither they nor the question have. Counts as log(1 + n). An
    answer without words has the features of full support."""
    held, said = prepare(contexts), words(answer)
    new = [word for word in said if word not in held.words]
    counts = [sum(word in kind for word in new) for kind in (FIRST, SECOND, TALK)]
    return [
        *map(math.log1p, (*counts, clean(answer).count("?"))),
        forms(said, held),
        math.log1p(_run(said, held.words.union(words(question)))),
    ]


def forms(said: Sequence[str], held: Wording) -> float:
    """Share of the pieces of the words that are pieces of the contexts' words; 1 where there are no
    words.
    """
    pieces = [piece for word in said for piece in grams(word)]
    return sum(piece in held.grams for piece in pieces) / len(pieces) if pieces else 1.0


def _run(said: Sequence[str], known: frozenset[str]) -> int:
    """How many words in a row are not known, at most."""
    run = longest = 0
    for word in said:
        run = 0 if word in known else run + 1
        longest = max(longest, run)
    return longest
