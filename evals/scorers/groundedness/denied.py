"""Short sentences of an answer that its contexts deny, for `groundedness`: "Dogs are allowed" where
they are not.

Such answers are rare among those that people judged, and overlaps of words cannot see them, so this
is a rule and not a feature. Only sentences of at most `SHORT` words are read: in longer ones a
negation often belongs to something else.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from evals.scorers.groundedness.context import MAX_CONTEXT, readable
from evals.text.statements import Sentence, denied, sentences, statement
from evals.text.words import clean, words

SHORT: Final = 10

MOST: Final = 2_000
"""Sentences of each context that are read."""


@lru_cache(maxsize=128)
def prepare(contexts: tuple[str, ...]) -> tuple[Sentence, ...]:
    """The contexts' sentences, read once for all answers about them."""
    return tuple(
        s for context in contexts for s in sentences(clean(readable(context)[:MAX_CONTEXT]), MOST)
    )


def is_denied(sentence: str, contexts: tuple[str, ...]) -> bool:
    """Whether a sentence is denied by one of the contexts and stated by none."""
    if len(words(sentence)) > SHORT:
        return False
    said = statement(sentence)
    return said is not None and denied(said, prepare(contexts))
