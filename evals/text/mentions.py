"""Finds every typed value in a text, with its place: ids, dates, times, money, percentages, durations, numbers.

Patterns run from the most to the least specific; a stretch of text belongs to the first that takes it. So the 4411 of
``ORD-4411`` is no number and the 5 of ``15 days`` no duration. Neighbours joined by a dash or ``to`` become a range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import msgspec
from msgspec.structs import replace

from evals.text import dates
from evals.text.numerals import DIGITS, FIRST_WORDS, NUMBER, WORDS, magnitude, value_of
from evals.text.values import CURRENCIES, DURATIONS, UNITS, Value, close
from evals.text.words import clean


class Mention(msgspec.Struct, frozen=True):
    """A typed value and the span ``[start, end)`` of the cleaned text it stands in."""

    value: Value
    start: int
    end: int


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(n) for n in names), key=len, reverse=True))


_I = re.IGNORECASE
_SYMBOLS = r"us\$|[$€£¥₹₩]"
_CODES = _alternatives(k for k in CURRENCIES if k[-1].isalpha())
_SCALES = r"(?:thousand|million|billion|trillion)"
_UNIT_WORDS = (
    r"(?:(?:business|working)[\s-]days?|weekdays?|seconds?|secs?|minutes?|mins?|hours?|hrs?|h|days?|nights?"
    r"|weeks?|wks?|fortnights?|months?|quarters?|years?|yrs?|decades?)"
)
_UNIT_NAMES = _alternatives(UNITS)

_AND_HALF = r"\s+and\s+a\s+half\b"

_ID = re.compile(
    r"(?<![\w-])(?:#\d{2,}|(?<![.\d])\d+(?:\.\d+){2,}(?!\.?\d)|[A-Za-z]+(?:[-_/][A-Za-z0-9]+)*[-_/]?\d[A-Za-z0-9]*(?:[-_/][A-Za-z0-9]+)*"
    r"|(?=[0-9a-fA-F-]*[a-fA-F])[0-9a-fA-F]{6,}(?:-[0-9a-fA-F]{4,})*)(?![\w])"
)
_PHONE = re.compile(r"(?<![\w.-])\+?\(?\d{2,4}\)?(?:[\s.-]\(?\d{2,4}\)?){1,4}(?![\w-])")
_ARTICLE = re.compile(
    rf"\b(?P<half>half\s+)?(?P<article>an?)\s+(?:(?:full|whole|single)\s+)?(?P<unit>{_UNIT_WORDS})\b(?P<more>{_AND_HALF})?",
    _I,
)


def _money_pattern(number: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\w)(?:(?P<sign>{_SYMBOLS})\s?|(?P<code>{_CODES})\s)(?P<n1>{number})(?:\s?(?P<s1>k|mn?|bn?|{_SCALES})(?!\w))?"
        rf"|(?<![\w.,])(?P<n2>{number})(?:\s?(?P<s2>k|{_SCALES}))?[\s-]?"
        rf"(?:(?P<sign2>[€£¥₹])|(?:us\s)?(?P<code2>{_CODES})(?!\w))"
        r"|(?<![\w.])(?P<cents>\d{1,2})\s?(?:cents|pence)\b",
        _I,
    )


def _percent_pattern(number: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?P<num>{number})\s?(?:%|percent\b|per\s?cent\b|percentage\spoints?\b)", _I)


def _duration_pattern(number: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.])(?P<num>{number})(?P<more1>{_AND_HALF})?(?:\s*\(\d+\))?[\s-]?(?P<unit>{_UNIT_WORDS})\b(?P<more2>{_AND_HALF})?",
        _I,
    )


def _quantity_pattern(number: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.])(?P<num>[-−]?(?:{number}))(?:\s?(?P<scale>{_SCALES}|dozen|k)\b)?"
        rf"(?:[\s-]?(?P<unit>{_UNIT_NAMES})s?(?!\w))?(?!\w)",
        _I,
    )


def _ids(match: re.Match[str]) -> Value | None:
    return Value("id", text=canonical_id(match[0]))


def _phone(match: re.Match[str]) -> Value | None:
    digits = canonical_id(match[0])
    separated = match[0][0] in "+(" or " " not in match[0]
    years = re.fullmatch(r"(?:1[89]|20)\d\d-(?:1[89]|20)\d\d", match[0])
    return Value("id", text=digits) if len(digits) >= 7 and separated and not years else None


def canonical_id(text: str) -> str:
    """Upper case, without separators: ``ord 44-11`` and ``ORD-4411`` are one."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _money(match: re.Match[str]) -> Value | None:
    if match["cents"]:
        amount = int(match["cents"]) / 100
        return Value("money", amount, amount, "", amount)
    raw = value_of(match["n1"] or match["n2"])
    if raw is None:
        return None
    name = (match["sign"] or match["code"] or match["sign2"] or match["code2"] or "").lower()
    amount = raw * magnitude(match["s1"] or match["s2"])
    return Value("money", amount, amount, CURRENCIES.get(name, ""), raw)


