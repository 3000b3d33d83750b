"""Runs side by side: the same items in the same order, so that every difference is a paired one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.analysis.columns import Slice, Table, Tables, read_tables, select
from evals.analysis.measured import unmeasured_suites
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
    """A sound run with its scores in memory, and the suites whose latencies must not be shown."""

    run: StoredRun
    tables: Tables
    refused: dict[str, Note]

    def tracks(self, suite: str, track: str = ALL) -> list[Table]:
        """The tables of one track, or of the whole suite."""
        found = self.tables.get(suite, {})
        return list(found.values()) if track == ALL else [found[track]] if track in found else []

    def slice(self, suite: str, track: str, metric: str) -> Slice:
        """The scored items of a metric."""
        return select(self.tracks(suite, track), metric)

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
    return Loaded(run, read_tables(run, tuple(run.manifest.suites), refused), refused)


def align(sides: Sequence[Loaded], suite: str, track: str, metric: str) -> Aligned:
    """The items that every run scored, in the order of their hashes.

    An answer that failed where another run was scored counts as wrong: its value is 0 by a mean
    where higher is better. By any other metric a failure says nothing, so it is left out for all
    and counted in ``unpaired``, as is every item that one run could not score: missing is not zero.
    Raises DataError where an item has another cluster in another run.
    """
    return _aligned(sides, [side.slice(suite, track, metric) for side in sides], metric)


def against_candidate(
    candidate: Loaded, baseline: Loaded, suite: str, track: str, metric: str
) -> Aligned:
    """`align` of a candidate and a baseline, where what is missing speaks against the candidate.

    Where one of the two was scored, a failed answer or a gap (`GAPS`) of the candidate has the
    metric's worst value, a gap of the baseline its best; a failed answer of the baseline is wrong.
    Only for means of metrics with two bounds; others are aligned as they are.
    """
    sides = (candidate, baseline)
    slices = [side.slice(suite, track, metric) for side in sides]
    note = baseline.note(metric)
    low, high = note.bounds
    if note.estimator != "mean" or not high - low < NO_BOUND:
        return _aligned(sides, slices, metric)
    scored = _either(slices[0].items, slices[1].items)
    worst, best = (high, low) if note.better == "lower" else (low, high)
    filled = [
        _filled(
            slices[0], np.concatenate([slices[0].failed, slices[0].gaps], axis=1), scored, worst
        ),
        _filled(slices[1], slices[1].gaps, scored, best),
    ]
    assumed = sum(len(f.items) - len(s.items) for f, s in zip(filled, slices, strict=True))
    return replace(_aligned(sides, filled, metric), assumed=assumed)


def _aligned(sides: Sequence[Loaded], slices: list[Slice], metric: str) -> Aligned:
    scored = reduce(_either, [s.items for s in slices])
    failed = tuple(int(np.isin(s.failed[0], scored).sum()) for s in slices)
    note = sides[0].note(metric)
    if any(failed) and note.better == "higher" and note.estimator == "mean":
        slices = [_filled(s, s.failed, scored, 0.0) for s in slices]
    shared = reduce(_both, [s.items for s in slices])
    union = reduce(_either, [s.items for s in slices])
    samples = [sample(s, shared, side.note(metric)) for s, side in zip(slices, sides, strict=True)]
    for own, side in zip(samples, sides, strict=True):
        if not np.array_equal(own.clusters, samples[0].clusters):
            raise DataError(
                "the same items belong to other clusters than in the run compared with",
                where=side.run.path,
                hint="run both systems again on the same pack",
            )
    return Aligned(tuple(samples), shared, len(union) - len(shared), failed)


def _filled(chosen: Slice, missing: Items, scored: Items, value: float) -> Slice:
    """The slice with those of the ``missing`` (items and clusters, shape (2, m)) added that some
    run scored and that are not there yet, each with the same value.
    """
    wanted = np.isin(missing[0], scored) & ~np.isin(missing[0], chosen.items)
    items, clusters = missing[:, wanted]
    return replace(
        chosen,
        items=np.concatenate([chosen.items, items]),
        clusters=np.concatenate([chosen.clusters, clusters]),
        values=np.concatenate([chosen.values, np.full(len(items), value)]),
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


def sample(chosen: Slice, shared: Items, note: MetricNote) -> Sample:
    """The scored items of a metric in the order of ``shared``, all of which are among them."""
    order = np.argsort(chosen.items, kind="stable")
    place = order[np.searchsorted(chosen.items, shared, sorter=order)]
    details = {name: values[place] for name, values in chosen.details.items()}
    return Sample(chosen.values[place], chosen.clusters[place], details, note.bounds)


def common(sides: Iterable[Loaded]) -> list[tuple[str, str, str]]:
    """Every (suite, track, metric) that all runs have, suites in the first one's order, track
    ``all`` first.
    """
    loaded = list(sides)
    first = loaded[0]
    found = []
    for suite, note in first.run.manifest.suites.items():
        if any(suite not in side.tables for side in loaded):
            continue
        tracks = sorted(set.intersection(*(set(side.tables[suite]) for side in loaded)))
        for track in [ALL, *tracks]:
            for metric in note.metrics:
                if all(
                    any(metric in t.columns for t in side.tracks(suite, track)) for side in loaded
                ):
                    found.append((suite, track, metric))
    return found
