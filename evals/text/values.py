"""Typed values in canonical form, and when two of them are the same.

A quantity is an interval ``[low, high]`` in a ``unit``; a point has ``low == high``. Durations keep three dimensions
apart because a month is no fixed number of days and a business day is no day: seconds, months, business days.
A date is (year, month, day) with None for what is not said; a numeric date that reads two ways keeps both readings.
"""

from __future__ import annotations

import math
from typing import Final, Literal

import msgspec

Kind = Literal["number", "money", "date", "time", "duration", "percent", "id"]

DURATIONS: Final[dict[str, tuple[str, float]]] = {
    "second": ("s", 1.0),
    "sec": ("s", 1.0),
    "minute": ("s", 60.0),
    "min": ("s", 60.0),
    "hour": ("s", 3600.0),
    "hr": ("s", 3600.0),
    "h": ("s", 3600.0),
    "day": ("s", 86400.0),
    "night": ("s", 86400.0),
    "week": ("s", 604800.0),
    "wk": ("s", 604800.0),
    "fortnight": ("s", 1209600.0),
    "month": ("month", 1.0),
    "quarter": ("month", 3.0),
    "year": ("month", 12.0),
    "yr": ("month", 12.0),
    "decade": ("month", 120.0),
    "business day": ("business_day", 1.0),
    "working day": ("business_day", 1.0),
    "weekday": ("business_day", 1.0),
}

CURRENCIES: Final = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "₹": "INR", "inr": "INR", "rupee": "INR", "rupees": "INR",
    "chf": "CHF", "franc": "CHF", "francs": "CHF", "cad": "CAD", "aud": "AUD", "cny": "CNY", "yuan": "CNY",
    "sek": "SEK", "kr": "SEK", "nok": "NOK", "dkk": "DKK", "pln": "PLN", "krw": "KRW", "₩": "KRW", "won": "KRW",
}  # fmt: skip

UNITS: Final[dict[str, tuple[str, float]]] = {
    "kg": ("g", 1e3), "kilogram": ("g", 1e3), "kilo": ("g", 1e3), "g": ("g", 1.0), "gram": ("g", 1.0),
    "mg": ("g", 1e-3), "milligram": ("g", 1e-3), "lb": ("lb", 1.0), "pound": ("lb", 1.0), "oz": ("oz", 1.0),
    "ounce": ("oz", 1.0), "ton": ("ton", 1.0), "tonne": ("g", 1e6),
    "km": ("m", 1e3), "kilometer": ("m", 1e3), "kilometre": ("m", 1e3), "m": ("m", 1.0), "meter": ("m", 1.0),
    "metre": ("m", 1.0), "cm": ("m", 1e-2), "centimeter": ("m", 1e-2), "centimetre": ("m", 1e-2),
    "mm": ("m", 1e-3), "millimeter": ("m", 1e-3), "millimetre": ("m", 1e-3), "inch": ("in", 1.0), "in": ("in", 1.0),
    "inche": ("in", 1.0), "ft": ("in", 12.0), "foot": ("in", 12.0), "feet": ("in", 12.0), "mile": ("mi", 1.0),
    "mi": ("mi", 1.0), "l": ("l", 1.0), "liter": ("l", 1.0), "litre": ("l", 1.0), "ml": ("l", 1e-3),
    "milliliter": ("l", 1e-3), "millilitre": ("l", 1e-3), "cl": ("l", 1e-2),
    "w": ("w", 1.0), "watt": ("w", 1.0), "kw": ("w", 1e3), "kilowatt": ("w", 1e3), "kwh": ("kwh", 1.0),
    "v": ("v", 1.0), "volt": ("v", 1.0), "mah": ("mah", 1.0), "ah": ("mah", 1e3), "wh": ("wh", 1.0),
    "lumen": ("lm", 1.0), "lm": ("lm", 1.0), "hz": ("hz", 1.0), "khz": ("hz", 1e3), "mhz": ("hz", 1e6),
    "ghz": ("hz", 1e9), "kb": ("b", 1e3), "mb": ("b", 1e6), "gb": ("b", 1e9), "tb": ("b", 1e12),
    "gigabyte": ("b", 1e9), "megabyte": ("b", 1e6), "terabyte": ("b", 1e12), "db": ("db", 1.0), "decibel": ("db", 1.0),
    "km/h": ("km/h", 1.0), "kmh": ("km/h", 1.0), "kph": ("km/h", 1.0), "mph": ("mph", 1.0), "m/s": ("m/s", 1.0),
    "bc": ("bc", 1.0), "bce": ("bc", 1.0), "ad": ("ad", 1.0), "ce": ("ad", 1.0),
    "°c": ("c", 1.0), "celsius": ("c", 1.0), "°f": ("f", 1.0), "fahrenheit": ("f", 1.0),
}  # fmt: skip


class Value(msgspec.Struct, frozen=True):
    """One canonical value. ``raw`` is the number as written, before its unit was converted."""

    kind: Kind
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    raw: float = 0.0
    dates: tuple[tuple[int | None, int | None, int | None], ...] = ()
    text: str = ""

    @property
    def point(self) -> bool:
        return self.low == self.high


def close(a: float, b: float) -> bool:
    """Equal up to rounding of the decimal form: relative 1e-6."""
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def same(gold: Value, said: Value) -> bool:
    """Whether ``said`` states ``gold``. Not symmetric for dates: a said date may add detail but not drop any."""
    if gold.kind == "date" and said.kind == "date":
        return any(_covers(g, s) for g in gold.dates for s in said.dates)
    if gold.kind == "id" or said.kind == "id":
        return gold.kind == said.kind and gold.text == said.text
    if gold.kind != said.kind:
        return _same_bare(gold, said)
    if gold.unit and said.unit and gold.unit != said.unit:
        return False
    if gold.kind == "number" and bool(gold.unit) != bool(said.unit):
        return gold.point and said.point and close(gold.raw, said.raw)
    return close(gold.low, said.low) and close(gold.high, said.high)


def _same_bare(gold: Value, said: Value) -> bool:
    """A bare count (``5``) is stated by ``5 days``, a year (``1999``) by ``May 1999``; nothing else crosses kinds."""
    if gold.kind != "number" or gold.unit:
        return False
    if said.kind == "date":
        return any(year is not None and close(gold.raw, year) for year, _, _ in said.dates)
    return said.kind == "duration" and said.point and close(gold.raw, said.raw)


def comparable(gold: Value, said: Value) -> bool:
    """Whether ``said`` could be a rival of ``gold``: the same kind and, where both name one, the same dimension.

    Durations in days and in months are rivals of each other (``30 days`` against ``3 months``).
    """
    if gold.kind != said.kind:
        return False
    if gold.kind == "id":
        return _shape(gold.text) == _shape(said.text)
    if gold.kind == "number":
        return gold.unit == said.unit
    return True


def _covers(gold: tuple[int | None, ...], said: tuple[int | None, ...]) -> bool:
    year_ok = gold[0] is None or said[0] is None or gold[0] == said[0]
    rest_ok = all(g is None or g == s for g, s in zip(gold[1:], said[1:], strict=True))
    says_something = any(s is not None for s in said)
    only_year = gold[1] is None and gold[2] is None
    return year_ok and rest_ok and says_something and not (only_year and said[0] is None)


def _shape(text: str) -> str:
    return "".join("9" if c.isdigit() else c for c in text).replace("9", "")
