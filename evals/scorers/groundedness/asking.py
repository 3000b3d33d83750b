"""How far the text before an answer asks: a question or a search in keywords does, a turn of a chat
may only tell.

`groundedness` reads replies to what asks and replies to what tells differently. Deterministic, no
model.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from evals.text.words import MAX_CHARS, sentences, word_set, words

ASKING: Final = word_set("who whom whose what when where which why how")
OPENING: Final = word_set(
    "is are was were am do does did can could may might must should shall will would has have had"
    " tell give list explain describe show find write summarize summarise name compare define"
    " provide please help let"
)
"""First words of questions and of requests."""

TELLING: Final = word_set(
    "i i'm im me my you your he she it its we our they that this these those there yes yeah no oh"
    " wow well ok okay thanks hi hello haha true"
)
"""Words that keywords lack."""


@lru_cache(maxsize=1024)
def asking(question: str) -> float:
    """The share of its sentences that ask; 0 where it has none."""
    found = [asks(sentence) for sentence in sentences(question[:MAX_CHARS])]
    return sum(found) / len(found) if found else 0.0


def asks(sentence: str) -> bool:
    """Whether a sentence has a question mark or an interrogative, opens as a question or a request,
    or is keywords.
    """
    said = words(sentence)
    held = set(said)
    opens = bool(said) and said[0] in OPENING
    return "?" in sentence or opens or bool(held & ASKING) or not held & TELLING
