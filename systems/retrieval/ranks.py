"""The best rows by score, the same ones in the same order on every machine.

`numpy.argpartition` (and with it bm25s's own selection) orders equal scores as the processor's
vector instructions happen to; a floating-point sum may differ in its last bits for the same reason.
So candidates are cut by value, rounded, and sorted stably: equal scores stand in the order of rows.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Ranking = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Row numbers and scores of one query's hits, best first."""

DIGITS: Final = 9
"""Decimals that count. A 64-bit sum errs by about 1e-15, so two machines round to the same value.
"""


def top(scores: NDArray[Any], k: int, rows: NDArray[np.int64] | None = None) -> Ranking:
    """The ``k`` highest of ``scores``, shape (n,), best first; equal ones (to `DIGITS`) by row
    number.

    ``rows`` are the row numbers that the scores belong to, shape (n,); without them a score's place
    is its row.
    """
    kept = np.arange(len(scores))
    if k < len(scores):
        least = np.partition(scores, len(scores) - k)[
            len(scores) - k
        ]  # a value: the same whatever sorts
        kept = np.flatnonzero(scores >= least - 10.0**-DIGITS)
    numbers = kept if rows is None else rows[kept]
    rounded = np.round(np.asarray(scores[kept], np.float64), DIGITS)
    order = np.lexsort((numbers, -rounded))[:k]
    return np.asarray(numbers[order], np.int64), np.asarray(rounded[order], np.float64)


def nothing() -> Ranking:
    """The ranking of a query that nothing was found for."""
    return np.empty(0, np.int64), np.empty(0, np.float64)