def _percent(match: re.Match[str]) -> Value | None:
    raw = value_of(match["num"])
    return None if raw is None else Value("percent", raw, raw, "", raw)


def _duration(match: re.Match[str]) -> Value | None:
    raw = value_of(match["num"])
    return None if raw is None else _lasting(raw + 0.5 * bool(match["more1"] or match["more2"]), match["unit"])


def _article(match: re.Match[str]) -> Value | None:
    if match["more"]:
        return _lasting(1.5, match["unit"])
    return _lasting(0.5 if match["half"] else 1.0, match["unit"], "article")


def _lasting(raw: float, word: str, text: str = "") -> Value:
    name = re.sub(r"[\s-]+", " ", word.lower())
    unit, factor = DURATIONS[name if name in DURATIONS else name.removesuffix("s")]
    return Value("duration", raw * factor, raw * factor, unit, raw, text=text)


def _quantity(match: re.Match[str]) -> Value | None:
    text = match["num"]
    sign = -1.0 if text[0] in "-−" else 1.0
    raw = value_of(text.lstrip("-−"))
    if raw is None or (not text[-1].isdigit() and raw <= 1 and not match["unit"]):
        return None
    raw *= sign * magnitude(match["scale"])
    unit, factor = UNITS.get((match["unit"] or "").lower(), ("", 1.0))
    return Value("number", raw * factor, raw * factor, unit, raw)


@dataclass(frozen=True)
class _Reader:
    """A pattern, what reads its matches, and whether a text (given with its lower-cased form) may hold one at all.

    ``may`` is a cheap look that never says no where the pattern would match; most texts hold few kinds of values.
    A pattern that ignores case is searched in the lower-cased text, several times faster. One with a ``lead`` begins at
    a number or at one of these characters before it, and is tried nowhere else; one with a ``finder`` leaves the search
    to it, which is given the text and its lower-cased form.
    """

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], Value | None]
    may: Callable[[str, str], object]
    finder: Callable[[str, str], Iterator[re.Match[str]]] | None = None
    lead: str | None = None

    def find(self, text: str, lowered: str, numbers: Sequence[int]) -> Iterator[re.Match[str]]:
        """All matches in the text, from left to right. ``numbers``: where numbers begin."""
        if self.finder is not None:
            return self.finder(text, lowered)
        pattern, searched = (self.pattern, text) if self._lower_case is None else (self._lower_case, lowered)
        return pattern.finditer(searched) if self.lead is None else _matches_at(pattern, searched, numbers, self.lead)

    @cached_property
    def _lower_case(self) -> re.Pattern[str] | None:
        return re.compile(self.pattern.pattern) if self.pattern.flags & re.IGNORECASE else None


def _matches_at(pattern: re.Pattern[str], text: str, numbers: Sequence[int], lead: str) -> Iterator[re.Match[str]]:
    """What ``finditer`` finds of a pattern whose matches begin at a number or at ``lead`` characters before it."""
    end = 0
    for number in numbers:
        if number < end:
            continue
        start = number
        while start > end and text[start - 1] in lead:
            start -= 1
        for at in range(start, number + 1):
            if match := pattern.match(text, at):
                end = match.end()
                yield match
                break


def _holds(listing: str) -> Callable[[str, str], bool]:
    parts = tuple(listing.split())

    def look(text: str, lowered: str) -> bool:
        for part in parts:  # noqa: SIM110  half the time of any() over a generator
            if part in lowered:
                return True
        return False

    return look


