"""Slots whose gold is words: names and texts; where a phrase stands unnegated."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from evals.core.schema import Slot
from evals.scorers.answer_match.verdict import Verdict
from evals.text.mentions import mentions
from evals.text.values import same
from evals.text.words import contains_phrase, content_stems, word_set, words

_TITLES: Final = word_set("mr mrs ms miss dr prof professor sir the a an")
_NEGATORS: Final = word_set(
    "not isn't aren't wasn't never neither nor instead rather unlike except excluding"
)
_OUTDATED: Final = word_set(
    "formerly previously previous former was were old originally replaced replaces"
)
_FILLER: Final = word_set("a an the is be called named of by to longer than at in actually really")


def plain(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """The words without titles and articles, unless there are no others."""
    kept = tuple(t for t in tokens if t not in _TITLES)
    return kept or tokens


@lru_cache(maxsize=4096)
def phrases(values: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The values as words, those without any left out."""
    return tuple(p for v in values if (p := plain(words(v))))


def judge_phrase(slot: Slot, text: str) -> Verdict:
    """Names and short texts: all words of the value or an alias in a row, titles and articles
    aside.

    A ``text`` value is also right where at least four fifths of its content stems and all its typed
    values are said.
    """
    tokens = plain(words(text))
    golds = phrases((slot.value, *slot.aliases))
    stale_at = [(p, i) for p in phrases(slot.stale) if (i := standing(tokens, p, _OUTDATED)) >= 0]
    stale_said = [
        p
        for p, i in stale_at
        if not any(contains_phrase(g, p) >= 0 and contains_phrase(tokens, g) >= 0 for g in golds)
    ]
    stood = next((p for p in golds if standing(tokens, p) >= 0), None)
    if (
        stood is None
        and slot.kind == "text"
        and any(_covers(v, text) for v in (slot.value, *slot.aliases))
    ):
        stood = words(slot.value)
    if stale_said:
        return Verdict(False, "stale", " ".join(stale_said[0]), True)
    if stood is None:
        negated = any(contains_phrase(tokens, p) >= 0 for p in golds)
        return Verdict(False, "negated" if negated else "absent")
    return Verdict(True, "right", " ".join(stood))


def standing(
    tokens: tuple[str, ...], phrase: tuple[str, ...], also: frozenset[str] = frozenset()
) -> int:
    """Index of an occurrence of ``phrase`` that is not negated (or marked by a word of ``also``)
    just before; or -1.
    """
    at, offset = contains_phrase(tokens, phrase), 0
    while at >= 0:
        place = offset + at
        before = place - 1
        while before >= 0 and place - before < 5 and tokens[before] in _FILLER:
            before -= 1
        near = tokens[max(0, before)] if before >= 0 else ""
        no_longer = near == "no" and before + 1 < place and tokens[before + 1] == "longer"
        if near not in _NEGATORS and near not in also and not no_longer:
            return place
        offset = place + 1
        at = contains_phrase(tokens[offset:], phrase)
    return -1


def _covers(value: str, text: str) -> bool:
    wanted = set(content_stems(value))
    if len(wanted) < 3:
        return False
    said = [m.value for m in mentions(text)]
    typed_ok = all(any(same(m.value, s) for s in said) for m in mentions(value))
    return typed_ok and len(wanted & set(content_stems(text))) >= 0.8 * len(wanted)
