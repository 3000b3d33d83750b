"""Finds every typed value in a text, with its place: ids, dates, times, money, percentages,
durations, numbers.

Dates, times and ids are found by patterns of their own, the most specific first; a stretch of text
belongs to the first that takes it. So the 4411 of ``ORD-4411`` is no number. Every other number is
found once and takes its meaning from what stands before it (a sign, a currency) and behind it (a
scale, a currency, a unit). Neighbours joined by a dash or ``to`` become a range.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from typing import Final

import msgspec
from msgspec.structs import replace

from evals.text import dates
from evals.text.numerals import DIGITS, WORDS, undecided, value_of
from evals.text.units import CENTS, CURRENCIES, DURATIONS, MONEY_SCALES, PERCENT, SCALES, UNITS
from evals.text.values import Kind, Value, close
from evals.text.words import clean, lowered, word_set


class Mention(msgspec.Struct, frozen=True):
    """A typed value and the span ``[start, end)`` of the cleaned text it stands in."""

    value: Value
    start: int
    end: int


def _either(names: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(n) for n in names), key=len, reverse=True))


_SYMBOLS: Final = r"(?:us|ca?|au?|hk|s|nz|r)?\$|[€£¥₹₩]"
_CODES: Final = word_set(
    "usd eur gbp jpy inr rs chf cad aud cny rmb sek kr nok dkk pln brl hkd sgd nzd krw"
)
_ID = re.compile(
    r"(?<![\w-])(?:#\d{2,}|(?<![.\d])\d+(?:\.\d+){2,}(?!\.?\d)"
    r"|[a-z]+(?:[-_/][a-z0-9]+)*[-_/]?\d[a-z0-9]*(?:[-_/][a-z0-9]+)*"
    r"|(?=[0-9a-f-]*[a-f])[0-9a-f]{6,}(?:-[0-9a-f]{4,})*)(?!\w)"
)
_PHONE = re.compile(r"(?<![\w.-])\+?\(?\d{2,4}\)?(?:[\s.-]\(?\d{2,4}\)?){1,4}(?![\w-])")
_YEARS = re.compile(r"(?:1[89]|20)\d\d-(?:1[89]|20)\d\d")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+")
_GLUED_CURRENCY = re.compile(rf"(?:{'|'.join(_CODES)})\d")
_AND_HALF = r"\s+and\s+a\s+half\b"
_SPAN_PARTS: Final = (
    "day",
    "hour",
    "minute",
    "second",
    "week",
    "month",
    "year",
    "night",
    "quarter",
    "decade",
)
_SPAN = re.compile(
    r"\b(?P<half>half\s+)?(?P<article>an?)\s+(?:(?:full|whole|single)\s+)?"
    r"(?P<unit>(?:business |working )?day|weekday|week|(?:fort)?night"
    rf"|{'|'.join(_SPAN_PARTS[1:])})\b(?P<more>{_AND_HALF})?"
)
_NUMBER = re.compile(DIGITS)
_WORDED = re.compile(rf"\b{WORDS}\b")
_DIGIT = re.compile(r"\d+")
_BEFORE = re.compile(
    r"(?P<minus>(?<![^\s(\[{\"'=:~≈,;/|<>–-])(?<!\d\s)[-–](?=\S|\Z)|\b(?:minus|negative)\s)?"
    rf"(?:(?P<currency>(?<!\w)(?:{_SYMBOLS}|(?:{'|'.join(_CODES)})\.?))\s?(?P<inner>[-–(])?)?\s?\Z"
)
_AFTER = re.compile(
    rf"(?:\s?\(\d+\))?(?P<half>{_AND_HALF})?[\s-]?"
    r"(?P<word>(?:business|working)[\s-]days?|jours?\souvr\w+|días?\s(?:h[áa]bil\w*|laborable\w*)"
    r"|giorn[io]\slavorativ[io]|dias?\s[úu]te?i[ls]|percentage\spoints?|per\scent\w*|pour\scent"
    r"|por\sc[ie]+nto|us\sdollars?|us\$|%|[$€£¥₹₩]|°\s?[cf]\b|km/h|m/s"
    r"|[万萬만亿億억千円元원天]|分[钟鐘]|小[时時]|時間|시간|[个個ヶか]月|개월|[^\W\d_][^\W_]*)"
)
_LEADS: Final = frozenset((*_CODES, "minus", "negative"))
_SIGNS: Final = "-–($€£¥₹₩."
_HALF_BEHIND = re.compile(_AND_HALF)
_MONTH_PARTS: Final = word_set(
    "jan feb fév fev mar mär mai may maj mag mei maa apr avr abr jun jul jui giu lug aug aoû aou"
    " ago sep set oct okt out ott nov dec dez déc dic gen ene mrz mrt"
)
_NUMBER_PARTS: Final = word_set(
    "zero one two three four five six seven eight nine ten eleven twel teen twent thirt fort fift"
    " dozen hundred thousand million billion trillion"
)
_TIME_PARTS: Final = ("noon", "midday", "midnight", "past ", "quarter to")
_HAS_CLOCK = re.compile(r"\d\s?[ap]\.?m|\d:\d|\d\s?h\s?\d|\d\s*(?:uhr|o'clock)").search
_HAS_DATE = re.compile(r"\d(?:-|/|\. ?)\d|[年년月월]").search
_HAS_CODE = re.compile(r"\d(?:(?<=[a-z#/_-].)|[a-f]|\.\d+\.\d)").search
_HAS_GROUPS = re.compile(r"\d\)?[\s.-]\(?\d").search
_BEFORE_MOST: Final = 14
"""Characters before a number that are read."""
_NO_UNIT_BEFORE_A_WORD: Final = frozenset(
    {"in", "won", "ad", "l", "m", "v", "w", "ore", "ora", "mes", "min"}
)
"""Units that are a word, or another unit's abbreviation, where the sentence goes on ("5 in stock").
"""
_WORD_FOLLOWS = re.compile(r"\s+[a-z]")
_POINT_GROUPS: Final = frozenset({"EUR", "BRL", "DKK", "SEK", "NOK", "PLN"})
"""Currencies whose countries group by points: no price has three decimals."""
_COMMA_DECIMAL = re.compile(
    r"(?<![\d.,])\d{1,3}(?:\.\d{3})*,\d{1,2}(?![\d,])|\b(?:mio|mrd|millionen|milliarden)\b"
)
_POINT_DECIMAL = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})*\.\d{1,2}(?![\d.])")
_COMMA_LANGUAGE = re.compile(
    r"\b(?:der|das|und|ist|nicht|wird|mit|für|beträgt|kostet|les|des|pour|avec|coûte|est|los|las|del|cuesta|para|gli"
    r"|che|costa|di|são|não|custa|het|een|voor|niet|kost|la|le|el)\b"
)
_JOIN = re.compile(r"\s*(?:-|–|—|to|until|till|through|bis|à|a|al|até|tot)\s*\Z")
_OR = re.compile(r"\s*(?:or|/)\s*")
_AND: Final = ("and", "und", "et", "y", "e", "en")
_SEPARATED = re.compile(r"[\s-]+")
_BETWEEN = re.compile(r"\b(?:between|zwischen|entre|tra|fra|tussen)\s+\Z")
_CHANGED = re.compile(r"\bfrom\s+\Z")
_CHANGE = re.compile(
    r"\b(?:chang|rais|rise|rose|increas|reduc|lower|drop|mov|went|updat|exten|shorten|cut|grew|fell|decreas)\w*\b"
)


@lru_cache(maxsize=2048)
def mentions(text: str) -> tuple[Mention, ...]:
    """Every typed value of the cleaned text, in order of place, none overlapping another."""
    cleaned = clean(text)
    low = lowered(cleaned)
    taken = bytearray(len(low))
    found: list[Mention] = []
    if _any(_MONTH_PARTS, low):
        found += _scan(dates.named_dates(low), partial(dates.read_named_date, text=cleaned), taken)
    digits = _DIGIT.search(low) is not None
    if digits and _HAS_DATE(low):
        found += _scan(dates.NUMERIC_DATE.finditer(low), dates.read_numeric_date, taken)
    if (digits and _HAS_CLOCK(low)) or _any(_TIME_PARTS, low):
        found += _scan(dates.TIME.finditer(low), dates.read_time, taken)
    if "a" in low and _any(_SPAN_PARTS, low):
        found += _scan(_SPAN.finditer(low), _article, taken)
    if digits:
        if _HAS_CODE(low):
            found += _scan(_ID.finditer(low), _id, taken)
        if _HAS_GROUPS(low):
            found += _scan(_PHONE.finditer(low), _phone, taken)
    numbers = list(_numbers(low)) if digits else []
    if _any(_NUMBER_PARTS, low):
        numbers = sorted([*numbers, *_WORDED.finditer(low)], key=lambda m: m.start())
    found += _quantities(low, numbers, taken)
    if len(found) < 2:
        return tuple(found)
    found.sort(key=lambda m: m.start)
    return tuple(_joined(low, found))


def _any(parts: Iterable[str], text: str) -> bool:
    for part in parts:  # noqa: SIM110  half the time of any() over a generator
        if part in text:
            return True
    return False


def _scan(
    matches: Iterable[re.Match[str]],
    read: Callable[[re.Match[str]], Value | None],
    taken: bytearray,
) -> Iterator[Mention]:
    for match in matches:
        start, end = match.span()
        if taken.find(1, start, end) < 0 and (value := read(match)) is not None:
            taken[start:end] = b"\1" * (end - start)
            yield Mention(value, start, end)


def canonical_id(text: str) -> str:
    """Upper case, without separators: ``ord 44-11`` and ``ORD-4411`` are one."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _id(match: re.Match[str]) -> Value | None:
    said = match[0]
    if said.isalpha() or said in UNITS or _GLUED_CURRENCY.match(said) or _GROUPED.fullmatch(said):
        return None
    return Value("id", text=canonical_id(said))


