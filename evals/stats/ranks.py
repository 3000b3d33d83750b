"""Ranks with the uncertainty they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from evals.stats.estimate import LEVEL
from evals.stats.holm import holm


@dataclass(frozen=True)
class RankInterval:
    """The ranks a system may hold: ``best`` ≤ ``worst``, 1 is first."""

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}–{self.worst}"


@dataclass(frozen=True)
class Pair:
    """One comparison of system ``first`` with ``second``: ``ahead`` > 0 where the first is better;
    p two-sided.
    """

    first: int
    second: int
    ahead: float
    p: float | None


def rank_intervals(systems: int, pairs: Sequence[Pair], level: float = LEVEL) -> list[RankInterval]:
    """Simultaneous rank intervals from all pairwise comparisons.

    Estimand: each system's rank by its true value. A system's best rank is 1 + how many are
    significantly better, its worst is K − how many are significantly worse, significance after Holm
    over all pairs; then all K intervals hold together with probability ≥ ``level`` (Klein, Wright
    and Wieczorek 2020; Mogstad et al. 2024). A pair that is missing or has no p-value decides
    nothing.
    """
    better, worse = [0] * systems, [0] * systems
    for pair, p in zip(pairs, holm([pair.p for pair in pairs]), strict=True):
        if p is not None and p < 1 - level and pair.ahead != 0:
            winner, loser = (
                (pair.first, pair.second) if pair.ahead > 0 else (pair.second, pair.first)
            )
            better[loser] += 1
            worse[winner] += 1
    return [RankInterval(1 + better[k], systems - worse[k]) for k in range(systems)]


def all_pairs(systems: int) -> list[tuple[int, int]]:
    """Every unordered pair of systems."""
    return list(combinations(range(systems), 2))