_TURKISH: Final = {0x130: "I", 0x131: "i"}
"""Letters that a pattern takes for an i where case is ignored, but no table of units does."""
_HAS_DIGIT = re.compile(r"\d").search
_HAS_DATE = re.compile(r"\d[-/.]\d").search
_HAS_CLOCK = re.compile(r"\d\s?[ap]\.?m|\d:\d|noon|mid(?:day|night)|o'clock").search
_HAS_HOURS = re.compile(r"h\b(?<=[\d)\s-]h)").search
_HAS_GROUPS = re.compile(r"\d\)?[\s.-]\(?\d").search
_HAS_CODE = re.compile(r"\d(?:(?<=[A-Za-z#/_-].)|\.\d+\.\d)").search
_HAS_HEX = re.compile(r"[0-9a-fA-F]{6}").search
_HAS_JOINED = re.compile(r"\d(?:(?<=[A-Za-z#/_-].)|\)?[\s.-]\(?\d|[-/.]\d)").search
"""Whether `_HAS_DATE`, `_HAS_GROUPS` or `_HAS_CODE` finds anything."""
_in_currency = _holds(
    "$ € £ ¥ ₹ ₩ usd dollar buck eur gbp pound quid jpy yen inr rupee chf franc cad aud cny yuan sek kr nok dkk pln won"
    " cents pence"
)
_in_units_of_time = _holds("day sec min hour hr night week wk fortnight month quarter year yr decade")
_in_times = _holds(": am pm a.m p.m noon midday midnight o'clock")
_in_months = _holds("jan feb mar apr may jun jul aug sep oct nov dec")
_in_number_words = _holds(
    "zero one two three four five six seven eight nine ten eleven twel teen twent thirt fort fift dozen hundred"
    " thousand million billion trillion"
)


def _may_last(text: str, lowered: str) -> object:
    return _in_units_of_time(text, lowered) or _HAS_HOURS(lowered)


_CLOCK: Final = _Reader(dates.TIME, dates.read_time, lambda t, low: _in_times(t, low) and _HAS_CLOCK(low))
_SPAN: Final = _Reader(_ARTICLE, _article, _may_last)
_CODE: Final = _Reader(_ID, _ids, lambda text, lowered: _HAS_CODE(text) or _HAS_HEX(text))
_HEX: Final = _Reader(_ID, _ids, lambda text, lowered: _HAS_HEX(text))
_DATE: Final = _Reader(dates.NUMERIC_DATE, dates.read_numeric_date, lambda text, lowered: _HAS_DATE(text), lead="")
_CALL: Final = _Reader(_PHONE, _phone, lambda text, lowered: _HAS_GROUPS(text), lead="+(")


def _readers(number: str) -> tuple[_Reader, ...]:
    """Readers of quantities whose number is matched by ``number``."""
    return (
        _DATE,
        _CLOCK,
        _Reader(_money_pattern(number), _money, _in_currency),
        _Reader(_percent_pattern(number), _percent, lambda text, lowered: "%" in text or "cent" in lowered, lead=""),
        _Reader(_duration_pattern(number), _duration, _may_last, lead=""),
        _SPAN,
        _CODE,
        _CALL,
        _Reader(_quantity_pattern(number), _quantity, lambda text, lowered: True, lead="-−"),
    )


_IN_DIGITS: Final = _readers(DIGITS)
_IN_WORDS: Final = _readers(NUMBER)
_IN_LONE_DIGITS: Final = tuple(_HEX if r is _CODE else r for r in _IN_DIGITS if r not in (_DATE, _CALL))
_WITHOUT_NUMBER: Final = (_CLOCK, _SPAN, _HEX)
_NAMED_DATE: Final = _Reader(dates.NAMED_DATE, dates.read_named_date, lambda text, lowered: True, dates.named_dates)
_WORDY = re.compile(rf"\b{WORDS}\b")
_IN_DIGITS_AT = re.compile(r"\d(?<!\w.)")
_IN_WORDS_AT = re.compile(rf"\d(?<!\w.)|\b(?:{FIRST_WORDS})")
"""Where a number may begin, and nothing else of it."""
_JOIN = re.compile(r"\s*(?:-|–|—|to|until|till|through)\s*\Z", _I)
_OR = re.compile(r"\s*(?:or|/)\s*", _I)
_BETWEEN = re.compile(r"\bbetween\s+\Z", _I)
_CHANGED = re.compile(r"\bfrom\s+\Z", _I)
_CHANGE = re.compile(r"\b(?:chang|rais|rise|rose|increas|reduc|lower|drop|mov|went|updat|exten|shorten|cut)\w*\b", _I)


