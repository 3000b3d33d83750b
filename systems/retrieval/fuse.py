"""Reciprocal-rank fusion: score(d) = sum over rankings of 1 / (c + rank of d), ranks from 1.

Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion outperforms Condorcet and individual rank
learning methods", SIGIR 2009, with their c = 60.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from systems.retrieval.ranks import DIGITS


def fuse(rankings: Iterable[Sequence[int]], c: int = 60) -> list[tuple[int, float]]:
    """Rows of all rankings with their fused scores, best first; ties by row number.

    Equal sums may differ in the last bit by the order in which their parts were added, so scores
    are rounded.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, start=1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (c + rank)
    rounded = ((row, round(score, DIGITS)) for row, score in scores.items())
    return sorted(rounded, key=lambda entry: (-entry[1], entry[0]))


def reserve(
    ranked: Sequence[tuple[int, float]], own: frozenset[int], k: int, own_k: int
) -> list[tuple[int, float]]:
    """The best ``k``, of which at least ``own_k`` are from ``own`` where it has that many; best
    first.
    """
    kept = list(ranked[:k])
    missing = own_k - sum(row in own for row, _ in kept)
    for entry in [e for e in ranked[k:] if e[0] in own][: max(0, missing)]:
        last = next((i for i in range(len(kept) - 1, -1, -1) if kept[i][0] not in own), None)
        if last is None:
            break
        del kept[last]
        kept.append(entry)
    return kept
