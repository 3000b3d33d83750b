"""Where a text ends beside its model's own end: stop texts, and the point at which it begins to
repeat itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

SPAN: Final = 10
"""Words that, said a second time in the same order, begin a loop."""

_SENTENCE: Final = re.compile(r"[^.!?\n]+[.!?\n]+\s*")
_WORD: Final = re.compile(r"\S+")


def cut(text: str, stops: Sequence[str], *, repeats: bool = False) -> str | None:
    """The text up to where it should have ended; None where it may go on.

    It ends before the first stop text. With ``repeats`` it ends before a sentence of three words or
    more that it has said before, or before `SPAN` words in the order in which they stand earlier; a
    sentence that the loop broke off goes with it, unless nothing else is left.
    """
    places = [place for stop in stops if (place := text.find(stop)) >= 0]
    loop = _repeat(text) if repeats else None
    if loop is not None:
        places.append(loop)
    return text[: min(places)] if places else None


def _repeat(text: str) -> int | None:
    seen: set[str] = set()
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match[0].casefold().split())
        if sentence in seen and sentence.count(" ") > 1:
            return match.start()
        seen.add(sentence)
    words = list(_WORD.finditer(text))
    said = [m[0].casefold().strip(".,;:!?") for m in words]
    known: set[tuple[str, ...]] = set()
    for start in range(SPAN, len(said) - SPAN + 1):
        known.add(tuple(said[start - SPAN : start]))
        if tuple(said[start : start + SPAN]) in known:
            return _whole(text, words[start].start())
    return None


def _whole(text: str, place: int) -> int:
    """The end of the last whole sentence before a place; the place itself where there is none."""
    ends = [m.end() for m in _SENTENCE.finditer(text[:place]) if m[0].rstrip()[-1:] in ".!?"]
    return ends[-1] if ends else place
