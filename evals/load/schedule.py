"""Arrival times that do not wait for answers: constant, Poisson, or replayed from a trace. Seconds
after the start.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator
from typing import Literal

from evals.core.errors import UsageError

Kind = Literal["poisson", "constant", "trace"]


def constant(rate: float, seconds: float) -> Iterator[float]:
    """Evenly spaced arrivals, ``rate`` a second, over ``seconds``; the first at 0. Raises
    UsageError for rate ≤ 0.
    """
    _positive(rate, seconds)
    for n in range(math.ceil(rate * seconds - 1e-9)):
        yield n / rate


def poisson(rate: float, seconds: float, seed: int) -> Iterator[float]:
    """A Poisson process: independent exponential gaps of mean ``1/rate``. Same seed, same arrivals.

    Raises UsageError for a rate or duration that is not positive.
    """
    _positive(rate, seconds)
    draw = random.Random(seed)
    at = draw.expovariate(rate)
    while at < seconds:
        yield at
        at += draw.expovariate(rate)


def replay(times: Iterable[float], seconds: float, speed: float = 1.0) -> Iterator[float]:
    """The arrivals of a trace from its first one on, ``speed`` times as fast, until ``seconds``
    have passed.

    Times must not go back; raises UsageError for a speed or duration that is not positive.
    """
    _positive(speed, seconds)
    first: float | None = None
    for time in times:
        first = time if first is None else first
        at = (time - first) / speed
        if at >= seconds:
            return
        yield at


def _positive(rate: float, seconds: float) -> None:
    if not (0 < rate < math.inf and 0 < seconds < math.inf):
        raise UsageError(
            "a rate and a duration are positive", found=f"rate {rate}, seconds {seconds}"
        )