@lru_cache(maxsize=2048)
def mentions(text: str) -> tuple[Mention, ...]:
    """Every typed value of the cleaned text, in order of place, none overlapping another."""
    cleaned = clean(text)
    if not cleaned.isascii():
        cleaned = cleaned.translate(_TURKISH)
    lowered = cleaned.lower()
    if _in_number_words(cleaned, lowered) and _WORDY.search(lowered):
        readers, starts = _IN_WORDS, _IN_WORDS_AT
    elif not _HAS_DIGIT(cleaned):
        readers, starts = _WITHOUT_NUMBER, None
    else:
        readers, starts = _IN_DIGITS if _HAS_JOINED(cleaned) else _IN_LONE_DIGITS, _IN_DIGITS_AT
    numbers = [] if starts is None else [m.start() for m in starts.finditer(lowered)]
    if _in_months(cleaned, lowered) and dates.MONTH_NAME.search(lowered):
        readers = (_NAMED_DATE, *readers)
    taken = bytearray(len(cleaned))
    found: list[Mention] = []
    looked, may = None, None
    for reader in readers:
        if reader.may is not looked:
            looked, may = reader.may, reader.may(cleaned, lowered)
        if may:
            found += _scan(reader.find(cleaned, lowered, numbers), reader.read, taken)
    if len(found) < 2:
        return tuple(found)
    found.sort(key=lambda m: m.start)
    return tuple(_joined(cleaned, found))


def _scan(
    matches: Iterable[re.Match[str]], read: Callable[[re.Match[str]], Value | None], taken: bytearray
) -> list[Mention]:
    found = []
    for match in matches:
        start, end = match.span()
        if taken.find(1, start, end) >= 0:
            continue
        value = read(match)
        if value is not None:
            taken[start:end] = b"\1" * (end - start)
            found.append(Mention(value, start, end))
    return found


def _joined(text: str, found: list[Mention]) -> Iterator[Mention]:
    """Merge ``3-5 days``, ``3 to 5 days``, ``between 3 and 5 days``, ``9:00-17:00`` and ``1 hour 30 minutes``."""
    pending: Mention | None = None
    for mention in found:
        if pending is None:
            pending = mention
            continue
        merged = _merge(text, pending, mention)
        if merged is None:
            yield _with_unit(text, pending, mention)
        pending = merged or mention
    if pending is not None:
        yield pending


def _merge(text: str, a: Mention, b: Mention) -> Mention | None:
    between, before = text[a.end : b.start], text[max(0, a.start - 12) : a.start]
    x, y = a.value, b.value
    if x.kind in ("date", "id") or y.kind in ("date", "id") or not x.point or not y.point:
        return None
    if x.kind == y.kind == "duration" and x.unit == y.unit and x.low > y.low and between.strip(" ,") in ("", "and"):
        total = x.low + y.low
        return Mention(replace(x, low=total, high=total, raw=0.0), a.start, b.end)
    ranged = _JOIN.match(between) or (between.strip() == "and" and _BETWEEN.search(before))
    if not ranged or (_CHANGED.search(before) and _CHANGE.search(text[max(0, a.start - 80) : a.start])):
        return None
    if x.kind == y.kind and (x.unit == y.unit or not x.unit):
        factor = 1.0 if x.unit else _factor(y)
        low = x.low * factor
    elif x.kind == "number" and not x.unit:
        low = x.low * _factor(y)
    else:
        return None
    wraps = y.kind == "time"
    return Mention(replace(y, low=low, high=y.high), a.start, b.end) if low < y.high or wraps else None


def _with_unit(text: str, a: Mention, b: Mention) -> Mention:
    """The bare 30 of ``30 or 90 days`` is 30 days."""
    bare = a.value.kind == "number" and not a.value.unit and a.value.point
    if not bare or b.value.kind in ("number", "date", "id", "time") or not _OR.fullmatch(text[a.end : b.start]):
        return a
    amount = a.value.low * _factor(b.value)
    return Mention(replace(b.value, low=amount, high=amount, raw=a.value.raw), a.start, a.end)


def _factor(value: Value) -> float:
    return 1.0 if close(value.raw, 0.0) else value.high / value.raw