def _phone(match: re.Match[str]) -> Value | None:
    digits, said = canonical_id(match[0]), match[0]
    separated = said[0] in "+(" or " " not in said
    if len(digits) < 7 or not separated or _YEARS.fullmatch(said) or _GROUPED.fullmatch(said):
        return None
    return Value("id", text=digits)


def _article(match: re.Match[str]) -> Value | None:
    unit, factor = DURATIONS[match["unit"]]
    raw = 1.5 if match["more"] else 0.5 if match["half"] else 1.0
    text = "article" if raw == 1 else ""
    return Value("duration", raw * factor, raw * factor, unit, raw, text=text)


def _numbers(low: str) -> Iterator[re.Match[str]]:
    """Numbers in digits that no other word begins with: after a space, a mark, a code ("USD5") or a
    character that needs no space."""
    end = 0
    for digits in _DIGIT.finditer(low):
        start = digits.start()
        before = low[start - 1 : start]
        if start < end or (
            before.isalnum() and before < "\u3040" and low[start - 3 : start] not in _CODES
        ):
            continue
        if before == ".":
            if low[start - 2 : start - 1].isalnum() or low[start - 2 : start - 1] == ".":
                continue
            start -= 1
        match = _NUMBER.match(low, start)
        if match:
            end = match.end()
            yield match


