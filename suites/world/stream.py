"""Randomness that depends on a name alone: the same seed and path give the same draws on every
machine and size.

Only ``random.Random.random`` is used, the one method whose sequence Python promises never to
change.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def number_of(*path: object) -> int:
    """A 128-bit number derived from the path by sha256."""
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, path)).encode()).digest()[:16], "big")


class Stream:
    """Draws for one entity, named by ``path`` (seed first)."""

    __slots__ = ("_next",)

    def __init__(self, *path: object) -> None:
        self._next = random.Random(number_of(*path)).random

    def below(self, n: int) -> int:
        """A whole number in [0, n)."""
        return int(self._next() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + int(self._next() * (high - low + 1))

    def chance(self, p: float) -> bool:
        """True with probability ``p``."""
        return self._next() < p

    def pick(self, options: Sequence[T]) -> T:
        """One of the options. Raises IndexError where there is none."""
        return options[int(self._next() * len(options))]

    def sample(self, options: Sequence[T], k: int) -> list[T]:
        """``k`` different options in random order (all of them where there are fewer)."""
        pool = list(options)
        k = min(k, len(pool))
        for i in range(k):
            j = i + int(self._next() * (len(pool) - i))
            pool[i], pool[j] = pool[j], pool[i]
        return pool[:k]
