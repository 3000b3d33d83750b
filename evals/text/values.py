"""Typed values in canonical form, and when two of them are the same.

A quantity is an interval ``[low, high]`` in a ``unit``; a point has ``low == high``. Durations keep
three dimensions apart because a month is no fixed number of days and a business day is no day:
seconds, months, business days. A date is (year, month, day) with None for what is not said; a
numeric date that reads two ways keeps both readings.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

Kind = Literal["number", "money", "date", "time", "duration", "percent", "id"]


class Value(msgspec.Struct, frozen=True):
    """One canonical value. ``raw`` is the number as written, ``scale`` the factor of a word behind
    it ("million"), ``decimals`` its digits after the decimal mark."""

    kind: Kind
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    raw: float = 0.0
    dates: tuple[tuple[int | None, int | None, int | None], ...] = ()
    text: str = ""
    scale: float = 1.0
    decimals: int = 0

    @property
    def point(self) -> bool:
        """One number, not a range."""
        return self.low == self.high

    @property
    def ambiguous(self) -> bool:
        """A date that reads two ways (05/06/2026)."""
        return len(self.dates) > 1


def close(a: float, b: float) -> bool:
    """Equal up to rounding of the decimal form: relative 1e-6."""
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def same(gold: Value, said: Value) -> bool:
    """Whether ``said`` states ``gold``. Not symmetric for dates: a said date may add detail but not
    drop any."""
    if gold.kind == "date" and said.kind == "date":
        return any(_covers(g, s) for g in gold.dates for s in said.dates)
    if gold.kind == "id" or said.kind == "id":
        return gold.kind == said.kind and gold.text == said.text
    if gold.kind != said.kind:
        return _same_bare(gold, said)
    if gold.unit and said.unit and gold.unit != said.unit:
        return False
    if gold.kind == "number" and bool(gold.unit) != bool(said.unit):
        return gold.point and said.point and close(gold.raw * gold.scale, said.raw * said.scale)
    return close(gold.low, said.low) and close(gold.high, said.high)


def _same_bare(gold: Value, said: Value) -> bool:
    """A bare count (``5``) is stated by ``5 days``, a year (``1999``) by ``May 1999``, a fraction
    (``0.019``) by its percentage and the reverse; nothing else crosses kinds."""
    if {gold.kind, said.kind} == {"number", "percent"}:
        share, percent = (gold, said) if gold.kind == "number" else (said, gold)
        return not share.unit and 0 < abs(share.low) < 1 and close(100 * share.low, percent.low)
    if gold.kind != "number" or gold.unit:
        return False
    if said.kind == "date":
        return any(year is not None and close(gold.raw, year) for year, _, _ in said.dates)
    return said.kind == "duration" and said.point and close(gold.raw, said.raw)


def comparable(gold: Value, said: Value) -> bool:
    """Whether ``said`` could be a rival of ``gold``: the same kind and, where both name one, the
    same dimension.

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
    has_value = any(s is not None for s in said)
    only_year = gold[1] is None and gold[2] is None
    return year_ok and rest_ok and has_value and not (only_year and said[0] is None)


def _shape(text: str) -> str:
    return "".join(c for c in text if not c.isdigit())
