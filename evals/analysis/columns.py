"""A run's scores as compact columns: the only form in which decisions hold many items in memory."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from evals.core.errors import DataError
from evals.core.identity import hash64
from evals.core.schema import Score, ScoreLine
from evals.core.store import SCORES, StoredRun
from evals.stats.estimate import Floats
from evals.stats.estimators import estimator

LABELS: Final = ("gold", "predicted")
"""Details that are labels; they are held as hashes, all others as numbers."""


GAPS: Final = frozenset({"judge_failed", "language", "unparseable"})
"""Reasons for having no score that an answer can bring about."""


Asked = np.ndarray[Any, np.dtype[np.int64]]


class Values:
    """Numbers, some of them missing: a byte each while all of them are 0 or 1, as most scores are,
    else eight.
    """

    def __init__(self) -> None:
        self._held: array[Any] = array("b")
        self._wide = False

    def __len__(self) -> int:
        return len(self._held)

    def append(self, value: float | None) -> None:
        """Add a number, or None for a missing one."""
        if self._wide:
            self._held.append(_NAN if value is None else value)
        elif value is None:
            self._held.append(_MISSING)
        elif value in (0.0, 1.0):
            self._held.append(int(value))
        else:
            self._held, self._wide = array("d", self.floats().tobytes()), True
            self._held.append(value)

    def pad(self, missing: int) -> None:
        """Add ``missing`` missing numbers."""
        self._held.extend([_NAN if self._wide else _MISSING] * missing)

    def floats(self) -> Floats:
        """All of them, shape (n,), NaN where missing."""
        if self._wide:
            return np.frombuffer(self._held, dtype=np.float64)
        codes = np.frombuffer(self._held, dtype=np.int8)
        return np.where(codes == _MISSING, np.nan, codes.astype(np.float64))


_MISSING: Final = -1
_NAN: Final = float("nan")


@dataclass
class Column:
    """One metric on one track. A value is missing where there is no score: rows stay aligned."""

    needs: tuple[str, ...]
    values: Values = field(default_factory=Values)
    labels: dict[str, array[int]] = field(default_factory=dict)
    numbers: dict[str, Values] = field(default_factory=dict)
    unscored: Counter[str] = field(default_factory=Counter)
    failed: list[int] = field(default_factory=list)
    """Rows on which the system failed to answer."""
    gaps: list[int] = field(default_factory=list)
    """Rows with an answer that this metric should have scored and could not (`GAPS`)."""

    def __post_init__(self) -> None:
        self.labels = {need: array("q") for need in self.needs if need in LABELS}
        self.numbers = {need: Values() for need in self.needs if need not in LABELS}

    def append(self, score: Score, refused: bool) -> None:
        """Add one item's score; a refused one counts as not measured, one without its details as
        unparseable.
        """
        found = _details(score, self.needs)
        reason = score.unscored or (
            "not_measured" if refused else None if found is not None else "unparseable"
        )
        if reason is not None:
            self.unscored[reason] += 1
        if reason == "system_error":
            self.failed.append(len(self.values))
        elif reason in GAPS:
            self.gaps.append(len(self.values))
        self.values.append(None if reason is not None else score.value)
        kept = found if reason is None else None
        for need, labels in self.labels.items():
            labels.append(0 if kept is None else int(kept[need]))
        for need, numbers in self.numbers.items():
            numbers.append(None if kept is None else kept[need])

    def pad(self, rows: int) -> None:
        """Fill up to ``rows`` rows for items on which this metric said nothing at all."""
        missing = rows - len(self.values)
        if missing:
            self.values.pad(missing)
            for labels in self.labels.values():
                labels.extend([0] * missing)
            for numbers in self.numbers.values():
                numbers.pad(missing)


@dataclass
class Table:
    """All scores of one track: hashes of items, clusters and groups (the cluster's, where an item
    declares none), and one column per metric, all of the same length.
    """

    items: array[int] = field(default_factory=lambda: array("q"))
    clusters: array[int] = field(default_factory=lambda: array("q"))
    groups: array[int] = field(default_factory=lambda: array("q"))
    columns: dict[str, Column] = field(default_factory=dict)


@dataclass(frozen=True)
class Slice:
    """The scored items of one metric: ``asked`` holds the hashes of items, clusters and groups,
    shape (3, n), values and details have shape (n,).

    ``failed`` are those, shape (3, m), on which the system failed to answer, ``gaps`` those whose
    answer the metric could not score.
    """

    asked: Asked
    values: Floats
    details: dict[str, np.ndarray[Any, Any]]
    unscored: dict[str, int]
    failed: Asked
    gaps: Asked

    @property
    def items(self) -> Asked:
        """Hashes of the items, shape (n,)."""
        found: Asked = self.asked[0]
        return found

    @property
    def clusters(self) -> Asked:
        """Hashes of their clusters, shape (n,)."""
        found: Asked = self.asked[1]
        return found


Tables = dict[str, dict[str, Table]]
"""Suite -> track -> table."""


def read_tables(run: StoredRun, suites: Collection[str], refused: Collection[str] = ()) -> Tables:
    """Stream the scores of the named suites into tables; the scores of ``refused`` suites count as
    not measured.

    Memory: 24 bytes an item, one or eight an item and metric (`Values`). Raises DataError for a
    damaged scores file, an item that occurs twice, or a metric or suite that the manifest does not
    know.
    """
    tables: Tables = {}
    for line in run.scores():
        if line.suite in suites:
            table = tables.setdefault(line.suite, {}).setdefault(line.track, Table())
            _add(run, table, line, line.suite in refused)
    for tracks in tables.values():
        for table in tracks.values():
            for column in table.columns.values():
                column.pad(len(table.items))
        _check_unique(run, tracks.values())
    return tables


def _add(run: StoredRun, table: Table, line: ScoreLine, refused: bool) -> None:
    row = len(table.items)
    table.items.append(hash64(line.item))
    table.clusters.append(hash64(line.cluster))
    table.groups.append(hash64(line.cluster if line.group is None else line.group))
    for name, score in line.scores.items():
        column = table.columns.get(name)
        if column is None:
            column = table.columns[name] = Column(_needs(run, name))
        column.pad(row)
        column.append(score, refused)


def _needs(run: StoredRun, metric: str) -> tuple[str, ...]:
    note = run.manifest.metrics.get(metric)
    if note is None:
        raise DataError(
            f"a score of the metric {metric!r}, which the manifest does not name",
            where=run.path / SCORES,
            expected=", ".join(run.manifest.metrics),
            hint="run the system again",
        )
    return estimator(note.estimator).needs


def _check_unique(run: StoredRun, tables: Collection[Table]) -> None:
    items = np.concatenate([np.frombuffer(t.items, dtype=np.int64) for t in tables])
    if len(np.unique(items)) != len(items):
        raise DataError(
            "the same item is scored twice", where=run.path / SCORES, hint="run the system again"
        )


def select(tables: Sequence[Table], metric: str) -> Slice:
    """The scored items of a metric over one or several tracks, in stored order, and the unscored
    ones by reason.
    """
    parts = [(t, t.columns[metric]) for t in tables if metric in t.columns]
    unscored: Counter[str] = Counter()
    values = [np.empty(0)]
    scored, failed, gaps = ([np.empty((3, 0), dtype=np.int64)] for _ in range(3))
    details: dict[str, list[np.ndarray[Any, Any]]] = {}
    for table, column in parts:
        unscored.update(column.unscored)
        scores = column.values.floats()
        keep = ~np.isnan(scores)
        values.append(scores[keep])
        asked = np.array([table.items, table.clusters, table.groups], dtype=np.int64)
        scored.append(asked[:, keep])
        failed.append(asked[:, column.failed])
        gaps.append(asked[:, column.gaps])
        held: dict[str, np.ndarray[Any, Any]] = {
            name: np.frombuffer(labels, dtype=np.int64) for name, labels in column.labels.items()
        }
        held |= {name: numbers.floats() for name, numbers in column.numbers.items()}
        for name, detail in held.items():
            details.setdefault(name, []).append(detail[keep])
    return Slice(
        np.concatenate(scored, axis=1),
        np.concatenate(values),
        {name: np.concatenate(found) for name, found in details.items()},
        dict(sorted(unscored.items())),
        np.concatenate(failed, axis=1),
        np.concatenate(gaps, axis=1),
    )


def _details(score: Score, needs: tuple[str, ...]) -> dict[str, float] | None:
    """The needed details as numbers, or None where one is missing or is no number."""
    if not needs:
        return {}
    given = score.detail or {}
    found: dict[str, float] = {}
    for need in needs:
        value = given.get(need)
        if need in LABELS and value is not None:
            found[need] = hash64(str(value))
        elif isinstance(value, int | float):
            found[need] = float(value)
        else:
            return None
    return found
