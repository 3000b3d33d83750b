"""Who stands where: rank intervals per suite and the front of quality, latency and cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from evals.analysis.columns import Slice
from evals.analysis.pairing import sample
from evals.core.schema import Record, Row
from evals.core.store import MetricNote
from evals.stats.estimators import difference
from evals.stats.ranks import Pair, RankInterval, all_pairs, rank_intervals

LATENCY: Final = "e2e_p95"
COST: Final = "cost_per_1k"


@dataclass(frozen=True)
class Entry:
    """One system's scored items of a suite's headline metric, a slice a seed."""

    system: str
    scored: Sequence[Slice]
    note: MetricNote


class FrontRow(Record, frozen=True, omit_defaults=False):
    """One system's quality, p95 latency and cost, and the systems that are at least as good on all
    and better on one.

    ``beaten_by`` empty: the system is on the front. Figures that nobody measured are left out for
    all.
    """

    system: str
    suite: str
    quality: float | None
    latency: float | None
    cost: float | None
    beaten_by: tuple[str, ...]


def ranks(entries: Sequence[Entry]) -> dict[str, RankInterval]:
    """Rank intervals of one suite from paired comparisons of every two systems on their shared
    items.

    Systems that share no item, or whose metric has no direction, leave their order open. See
    `stats.ranks`.
    """
    pairs = [_pair(i, j, entries[i], entries[j]) for i, j in all_pairs(len(entries))]
    found = rank_intervals(len(entries), [p for p in pairs if p is not None])
    return {entry.system: rank for entry, rank in zip(entries, found, strict=True)}


def _pair(i: int, j: int, first: Entry, second: Entry) -> Pair | None:
    shared = reduce(np.intersect1d, [own.items for own in (*first.scored, *second.scored)])
    if len(shared) == 0 or first.note.better == "none":
        return None
    one, two = (sample(entry.scored, shared, entry.note) for entry in (first, second))
    if not np.array_equal(one.clusters, two.clusters):
        return None
    found = difference(first.note.estimator, one, two)
    if found.value is None:
        return None
    return Pair(i, j, found.value if first.note.better == "higher" else -found.value, found.p)


def front(rows: Sequence[Row], suite: str) -> list[FrontRow]:
    """The Pareto front of a suite's headline, p95 latency and cost per 1,000 queries, by the values
    shown.

    Nothing is blended into one score. A system without a quality value is left out; a latency or
    cost that some system lacks is not used at all.
    """
    quality = {
        r.system: r
        for r in rows
        if r.suite == suite and r.headline and r.track == "all" and r.value is not None
    }
    other = {name: _values(rows, name) for name in (LATENCY, COST)}
    used = [
        name
        for name in (LATENCY, COST)
        if quality and all(system in other[name] for system in quality)
    ]
    points = {
        system: (-_toward(row), *(other[name][system] for name in used))
        for system, row in quality.items()
    }
    return [
        FrontRow(
            system=system,
            suite=suite,
            quality=row.value,
            latency=other[LATENCY].get(system),
            cost=other[COST].get(system),
            beaten_by=tuple(o for o in sorted(points) if _beats(points[o], points[system])),
        )
        for system, row in sorted(quality.items(), key=lambda e: points[e[0]])
    ]


def _values(rows: Sequence[Row], metric: str) -> Mapping[str, float]:
    return {
        r.system: r.value
        for r in rows
        if r.metric == metric and r.track == "all" and r.value is not None
    }


def _toward(row: Row) -> float:
    value = row.value or 0.0
    return -value if row.better == "lower" else value


def _beats(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return all(x <= y for x, y in zip(a, b, strict=True)) and a != b
