"""Slots whose gold is one of several choices: named in words, or by its letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from evals.core.schema import Slot
from evals.scorers.answer_match.phrases import phrases, plain, standing
from evals.scorers.answer_match.verdict import Verdict
from evals.text.words import clean, fold, words

_LONGEST_LETTER: Final = 3
_ROMAN: Final = frozenset({"I", "II", "III", "IV", "V", "VI"})
_MANY: Final = 26
_GOES_ON: Final = r"(?! (?!because|since|as|and|or|is|which|with)[a-z])"
"""Behind a capital that stands alone: no "A red car"."""
_SAYS: Final = (
    r"(?:answer|choice|option|letter|response)s?"
    r"(?:\s+(?:is|would\s+be|should\s+be|was))?\s*[:=]?\s*"
)
_NOT: Final = r"(?<!not )(?<!n't )(?<!than )"


def judge_choice(slot: Slot, text: str, choices: tuple[str, ...]) -> Verdict:
    """One of the choices: the gold is named, and no other choice is (one inside the gold's own
    words is no other).
    """
    said = chosen(text, choices or (slot.value,), slot)
    golds = set(phrases((slot.value, *slot.aliases)))
    if not said:
        return Verdict(False, "absent")
    right = [s for s in said if s in golds]
    wrong = [s for s in said if s not in golds]
    if right and not wrong:
        return Verdict(True, "right", " ".join(right[0]))
    return Verdict(False, "alternative" if right else "absent", " ".join(wrong[0]))


def chosen(text: str, choices: tuple[str, ...], slot: Slot | None = None) -> list[tuple[str, ...]]:
    """The choices an answer names, as words: by their letters, else in words.

    Where choices are no letters themselves, A to Z stand for them in their order.
    """
    marks = [fold(choice).upper() for choice in choices]
    if lettered := len(choices) > 1 and all(_is_letter(mark) for mark in marks):
        return [tuple(words(mark)) for mark in letters(text, tuple(marks), alone=True)]
    numbered = (
        [chr(65 + n) for n in range(len(choices))]
        if 1 < len(choices) <= _MANY and not lettered
        else []
    )
    named = [choices[ord(mark) - 65] for mark in letters(text, tuple(numbered), alone=False)]
    if named:
        return list(phrases(tuple(named)))
    aliases = () if slot is None else (slot.value, *slot.aliases)
    rest = plain(tuple(w for word in words(text) for w in word.split("_")))
    found: list[tuple[str, ...]] = []
    for option in sorted(dict.fromkeys(phrases((*choices, *aliases))), key=len, reverse=True):
        at = standing(rest, option)
        if at >= 0:
            found.append(option)
            rest = (*rest[:at], "", *rest[at + len(option) :])
    return found


def _is_letter(mark: str) -> bool:
    return (len(mark) == 1 and mark.isalnum()) or (len(mark) <= _LONGEST_LETTER and mark in _ROMAN)


def letters(text: str, marks: tuple[str, ...], alone: bool) -> list[str]:
    """The letters an answer chooses: all of it ("b"), at its beginning ("(A) Whale"), after "the
    answer is", before "is correct", or, with ``alone``, the capitals that stand by themselves ("I
    pick C")."""
    if not marks:
        return []
    read = clean(text).strip()
    for pattern in _patterns(marks, alone):
        found = [m["or"] or "" for m in pattern.finditer(read)]
        named = list(
            dict.fromkeys(
                re.sub(r"[^A-Z0-9]", "", part.upper()) for f in found for part in _parts(f)
            )
        )
        if named:
            return named
    return []


def _parts(found: str) -> Sequence[str]:
    return re.split(r"\s+(?:or|and)\s+|/|,", found, flags=re.IGNORECASE)


@lru_cache(maxsize=64)
def _patterns(marks: tuple[str, ...], alone: bool) -> tuple[re.Pattern[str], ...]:
    """From the surest to the least sure; the first that finds anything decides."""
    mark = "|".join(sorted(map(re.escape, marks), key=len, reverse=True))
    capital = rf"(?:{mark})(?![\w']){_GOES_ON}"
    small = rf"(?:{mark}|{mark.lower()})"
    more = rf"(?:[)\"'\]]*\s*(?:/|,|or|and)\s*[(\"'\[]*(?:{mark})(?![\w']))*"
    found = (
        rf"\A\W*(?P<or>{small})\W*\Z",
        rf"(?i:\b{_SAYS})(?P<or>[(\"'\[]*(?:{capital}|(?:{mark.lower()})(?!\w| \w)){more})",
        rf"\A\W*(?:(?i:option|choice)\s+)?(?P<or>{small})\s*[).:\]](?=\s|\Z)",
        rf"{_NOT}\b(?P<or>{mark})[)\"'\]]*\s+(?i:is|would\s+be|looks|seems)\s+(?i:the\s+)?"
        r"(?i:correct|right|answer|best|true)",
        *((rf"{_NOT}(?<![\w'.])(?P<or>[(\"'\[]*{capital}{more})",) if alone else ()),
    )
    return tuple(re.compile(pattern) for pattern in found)
