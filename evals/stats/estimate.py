"""What every estimator returns: a value with its 95 % interval and the amount of evidence behind
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LEVEL: Final = 0.95
"""Confidence level of every interval, unless a caller names another."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Details = Mapping[str, NDArray[Any]]
Bounds = tuple[float, float]
UNBOUNDED: Final[Bounds] = (float("-inf"), float("inf"))


@dataclass(frozen=True)
class Estimate:
    """A value, its interval, and the counts of items and clusters behind it.

    ``value`` is None where nothing can be estimated; ``low`` and ``high`` are None where the value
    can be estimated but its uncertainty cannot (a single cluster, an unbounded quantity that never
    varied). Never NaN, never infinite.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    clusters: int


def with_interval(
    value: float, interval: tuple[float, float] | None, n: int, clusters: int
) -> Estimate:
    """An estimate whose interval may be missing."""
    low, high = interval or (None, None)
    return Estimate(value, low, high, n, clusters)


@dataclass(frozen=True)
class Influence:
    """A value and how much each item moves it: the influence function at the items, shape (n,),
    mean 0.

    Value plus the mean of the influence of new items is, to first order, the value on those items;
    so the clustered standard error of the influence is that of the value, and of a difference of
    influences that of a paired difference.
    """

    value: float
    each: Floats


def nothing(n: int, clusters: int) -> Estimate:
    """The estimate of what cannot be estimated."""
    return Estimate(None, None, None, n, clusters)
