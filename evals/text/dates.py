"""Dates and times of day in text: ISO, day and month in both orders, numeric forms that read two ways, clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from evals.text.numerals import ordinal
from evals.text.values import Value

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = (
    r"\d{1,2}(?:st|nd|rd|th)?|(?:twenty-|thirty-)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth"
    r"|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth"
)

NUMERIC_DATE: Final = re.compile(
    r"(?<![\w-])(?P<iy>\d{4})[-/.](?P<im>\d{1,2})[-/.](?P<id>\d{1,2})(?!\d)(?:T\d{2}:\d{2}(?::\d{2})?Z?)?"
    r"|(?<![\w./-])(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<y4>\d{4}|\d{2})(?![\w/-])"
)
"""Dates in digits; the readings are made by `read_numeric_date`."""

NAMED_DATE: Final = re.compile(
    rf"\b(?P<d1>{_DAY})(?:\s+day)?(?:\s+of)?\s+(?P<m1>{_MONTH})\b\.?(?:,?\s+(?P<y1>\d{{4}}))?"
    rf"|\b(?P<m2>{_MONTH})\b\.?\s+(?:the\s+)?(?P<d2>{_DAY})(?!\d|:|\w)(?:,?\s+(?P<y2>\d{{4}})(?!\d))?"
    rf"|\b(?P<m3>{_MONTH})\b\.?,?\s+(?:of\s+)?(?P<y3>\d{{4}})(?!\d)"
    rf"|\b(?:in|since|until|by|of|early|late|mid-?|during|before|after|from)\s+(?P<m4>{_MONTH})\b(?!\s+\w*\d)",
    re.IGNORECASE,
)
"""Dates with the name of a month; read by `read_named_date`."""

MONTH_NAME: Final = re.compile(rf"\b(?:{_MONTH})\b")
"""Finds a month's name in lower-cased text."""

_WORDS_BEFORE: Final = 3
"""Most words of a `NAMED_DATE` before its month: "5th day of May"."""
_LOWER_NAMED_DATE: Final = re.compile(NAMED_DATE.pattern)

_CLOCK = r"(?P<h>\d{1,2})(?:[:.](?P<mi>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?"
TIME: Final = re.compile(
    rf"(?<![\w.:]){_CLOCK}|(?<![\w.:])(?P<h2>[01]?\d|2[0-4]):(?P<mi2>[0-5]\d)(?::[0-5]\d)?(?![\d:])"
    r"|\b(?P<word>noon|midday|midnight)\b|(?<![\w.:])(?P<h3>\d{1,2})\s?o'clock\b",
    re.IGNORECASE,
)
"""Every way of writing a time of day that is read, by `read_time`."""


def named_dates(text: str, lowered: str) -> Iterator[re.Match[str]]:
    """What `NAMED_DATE` finds in a text, given with its lower-cased form: looked for around names of months alone."""
    at = 0
    while month := MONTH_NAME.search(lowered, at):
        before = lowered[at : month.start()].rsplit(None, _WORDS_BEFORE)
        near = at + len(before[0]) if len(before) > _WORDS_BEFORE else at
        found = _LOWER_NAMED_DATE.search(lowered, near)
        if found is None:
            return
        at = found.end()
        if cased := NAMED_DATE.match(text, found.start()):
            yield cased


def read_numeric_date(match: re.Match[str]) -> Value | None:
    """The value of a `NUMERIC_DATE` match, with both readings of 05/06/2026; None where it is no date (month 13)."""
    if match["iy"]:
        readings = [(int(match["iy"]), int(match["im"]), int(match["id"]))]
    else:
        a, b, year = int(match["a"]), int(match["b"]), int(match["y4"])
        year += 2000 if year < 70 and len(match["y4"]) == 2 else 1900 if len(match["y4"]) == 2 else 0
        readings = [(year, a, b), (year, b, a)]
    valid = tuple(dict.fromkeys(r for r in readings if 1 <= r[1] <= 12 and 1 <= r[2] <= 31))
    return Value("date", dates=valid) if valid else None


def read_named_date(match: re.Match[str]) -> Value | None:
    """The value of a `NAMED_DATE` match; None where it is no date (40 May, or the verb "may")."""
    month = match["m1"] or match["m2"] or match["m3"] or match["m4"]
    if month in ("may", "march", "mar") and not (match["d1"] or match["y2"] or match["y3"]):
        return None
    day_text, year_text = match["d1"] or match["d2"], match["y1"] or match["y2"] or match["y3"]
    day = ordinal(day_text) if day_text else None
    if day_text and (day is None or not 1 <= day <= 31):
        return None
    return Value("date", dates=((int(year_text) if year_text else None, _MONTHS[month.lower()], day),))


def read_time(match: re.Match[str]) -> Value | None:
    """The value of a `TIME` match in minutes after midnight; None where it is no time."""
    if match["word"]:
        minutes = 0 if match["word"].lower() == "midnight" else 720
    elif match["h3"]:
        minutes = int(match["h3"]) * 60
    elif match["h2"]:
        minutes = int(match["h2"]) * 60 + int(match["mi2"])
    else:
        hour, minute = int(match["h"]), int(match["mi"] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            return None
        minutes = hour % 12 * 60 + minute + (720 if match["half"].lower() == "p" else 0)
    return Value("time", float(minutes), float(minutes), "", float(minutes)) if minutes <= 1440 else None
