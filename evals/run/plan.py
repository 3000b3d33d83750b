"""Which items a run asks: whole clusters, the same ones for every system, chosen by hash and never
by content.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import msgspec

from evals.core.errors import DataError, UsageError
from evals.core.identity import digest
from evals.core.interfaces import Mode, Pack, Suite
from evals.core.registry import SUITES, unknown
from evals.core.schema import Item, Request
from evals.core.store import HOLDOUT

PROFILES: Final = ("quick", "standard", "full", HOLDOUT)


@dataclass(frozen=True)
class SuitePlan:
    """One suite of a run: the clusters of each track that it asks, by their `_rank`, and how many
    items they hold.
    """

    suite: Suite
    clusters: Mapping[str, frozenset[int]]
    items: int
    digest: str

    def stream(self, pack: Pack) -> Iterator[Item]:
        """The items in pack order; those of a replaying suite carry its name and, as track, the
        suite they are from.
        """
        return _chosen(pack, self.suite, self.clusters)


@dataclass(frozen=True)
class Plan:
    """All suites of a run, in order."""

    profile: str
    suites: tuple[SuitePlan, ...]

    @property
    def items(self) -> int:
        return sum(s.items for s in self.suites)

    @property
    def digest(self) -> str:
        """Identity of the exact questions: changes with any item, its gold, or the selection."""
        return digest([[s.suite.name, s.digest] for s in self.suites])

    def stream(self, pack: Pack, measured: Mode | None = None) -> Iterator[Item]:
        """Every item of the run, suite by suite; only those of one kind of pass where ``measured``
        is given.
        """
        for plan in self.suites:
            if measured in (None, plan.suite.measured):
                yield from plan.stream(pack)


def make_plan(pack: Pack, suites: Sequence[str], profile: str, limit: int | None = None) -> Plan:
    """Choose the clusters of each suite: for the hold-out those that the standard profile leaves,
    at most as many as the full one asks. ``limit`` caps the items per suite, by whole clusters,
    evenly over tracks.

    Where no suite is named, those that the pack has items for. Raises UsageError for an unknown
    suite or profile, DataError where the pack has no item for a suite.
    """
    if profile not in PROFILES:
        raise unknown("profile", profile, list(PROFILES))
    if limit is not None and limit < 1:
        raise UsageError("--limit must be at least 1", found=limit)
    names = list(dict.fromkeys(suites)) or [
        name for name in ordered_suites() if _asked(pack, SUITES.get(name))
    ]
    if not names:
        raise DataError(
            "the pack has no item for any suite",
            where=pack.root,
            hint="`adaptbench pack validate` it",
        )
    return Plan(
        profile, tuple(_plan_suite(pack, SUITES.get(name), profile, limit) for name in names)
    )


def ordered_suites() -> list[str]:
    """Every registered suite; the ones that measure latency come last."""
    return sorted(SUITES.names(), key=lambda name: (SUITES.get(name).measured == "latency", name))


def absent_suites(pack: Pack) -> tuple[str, ...]:
    """The registered suites that the pack holds no item of."""
    return tuple(name for name in ordered_suites() if not _asked(pack, SUITES.get(name)))


def request_of(item: Item) -> Request:
    """What a system may see of an item."""
    return Request(
        id=item.id,
        question=item.question,
        user=item.user,
        time=item.time,
        choices=item.choices,
        json_schema=item.json_schema,
        lookup=item.lookup,
        history=item.history,
    )


def _asked(pack: Pack, suite: Suite) -> bool:
    return any(
        next(pack.items(source), None) is not None for source in suite.replays or (suite.name,)
    )


def _plan_suite(pack: Pack, suite: Suite, profile: str, limit: int | None) -> SuitePlan:
    wanted, first = suite.clusters.get(profile), 0
    if profile == HOLDOUT:
        wanted, first = suite.clusters.get("full"), suite.clusters.get("standard") or 0
    sizes: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for track, rank, _ in _ranked(pack, suite):
        sizes[track][rank] = 1 if suite.replays else sizes[track][rank] + 1
    if not sizes:
        raise DataError(
            f"the pack {pack.name!r} has no item for the suite {suite.name!r}",
            where=pack.root,
            hint="leave the suite out with --suite, or add items to the pack",
        )
    chosen: dict[str, set[int]] = {track: set() for track in sizes}
    count = 0
    for layer in zip_longest(*(sorted(sizes[track])[first:][:wanted] for track in sorted(sizes))):
        for track, rank in zip(sorted(sizes), layer, strict=True):
            if rank is not None and (
                limit is None or not count or count + sizes[track][rank] <= limit
            ):
                chosen[track].add(rank)
                count += sizes[track][rank]
    sizes.clear()
    if not count:
        raise DataError(
            f"the standard profile asks all of {suite.name!r}: nothing is left to hold out",
            where=pack.root,
            hint="leave the suite out with --suite, or add items to the pack",
        )
    clusters = {track: frozenset(ranks) for track, ranks in chosen.items()}
    state, items = hashlib.sha256(), 0
    for item in _chosen(pack, suite, clusters):
        state.update(msgspec.json.encode(item))
        items += 1
    return SuitePlan(suite, clusters, items, state.hexdigest())


def _chosen(pack: Pack, suite: Suite, clusters: Mapping[str, frozenset[int]]) -> Iterator[Item]:
    replayed: dict[str, set[int]] = defaultdict(set)
    for track, rank, item in _ranked(pack, suite):
        if rank not in clusters.get(track, ()) or rank in replayed[track]:
            continue
        if suite.replays:
            replayed[track].add(rank)
            yield msgspec.structs.replace(
                item, id=f"{suite.name}/{item.id}", suite=suite.name, track=track
            )
        else:
            yield item


def _ranked(pack: Pack, suite: Suite) -> Iterator[tuple[str, int, Item]]:
    """Every item that the suite may ask, with the track it counts for and the rank of its
    cluster.
    """
    for source in suite.replays or (suite.name,):
        for item in pack.items(source):
            track = source if suite.replays else item.track
            yield track, _rank(suite.name, item.track, item.cluster), item


def _rank(suite: str, track: str, cluster: str) -> int:
    """Where a cluster stands in the order of choice: 64 bits of a hash, which also name it (see
    `identity.hash64`).
    """
    return int.from_bytes(
        hashlib.sha256("\0".join((suite, track, cluster)).encode()).digest()[:8], "big"
    )
