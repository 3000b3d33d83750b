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

    ``failed`` counts, by run, the answers that failed where another run was scored.
    """

    samples: tuple[Sample, ...]
    items: Items
    unpaired: int
    failed: tuple[int, ...]

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
    slices = [side.slice(suite, track, metric) for side in sides]
    scored = reduce(_either, [s.items for s in slices])
    failed = tuple(int(np.isin(s.failed[0], scored).sum()) for s in slices)
    note = sides[0].note(metric)
    if any(failed) and note.better == "higher" and note.estimator == "mean":
        slices = [_wrong_where_failed(s, scored) for s in slices]
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


def _wrong_where_failed(chosen: Slice, scored: Items) -> Slice:
    """The slice with the failed among the ``scored`` items of any run, each with the value 0."""
    items, clusters = chosen.failed[:, np.isin(chosen.failed[0], scored)]
    return replace(
        chosen,
        items=np.concatenate([chosen.items, items]),
        clusters=np.concatenate([chosen.clusters, clusters]),
        values=np.concatenate([chosen.values, np.zeros(len(items))]),
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