def _quantities(low: str, matches: Iterable[re.Match[str]], taken: bytearray) -> Iterator[Mention]:
    for match in matches:
        start, end = match.span()
        if taken.find(1, start, end) >= 0 or low[start - 1 : start] + low[end : end + 1] == "[]":
            continue
        found = _quantity(low, match[0], start, end)
        if found is not None:
            taken[found.start : found.end] = b"\1" * (found.end - found.start)
            yield found


class _Behind(msgspec.Struct, frozen=True):
    """What follows a number: a scale, the kind and unit it makes of it, and where that ends."""

    end: int
    scale: float = 1.0
    half: float = 0.0
    kind: Kind = "number"
    unit: str = ""
    factor: float = 1.0


def _quantity(low: str, said: str, start: int, end: int) -> Mention | None:
    """The value of one number with what stands around it; None where it is none ("5th", "one
    of").
    """
    before = _before(low[max(0, start - _BEFORE_MOST) : start])
    currency = before["currency"] if before else None
    if before and before["inner"] == "(" and low[end : end + 1] == ")":
        end += 1
    behind = _behind(low, end, currency is not None)
    glued = low[end : end + 1]
    if behind.end == end and glued.isalnum() and glued < "\u3040":
        return None
    kind, unit = behind.kind, behind.unit
    if currency:
        kind, unit = "money", CURRENCIES.get(currency.rstrip("."), "")
    continental = undecided(said) if said[0].isdecimal() else False
    if continental:
        points = "." in said and unit in _POINT_GROUPS and behind.scale == 1
        continental = points or _continental(low)
    raw = value_of(said, continental)
    worded = said[0].isalpha()
    if raw is None or (worded and raw + behind.half <= 1 and kind == "number" and not unit):
        return None
    raw += behind.half
    if before and kind != "duration" and (before["minus"] or before["inner"]):
        raw = -raw
    marked = before is not None and (before["minus"] or currency)
    begin = start - len(before[0]) if before is not None and marked else start
    amount = raw * behind.scale * (1.0 if currency else behind.factor)
    value = Value(kind, amount, amount, unit, raw, scale=behind.scale, decimals=_decimals(raw))
    return Mention(value, begin, behind.end)


