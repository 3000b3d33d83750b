"""Numbers as people write them: digits with separators, decimal commas, magnitudes, and words ("two dozen")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final


def _numbered(listing: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: step * number for number, word in enumerate(listing.split(), start)}


_UNITS: Final = _numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS: Final = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2, 10)
_SCALES: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_MAGNITUDES: Final = {**_SCALES, "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "dozen": 12.0}
_ORDINALS: Final = _numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    1,
) | {"thirtieth": 30}


def _either(names: Iterable[str]) -> str:
    return "|".join(sorted(names, key=len, reverse=True))


_ONES = _either(w for w, n in _UNITS.items() if 0 < n < 10)
_BELOW_100 = rf"(?:(?:{_either(_TENS)})(?:[\s-](?:{_ONES}))?|{_either(_UNITS)})"
_SCALE_WORDS = rf"(?:dozen|hundred|{_either(_SCALES)})"
WORDS: Final = (
    rf"(?:{_BELOW_100}|(?:half\s+)?an?(?=\s+{_SCALE_WORDS})|dozen)"
    rf"(?:(?:[\s-]{_SCALE_WORDS})+(?:(?:\s+and)?[\s-]{_BELOW_100}\b)?)*"
)
"""Pattern of a number in English words; `value_of_words` reads it."""
FIRST_WORDS: Final = rf"{_either(_TENS)}|{_either(_UNITS)}|half|an?|dozen"
"""Pattern of the first word of `WORDS`."""

DIGITS: Final = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d{1,3},\d\d(?![\d,])|\d{1,3}(?:\.\d{3})+,\d{1,2}(?!\d)"
    r"|\d+(?:\.\d+)?(?!\d)|\d+"
)
"""Pattern of a number in digits; `value_of_digits` reads it."""

NUMBER: Final = rf"(?:{DIGITS})|\b{WORDS}\b"
"""Pattern of a number written either way; `value_of` reads it."""

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_CONTINENTAL = re.compile(r"\d{1,3}(?:(?:\.\d{3})+,\d{1,2}|,\d\d)\Z")
_TOKENS = re.compile(r"[a-z]+")


def value_of_digits(text: str) -> float:
    """The number written in digits: ``1,234.5``, ``1.234,50`` and ``12`` are read; raises ValueError otherwise."""
    if text.isdecimal():
        return float(text)
    if _CONTINENTAL.match(text):
        return float(text.replace(".", "").replace(",", "."))
    return float(text.replace(",", "") if _GROUPED.match(text) else text)


def value_of_words(text: str) -> float | None:
    """The number written in English words, or None where the words make no number (``five twenty``)."""
    total, current, last = 0.0, 0.0, 0.0
    for word in _TOKENS.findall(text.lower()):
        if word in ("and", "a"):
            continue
        if word == "half":
            current = 0.5
        elif word in _UNITS:
            if current % 10 or (current % 100 == 10) or last in range(1, 20):
                return None
            current += _UNITS[word]
            last = _UNITS[word]
            continue
        elif word in _TENS:
            if current % 100:
                return None
            current += _TENS[word]
        elif word == "dozen":
            current = (current or 1) * 12
        elif word == "hundred":
            current = (current or 1) * 100
        else:
            total += (current or 1) * _SCALES[word]
            current = 0
        last = 0.0
    return total + current


def value_of(text: str) -> float | None:
    """The number written in digits or in words, or None."""
    stripped = text.strip()
    if not stripped:
        return None
    return value_of_digits(stripped) if stripped[0].isdigit() else value_of_words(stripped)


def magnitude(suffix: str | None) -> float:
    """The factor of a suffix such as ``k`` or ``million``; 1 where there is none."""
    return _MAGNITUDES.get((suffix or "").strip().lower(), 1.0)


def ordinal(text: str) -> int | None:
    """The number of ``first``, ``21st`` or ``twenty-first``; None where it is none."""
    lowered = text.strip().lower()
    if match := re.match(r"(\d+)(?:st|nd|rd|th)?\Z", lowered):
        return int(match[1])
    if lowered in _ORDINALS:
        return _ORDINALS[lowered]
    head, _, tail = lowered.replace(" ", "-").partition("-")
    if head in _TENS and tail in _ORDINALS and _ORDINALS[tail] < 10:
        return _TENS[head] + _ORDINALS[tail]
    return None


_PARTS: Final = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10, "twentieth": 20}
_SHARE = re.compile(
    rf"\b(?:(?P<top>an?|[1-9]|{_ONES})[\s-]+)?(?P<part>{_either(_PARTS)})s?\b"
    rf"|\b(?P<n>\d+|{_either(_UNITS)})\s+(?:in|out\s+of)\s+(?:every\s+)?(?P<of>\d+|{_either(_UNITS)})\b"
)


def shares(text: str) -> list[float]:
    """The percentages that a text tells by parts: ``a quarter`` is 25, ``two thirds`` 66.7, ``one in four`` 25."""
    found = []
    for match in _SHARE.finditer(text.lower()):
        if match["part"]:
            top = 1.0 if match["top"] in (None, "a", "an") else value_of(match["top"])
            found.append(100 * (top or 1.0) / _PARTS[match["part"]])
        elif (n := value_of(match["n"])) is not None and (of := value_of(match["of"])):
            found.append(100 * n / of)
    return found
