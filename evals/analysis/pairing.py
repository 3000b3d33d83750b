"""Runs side by side: the same items in the same order, so that every difference is a paired one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.analysis.columns import Slice, Table, Tables, read_tables, select
from evals.analysis.measured import latency_suites, unmeasured_suites
from evals.analysis.notes import Note
from evals.analysis.selection import require_sound
from evals.core.errors import DataError
from evals.core.store import MetricNote, StoredRun
from evals.stats.estimators import Sample
from evals.stats.wilson import NO_BOUND

Items = NDArray[np.int64]
"""Hashes of items, shape (n,)."""
ALL: Final = "all"
"""The track that stands for a whole suite: every item of the suite weighs the same."""


@dataclass(frozen=True)
class Loaded:
    """A sound run with its scores in memory, and the suites whose latencies must not be shown.

    ``seeds`` are the runs of the same system with other seeds, without their latency suites, which
    no seed of training explains.
    """

    run: StoredRun
    tables: Tables
    refused: dict[str, Note]
    seeds: tuple[Loaded, ...] = ()

    def tracks(self, suite: str, track: str = ALL) -> list[Table]:
        """The tables of one track, or of the whole suite."""
        found = self.tables.get(suite, {})
        return list(found.values()) if track == ALL else [found[track]] if track in found else []

    def slices(self, suite: str, track: str, metric: str) -> list[Slice]:
        """The scored items of a metric, a slice a seed."""
        sides = [self, *(seed for seed in self.seeds if suite in seed.tables)]
        return [select(side.tracks(suite, track), metric) for side in sides]

    def note(self, metric: str) -> MetricNote:
        return self.run.manifest.metrics[metric]


@dataclass(frozen=True)
class Aligned:
    """One sample per run over the items that all of them scored; ``items`` are their hashes,
    ``unpaired`` the rest.

    ``failed`` counts, by run, the answers that failed where another run was scored; ``assumed``
    the values that were put in for missing ones (`against_candidate`).
    """

    samples: tuple[Sample, ...]
    items: Items
    unpaired: int
    failed: tuple[int, ...]
    assumed: int = 0

    @property
    def n(self) -> int:
        return len(self.items)

    @property
    def unpaired_share(self) -> float:
        return self.unpaired / (self.n + self.unpaired) if self.n + self.unpaired else 0.0


def load(run: StoredRun) -> Loaded:
    """Read a run whole. Raises DataError for one that is unfinished, tampered with or damaged."""
    require_sound(run)
    refused = unmeasured_suites(run)
    tables = read_tables(run, tuple(run.manifest.suites), refused)
    return Loaded(run, tables, refused, tuple(load_seed(seed) for seed in run.seeds))


def load_seed(run: StoredRun) -> Loaded:
    """What a further seed adds. Raises as `load`."""
    require_sound(run)
    latency = latency_suites(run)
    return Loaded(run, read_tables(run, [s for s in run.manifest.suites if s not in latency]), {})


def align(sides: Sequence[Loaded], suite: str, track: str, metric: str) -> Aligned:
    """The items that every run scored, in the order of their hashes.

    An answer that failed where another run was scored counts as wrong: its value is 0 by a mean
    where higher is better. By any other metric a failure says nothing, so it is left out for all
    and counted in ``unpaired``, as is every item that one run could not score: missing is not zero.
    Raises DataError where an item has another cluster in another run.
    """
    return _aligned(sides, [side.slices(suite, track, metric) for side in sides], metric)


def against_candidate(
    candidate: Loaded, baseline: Loaded, suite: str, track: str, metric: str
) -> Aligned:
    """`align` of a candidate and a baseline, where what is missing speaks against the candidate.

    Where one of the two was scored, a failed answer or a gap (`GAPS`) of the candidate has the
    metric's worst value, a gap of the baseline its best; a failed answer of the baseline is wrong.
    Only for means of metrics with two bounds; others are aligned as they are.
    """
    sides = (candidate, baseline)
    ours, theirs = (side.slices(suite, track, metric) for side in sides)
    note = baseline.note(metric)
    low, high = note.bounds
    if note.estimator != "mean" or not high - low < NO_BOUND:
        return _aligned(sides, [ours, theirs], metric)
    scored = reduce(_either, [s.items for s in (*ours, *theirs)])
    worst, best = (high, low) if note.better == "lower" else (low, high)
    filled = [
        [_filled(s, np.concatenate([s.failed, s.gaps], axis=1), scored, worst) for s in ours],
        [_filled(s, s.gaps, scored, best) for s in theirs],
    ]
    assumed = sum(len(s.items) for s in chain(*filled)) - sum(
        len(s.items) for s in (*ours, *theirs)
    )
    return replace(_aligned(sides, filled, metric), assumed=assumed)


def _aligned(sides: Sequence[Loaded], slices: list[list[Slice]], metric: str) -> Aligned:
    scored = reduce(_either, [s.items for s in chain(*slices)])
    failed = tuple(sum(int(np.isin(s.failed[0], scored).sum()) for s in own) for own in slices)
    note = sides[0].note(metric)
    if any(failed) and note.better == "higher" and note.estimator == "mean":
        slices = [[_filled(s, s.failed, scored, 0.0) for s in own] for own in slices]
    shared = reduce(_both, [s.items for s in chain(*slices)])
    union = reduce(_either, [s.items for s in chain(*slices)])
    samples = [sample(own, shared, note) for own in slices]
    for own, side in zip(samples, sides, strict=True):
        if not np.array_equal(own.clusters, samples[0].clusters):
            raise DataError(
                "the same items belong to other clusters than in the run compared with",
                where=side.run.path,
                hint="run both systems again on the same pack",
            )
    return Aligned(tuple(samples), shared, len(union) - len(shared), failed)


def _filled(chosen: Slice, missing: Items, scored: Items, value: float) -> Slice:
    """The slice with those of the ``missing`` (as `Slice.asked`) added that some
    run scored and that are not there yet, each with the same value.
    """
    wanted = np.isin(missing[0], scored) & ~np.isin(missing[0], chosen.items)
    added = missing[:, wanted]
    return replace(
        chosen,
        asked=np.concatenate([chosen.asked, added], axis=1),
        values=np.concatenate([chosen.values, np.full(added.shape[1], value)]),
    )


def _both(one: Items, other: Items) -> Items:
    """The items of both, in the order of their hashes. Runs of one plan have the same: that is
    looked at first.
    """
    return (
        np.sort(one)
        if np.array_equal(one, other)
        else np.intersect1d(one, other, assume_unique=True)
    )


def _either(one: Items, other: Items) -> Items:
    return one if np.array_equal(one, other) else np.union1d(one, other)


def sample(chosen: Sequence[Slice], shared: Items, note: MetricNote) -> Sample:
    """The scored items of a metric, a slice a seed, in the order of ``shared``, all of which are
    among them.
    """
    found = []
    for one in chosen:
        order = np.argsort(one.items, kind="stable")
        place = order[np.searchsorted(one.items, shared, sorter=order)]
        details = {name: values[place] for name, values in one.details.items()}
        found.append(
            replace(one, asked=one.asked[:, place], values=one.values[place], details=details)
        )
    return whole(found, note)


def whole(chosen: Sequence[Slice], note: MetricNote) -> Sample:
    """All scored items of a metric; every further seed has its own."""
    found = []
    for one in chosen:
        _, clusters, groups = one.asked
        crossed = None if np.array_equal(groups, clusters) else groups
        found.append(Sample(one.values, clusters, one.details, note.bounds, crossed))
    return replace(found[0], seeds=tuple(found[1:]))


def parts(tracks: Iterable[str]) -> list[str]:
    """The tracks to be shown beside the whole suite: none where there is only one."""
    found = sorted(tracks)
    return found if len(found) > 1 else []


def common(sides: Iterable[Loaded]) -> list[tuple[str, str, str]]:
    """Every (suite, track, metric) that all runs have, suites in the first one's order, track
    ``all`` first. A suite of one track is that track: it is shown and tested once.
    """
    loaded = list(sides)
    first = loaded[0]
    found = []
    for suite, note in first.run.manifest.suites.items():
        if any(suite not in side.tables for side in loaded):
            continue
        tracks = sorted(set.intersection(*(set(side.tables[suite]) for side in loaded)))
        for track in [ALL, *parts(tracks)]:
            for metric in note.metrics:
                if all(
                    any(metric in t.columns for t in side.tracks(suite, track)) for side in loaded
                ):
                    found.append((suite, track, metric))
    return found
