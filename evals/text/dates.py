"""Dates and times of day in text: ISO, day and month in both orders, names of months in seven
languages, numeric forms that read two ways, clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from evals.text.numerals import ordinal, value_of
from evals.text.values import Value

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero gennaio janeiro januari janv ene gen",
            "february feb februar février febrero febbraio fevereiro februari févr fevrier fev",
            "march mar märz marz mars marzo março marco maart mrz mrt",
            "april apr avril abril aprile avr abr",
            "may mai mayo maggio maio mei mag",
            "june jun juni juin junio giugno junho giu",
            "july jul juli juillet julio luglio julho juil lug",
            "august aug août aout agosto augustus ago",
            "september sept sep septembre septiembre settembre setembro set",
            "october oct oktober octobre octubre ottobre outubro okt out ott",
            "november nov novembre noviembre novembro",
            "december dec dezember décembre decembre diciembre dicembre dezembro dez déc dic",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ALSO_VERBS: Final = frozenset({"may", "march", "mar"})
_ALSO_NAMES: Final = frozenset({"mars", "marco", "mai", "mei"})
"""Months that are other words too, where they begin with a small (verbs) or a capital letter
(names).
"""
_NEED_A_YEAR: Final = frozenset(
    {"ene", "gen", "fev", "mag", "giu", "lug", "ago", "set", "out", "ott", "dic", "dez"}
)
"""Short forms that are words or names elsewhere: read only between a day and a year."""
_DAY = (
    r"\d{1,2}(?:st|nd|rd|th|er|e|o|°)?"
    r"|(?:twenty-|thirty-)?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)|tenth"
    r"|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth"
    r"|twentieth|thirtieth"
)

NUMERIC_DATE: Final = re.compile(
    r"(?<![\w-])(?P<iy>\d{4})(?P<sep>[-/.])(?P<im>\d{1,2})(?P=sep)(?P<id>\d{1,2})(?!\d)"
    r"(?:[t ]\d{2}:\d{2}(?::\d{2})?z?)?"
    r"|(?<![\w./-])(?P<a>\d{1,2})(?P<sep2>/|-|\. ?)(?P<b>\d{1,2})(?:(?P=sep2)|\. ?)"
    r"(?P<y4>\d{4}|\d{2})(?![\w/-]|\.\d)"
    r"|(?<!\d)(?P<cy>\d{4})\s?[年년]\s?(?P<cm>\d{1,2})\s?[月월](?:\s?(?P<cd>\d{1,2})\s?[日일号])?"
)
"""Dates in digits; the readings are made by `read_numeric_date`."""

_OF = r"(?:de|del|di|of|do)\s+"
NAMED_DATE: Final = re.compile(
    rf"\b(?P<d1>{_DAY})\.?(?:\s+day)?\s+(?:{_OF})?(?P<m1>{_MONTH})\b\.?"
    rf"(?:,?\s+(?:{_OF})?(?P<y1>\d{{4}}(?!\d)|'\d\d\b))?"
    rf"|\b(?P<m2>{_MONTH})\b\.?\s+(?:the\s+)?(?P<d2>{_DAY})(?!\d|:|\w)(?:,?\s+(?P<y2>\d{{4}})(?!\d))?"
    rf"|\b(?P<m3>{_MONTH})\b\.?,?\s+(?:{_OF})?(?P<y3>\d{{4}}(?!\d)|'\d\d\b)"
    r"|\b(?:in|since|until|by|of|early|late|mid-?|during|before|after|from|im|seit|bis|en|depuis|em)"
    rf"\s+(?P<m4>{_MONTH})\b(?!\s+\w*\d)"
)
"""Dates with the name of a month in lower-cased text; read by `read_named_date`."""

_MONTH_NAME = re.compile(rf"\b(?:{_MONTH})\b")
_WORDS_BEFORE: Final = 4
"""Most words of a `NAMED_DATE` before its month: "the 5th day of May"."""

_HOURS: Final = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
TIME: Final = re.compile(
    r"(?<![\w.:])(?P<h>\d{1,2})(?:[:.](?P<mi>\d{2}))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\w.:])(?P<h2>[01]?\d|2[0-4])(?::|\s?h\s?(?=\d\d\b)|[.:](?=\d\d\s+uhr))(?P<mi2>[0-5]\d)"
    r"(?::[0-5]\d)?(?![\d:])(?:\s+uhr\b)?"
    r"|\b(?P<word>noon|midday|midnight)\b|(?<![\w.:])(?P<h3>\d{1,2})\s?(?:o'clock|uhr)\b"
    rf"|\b(?P<part>half|quarter)\s+(?P<side>past|to)\s+(?P<h4>{_HOURS})\b(?:\s+in\s+the\s+(?P<day>\w+))?"
)
"""Every way of writing a time of day that is read in lower-cased text, by `read_time`."""


def named_dates(lowered: str) -> Iterator[re.Match[str]]:
    """What `NAMED_DATE` finds in a lower-cased text: looked for around names of months alone."""
    at = 0
    while month := _MONTH_NAME.search(lowered, at):
        before = lowered[at : month.start()].rsplit(None, _WORDS_BEFORE)
        near = at + len(before[0]) if len(before) > _WORDS_BEFORE else at
        found = NAMED_DATE.search(lowered, near)
        if found is None:
            return
        at = found.end()
        yield found


def read_numeric_date(match: re.Match[str]) -> Value | None:
    """The value of a `NUMERIC_DATE` match; None where it is no date (month 13).

    05/06/2026 has both readings; with points the day comes first.
    """
    if match["iy"] or match["cy"]:
        year, month, day = (
            match["iy"] or match["cy"],
            match["im"] or match["cm"],
            match["id"] or match["cd"],
        )
        if day is None:
            return (
                Value("date", dates=((int(year), int(month), None),)) if int(month) <= 12 else None
            )
        readings = [(int(year), int(month), int(day))]
    else:
        a, b, written = int(match["a"]), int(match["b"]), int(match["y4"])
        short = len(match["y4"]) == 2
        full = written + (2000 if written < 70 else 1900) * short
        readings = (
            [(full, b, a)] if match["sep2"][0] == "." and b <= 12 else [(full, a, b), (full, b, a)]
        )
    valid = tuple(dict.fromkeys(r for r in readings if 1 <= r[1] <= 12 and 1 <= r[2] <= 31))
    return Value("date", dates=valid) if valid else None


def read_named_date(match: re.Match[str], text: str) -> Value | None:
    """The value of a `NAMED_DATE` match in ``text`` as it was cased; None where it is no date (40
    May, the verb "may", the planet Mars)."""
    group = next(name for name in ("m1", "m2", "m3", "m4") if match[name])
    month, capital = match[group], text[match.start(group)].isupper()
    day_text, year_text = match["d1"] or match["d2"], match["y1"] or match["y2"] or match["y3"]
    word = (month in _ALSO_NAMES and capital) or (
        month in _ALSO_VERBS and not (capital or match["d1"])
    )
    short = month in _NEED_A_YEAR and not (match["d1"] and match["y1"])
    if short or (word and not year_text):
        return None
    day = ordinal(day_text) if day_text else None
    if day_text and (day is None or not 1 <= day <= 31):
        return None
    year = None if year_text is None else int(year_text.replace("'", "20"))
    return Value("date", dates=((year, _MONTHS[month], day),))


def read_time(match: re.Match[str]) -> Value | None:
    """The value of a `TIME` match in minutes after midnight; None where it is no time.

    "Half past nine" without the part of the day is read as in the morning.
    """
    if match["word"]:
        minutes = 0 if match["word"] == "midnight" else 720
    elif match["part"]:
        hour = int(value_of(match["h4"]) or 0) % 12 + (
            12 if match["day"] in ("afternoon", "evening") else 0
        )
        shift = 30 if match["part"] == "half" else 15
        minutes = 60 * hour + (shift if match["side"] == "past" else -shift)
    elif match["h3"]:
        minutes = int(match["h3"]) * 60
    elif match["h2"]:
        minutes = int(match["h2"]) * 60 + int(match["mi2"])
    else:
        hour, minute = int(match["h"]), int(match["mi"] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            return None
        minutes = hour % 12 * 60 + minute + (720 if match["half"] == "p" else 0)
    return (
        Value("time", float(minutes), float(minutes), "", float(minutes))
        if 0 <= minutes <= 1440
        else None
    )
