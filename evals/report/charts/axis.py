"""Axes: from figures to places on the picture, with round ticks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import ceil, floor, log10

from evals.report.charts import svg


@dataclass(frozen=True)
class Axis:
    """A linear or logarithmic scale from ``low``..``high`` to ``start``..``end`` (pixels)."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Where a value stands; values outside are held at the ends."""
        low, high, here = (
            (log10(v) for v in (self.low, self.high, max(value, self.low)))
            if self.log
            else (
                self.low,
                self.high,
                value,
            )
        )
        share = 0.5 if high == low else (here - low) / (high - low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values: decades (with 2 and 5 where few) on a log scale, else about six steps of 1,
        2 or 5.
        """
        if self.log:
            powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
            steps = (1, 2, 5) if len(powers) <= 3 else (1,)
            found = [float(f"{s}e{p}") for p in powers for s in steps]
            return [t for t in found if self.low <= t <= self.high] or [self.low, self.high]
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        rough = span / 7
        base = 10.0 ** floor(log10(rough))
        step = next(m * base for m in (1, 2, 5, 10) if m * base >= rough * 0.999)
        first = ceil(self.low / step - 1e-9)
        return [round(k * step, 10) for k in range(first, floor(self.high / step + 1e-9) + 1)]


def spanning(
    values: Iterable[float], start: float, end: float, *, log: bool = False, zero: bool = False
) -> Axis:
    """An axis that holds all values with a little room; ``zero`` makes it hold 0 as well."""
    found = [v for v in values if not log or v > 0]
    if zero:
        found.append(0.0)
    if not found:
        return Axis(1.0, 10.0, start, end, log) if log else Axis(0.0, 1.0, start, end)
    low, high = min(found), max(found)
    if log:
        return Axis(low / 1.3, high * 1.3, start, end, log=True)
    room = 0.05 * (high - low) or 0.5
    return Axis(low if zero and low == 0 else low - room, high + room, start, end)


def bottom(
    axis: Axis, top: float, base: float, title: str, summary: Callable[[float], str]
) -> list[str]:
    """Gridlines, tick labels and title of a horizontal axis."""
    parts = []
    for tick in axis.ticks():
        x = axis.at(tick)
        parts += [
            svg.line(x, top, x, base, "grid"),
            svg.text(x, base + 16, summary(tick), "tick", "middle"),
        ]
    return [*parts, svg.text((axis.start + axis.end) / 2, base + 34, title, "title", "middle")]


def side(
    axis: Axis, left: float, right: float, title: str, summary: Callable[[float], str]
) -> list[str]:
    """Gridlines, tick labels and title of a vertical axis; the title stands above it."""
    parts = []
    for tick in axis.ticks():
        y = axis.at(tick)
        parts += [
            svg.line(left, y, right, y, "grid"),
            svg.text(left - 6, y + 4, summary(tick), "tick", "end"),
        ]
    return [*parts, svg.text(4, axis.end - 12, title, "title")]
