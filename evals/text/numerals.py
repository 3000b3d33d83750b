"""Numbers as people write them: digits with separators, decimal commas, magnitudes, and words ("two
dozen").
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final


def _numbered(listing: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: step * number for number, word in enumerate(listing.split(), start)}


_UNITS: Final = _numbered(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
)
_TENS: Final = _numbered("twenty thirty forty fifty sixty seventy eighty ninety", 2, 10)
_SCALES: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_ORDINALS: Final = _numbered(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
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
    r"(?:\d+ )?[1-9]\d?/(?:[234568]|16|100)(?![\d/]|[.,]\d)"  # 1 1/2
    r"|\d{1,2}(?:,\d\d)+,\d{3}(?!\d)(?:\.\d+)?"  # 1,25,000
    r"|\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"  # 1,234.5
    r"|\d{1,3}(?:(?:\.\d{3})+|(?:'\d{3})+)(?!\d)(?:,\d+|\.\d+)?"  # 1.234,5 and 1'234.5
    r"|(?<!\d )[1-9]\d{0,2}(?: \d{3})+(?! ?\d)(?:[.,]\d+)?"  # 1 234,5
    r"|\d+,(?:\d{1,2}|\d{4,})(?![\d,])"  # 2,5
    r"|\d*\.\d+(?:e[+-]?\d+)?|\d+(?:e[+-]?\d+)?"
)
"""Pattern of a number in digits in lower-cased text; `value_of_digits` reads it."""

_SPACES = re.compile(r"[ ']")
_TOKENS = re.compile(r"[a-z]+")


def value_of_digits(text: str, continental: bool = False) -> float | None:
    """The number written in digits: ``1,234.5``, ``1.234,50``, ``1 234``, ``1'234``, ``1,25,000``,
    ``2,5``, ``1 1/2``.

    Of two different marks the last is the decimal one; a mark that repeats groups; so does a single
    comma before exactly three digits, and a single point there is decimal, unless ``continental``
    says the reverse. None for a fraction of one or more (``24/7``).
    """
    if text.isdecimal():
        return float(text)
    if "/" in text:
        whole, _, part = text.rpartition(" ")
        top, bottom = (float(number) for number in part.split("/"))
        return float(whole or 0) + top / bottom if top < bottom else None
    plain, spaced = _SPACES.sub("", text), _SPACES.search(text) is not None
    last = max(plain.rfind(","), plain.rfind("."))
    mark, other = (",", ".") if plain[last] == "," else (".", ",")
    if last < 0 or (other not in plain and plain.count(mark) > 1):
        return float(plain.replace(",", "").replace(".", ""))
    single = other not in plain and not spaced
    three = single and len(plain) - last == 4 and last < 4 and plain[:last].strip("0") != ""
    if three and (mark == ",") is not continental:
        return float(plain.replace(mark, ""))
    return float(plain.replace(other, "").replace(mark, "."))


def undecided(text: str) -> bool:
    """Whether digits read two ways: ``1.299`` is 1.299 in English and 1299 in German, ``1,299`` the
    reverse.
    """
    return value_of_digits(text) != value_of_digits(text, continental=True)


def value_of_words(text: str) -> float | None:
    """The number written in English words, or None where the words make no number (``five
    twenty``).
    """
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


def value_of(text: str, continental: bool = False) -> float | None:
    """The number written in digits or in words, or None."""
    stripped = text.strip()
    if not stripped:
        return None
    if stripped[0].isdigit() or stripped[0] == ".":
        return value_of_digits(stripped, continental)
    return value_of_words(stripped)


def ordinal(text: str) -> int | None:
    """The number of ``first``, ``21st`` or ``twenty-first``; None where it is none."""
    lowered = text.strip().lower()
    if match := re.match(r"(\d+)(?:st|nd|rd|th|er|e|o|°)?\Z", lowered):
        return int(match[1])
    if lowered in _ORDINALS:
        return _ORDINALS[lowered]
    head, _, tail = lowered.replace(" ", "-").partition("-")
    if head in _TENS and tail in _ORDINALS and _ORDINALS[tail] < 10:
        return _TENS[head] + _ORDINALS[tail]
    return None


_PARTS: Final = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fifth": 5,
    "sixth": 6,
    "eighth": 8,
    "tenth": 10,
    "twentieth": 20,
}
_SHARE = re.compile(
    rf"\b(?:(?P<top>an?|[1-9]|{_ONES})[\s-]+)?(?P<part>{_either(_PARTS)})s?\b"
    rf"|\b(?P<n>\d+|{_either(_UNITS)})\s+(?:in|out\s+of)\s+(?:every\s+)?(?P<of>\d+|{_either(_UNITS)})\b"
)


def shares(text: str) -> list[float]:
    """The percentages that a text tells by parts: ``a quarter`` is 25, ``two thirds`` 66.7, ``one
    in four`` 25.
    """
    found = []
    for match in _SHARE.finditer(text.lower()):
        if match["part"]:
            top = 1.0 if match["top"] in (None, "a", "an") else value_of(match["top"])
            found.append(100 * (top or 1.0) / _PARTS[match["part"]])
        elif (n := value_of(match["n"])) is not None and (of := value_of(match["of"])):
            found.append(100 * n / of)
    return found
