"""Notices overload while it builds up: latency that keeps growing with the time a request was
scheduled.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from math import inf, sqrt
from typing import Final

FEWEST: Final = 20
"""Points below which no trend is stated."""


def slope(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Least-squares slope of (x, y) points and its standard error; (0, inf) where it cannot be
    told.

    At arrival rate λ above the capacity μ of a single server, latency grows by λ/μ − 1 seconds a
    second, so the slope of latency over scheduled time is the overload itself; below capacity it is
    0 in the mean. Neighbouring latencies depend on each other, so the residual error is widened by
    the first-order autocorrelation r of the residuals, √((1 + r)/(1 − r)).
    """
    n = len(points)
    if n < FEWEST:
        return 0.0, inf
    mx, my = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    sxx = sum((x - mx) ** 2 for x, _ in points)
    if sxx <= 0:
        return 0.0, inf
    b = sum((x - mx) * (y - my) for x, y in points) / sxx
    left = [y - my - b * (x - mx) for x, y in points]
    square = sum(e * e for e in left)
    if square <= 0:
        return b, 0.0
    r = min(max(sum(a * c for a, c in pairwise(left)) / square, 0.0), 0.99)
    return b, sqrt(square / (n - 2) / sxx * (1 + r) / (1 - r))


class Trend:
    """The newest ``keep`` (scheduled, latency) pairs, and whether their slope is surely above a
    bound.
    """

    def __init__(self, bound: float, keep: int = 2000) -> None:
        self.bound = bound
        self._points: deque[tuple[float, float]] = deque(maxlen=keep)

    def add(self, scheduled: float, latency: float) -> None:
        """Take note of a finished request."""
        self._points.append((scheduled, latency))

    def overloaded(self, waiting: list[tuple[float, float]]) -> bool:
        """Whether slope − 2 standard errors exceeds the bound.

        ``waiting`` are (scheduled, age) of requests without an answer yet: an age is a lower bound
        of the latency, and leaving the slowest out would hide the overload, so an age counts once
        it exceeds every finished latency.
        """
        slowest = max((latency for _, latency in self._points), default=0.0)
        points = sorted([*self._points, *((at, age) for at, age in waiting if age > slowest)])
        b, error = slope(points)
        return b - 2 * error > self.bound