def _before(near: str) -> re.Match[str] | None:
    """A sign or currency at the end of what stands before a number; most have neither."""
    last = near.rstrip()[-1:]
    if last.isalpha() and near.rsplit(maxsplit=1)[-1] not in _LEADS and near[-3:] not in _CODES:
        return None
    return _BEFORE.search(near) if last.isalpha() or last in _SIGNS else None


def _decimals(raw: float) -> int:
    return len(f"{raw:.10f}".rstrip("0").partition(".")[2])


@lru_cache(maxsize=64)
def _continental(low: str) -> bool:
    """Whether a text writes decimal commas: by its other numbers, or else by words of such
    languages.
    """
    if _POINT_DECIMAL.search(low):
        return False
    return _COMMA_DECIMAL.search(low) is not None or len(_COMMA_LANGUAGE.findall(low)) > 1


def _behind(low: str, end: int, money: bool) -> _Behind:
    """Reads scale and unit behind a number; ``money``: a currency stands before it."""
    scale, stop = 1.0, end
    match = _AFTER.match(low, end)
    if match is None:
        return _Behind(end)
    half = 0.5 if match["half"] else 0.0
    word = match["word"]
    factor = SCALES.get(word) or (MONEY_SCALES.get(word, 0.0) if money else 0.0)
    if factor and not (len(word) < 3 and low[end] == "-"):
        scale, stop = factor, match.end()
        match = _AFTER.match(low, stop + (low[stop : stop + 1] == "."))
        if match is None:
            return _Behind(stop, scale)
    if money:
        return _Behind(stop, scale)
    word = _SEPARATED.sub(" ", match["word"])
    if (
        word in _NO_UNIT_BEFORE_A_WORD
        and low[stop].isspace()
        and _WORD_FOLLOWS.match(low, match.end())
    ):
        return _Behind(stop, scale)
    found = _meaning(word, match.end(), scale, half)
    if found is None:
        return _Behind(stop, scale)
    if found.kind == "duration" and (more := _HALF_BEHIND.match(low, found.end)):
        return replace(found, half=0.5, end=more.end())
    return found


def _meaning(word: str, end: int, scale: float, half: float) -> _Behind | None:
    if word in PERCENT or word.startswith(("percent", "per cent", "pour cent", "por c")):
        return _Behind(end, scale, half, "percent")
    if word in DURATIONS:
        return _Behind(end, scale, half, "duration", *DURATIONS[word])
    if word in CENTS:
        return _Behind(end, scale, half, "money", "", 0.01)
    if code := CURRENCIES.get(word.removeprefix("us ")):
        return _Behind(end, scale, half, "money", code)
    if word in UNITS:
        return _Behind(end, scale, half, "number", *UNITS[word])
    return None


def _joined(text: str, found: list[Mention]) -> Iterator[Mention]:
    """Merge ``3-5 days``, ``3 to 5 days``, ``between 3 and 5 days``, ``9:00-17:00`` and ``1 hour 30
    minutes``.
    """
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
    added = x.kind == y.kind == "duration" and x.unit == y.unit and x.low > y.low
    if added and between.strip(" ,") in ("", "and"):
        total = x.low + y.low
        return Mention(replace(x, low=total, high=total, raw=0.0), a.start, b.end)
    ranged = _JOIN.match(between) or (between.strip() in _AND and _BETWEEN.search(before))
    if not ranged or (
        _CHANGED.search(before) and _CHANGE.search(text[max(0, a.start - 80) : a.start])
    ):
        return None
    if x.kind == y.kind and (x.unit == y.unit or not x.unit):
        low = x.low * (1.0 if x.unit or x.scale != 1 else _factor(y))
    elif x.kind == "number" and not x.unit:
        low = x.low * _factor(y)
    else:
        return None
    wraps = y.kind == "time"
    return (
        Mention(replace(y, low=low, high=y.high), a.start, b.end) if low < y.high or wraps else None
    )


def _with_unit(text: str, a: Mention, b: Mention) -> Mention:
    """The bare 30 of ``30 or 90 days`` is 30 days."""
    bare = a.value.kind == "number" and not a.value.unit and a.value.point
    if (
        not bare
        or b.value.kind in ("number", "date", "id", "time")
        or not _OR.fullmatch(text[a.end : b.start])
    ):
        return a
    amount = a.value.low * _factor(b.value)
    return Mention(replace(b.value, low=amount, high=amount, raw=a.value.raw), a.start, a.end)


def _factor(value: Value) -> float:
    return 1.0 if close(value.raw, 0.0) else value.high / value.raw
