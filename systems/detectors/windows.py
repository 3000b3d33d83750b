"""Windows over a sequence of pieces with lengths: what a detector reads at a time."""

from __future__ import annotations

from collections.abc import Sequence


def windows(lengths: Sequence[int], most: int, *, overlap: bool = False) -> list[tuple[int, int]]:
    """(start, end) of runs of pieces of at most ``most`` together that cover all pieces in order.

    A piece that is longer by itself is a run of its own. With ``overlap`` each run begins past half
    of the one before.
    """
    found: list[tuple[int, int]] = []
    start, size = 0, len(lengths)
    while start < size:
        end, total = start + 1, lengths[start]
        while end < size and total + lengths[end] <= most:
            total += lengths[end]
            end += 1
        found.append((start, end))
        if end == size:
            break
        start = _half(lengths, start, end) if overlap else end
    return found


def _half(lengths: Sequence[int], start: int, end: int) -> int:
    """The first piece that begins past half of a run, and never the run's own first."""
    total, passed = sum(lengths[start:end]), 0
    for number in range(start, end):
        passed += lengths[number]
        if 2 * passed >= total:
            return number + 1
    return end
