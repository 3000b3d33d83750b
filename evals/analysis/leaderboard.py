"""The leaderboard: every stored figure of comparable runs, with its interval; derived from files,
calling no model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from evals.analysis.columns import Slice, read_tables
from evals.analysis.comparability import refused as refused_suites
from evals.analysis.comparability import remarks, seeds_behind
from evals.analysis.measured import latency_suites, machine_class, other_machine, unmeasured_suites
from evals.analysis.notes import Note, distinct, listed, note
from evals.analysis.pairing import ALL, Loaded, load_seed, parts, whole
from evals.analysis.selection import Chosen, Key, choose
from evals.analysis.standings import Entry, ranks
from evals.core.errors import AdaptbenchError, DataError
from evals.core.schema import Row
from evals.core.store import MetricNote, StoredRun, newness
from evals.judge.standing import judge_of
from evals.stats.estimate import Estimate
from evals.stats.estimators import estimate
from evals.stats.ranks import RankInterval

__all__ = ["ALL", "Leaderboard", "build", "order", "summarise"]

Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class Leaderboard:
    """The rows, what they share, and what a reader must know: runs left out, figures refused."""

    key: Key
    rows: tuple[Row, ...]
    notes: tuple[Note, ...]
    ranks: Mapping[tuple[str, str], RankInterval] = field(default_factory=dict)
    """(suite, system) -> the ranks it may hold by the suite's headline."""

    def find(self, system: str, suite: str, metric: str, track: str = ALL) -> Row | None:
        """One row by its names."""
        for row in self.rows:
            if (row.system, row.suite, row.track, row.metric) == (system, suite, track, metric):
                return row
        return None


def build(
    runs: Sequence[StoredRun], pack: str | None = None, profile: str | None = None
) -> Leaderboard:
    """Summarise stored runs: one row per system, suite, track and metric, and one with the track
    ``all`` per suite.

    Which runs: see `selection.choose`. Estimand of ``all``: the same summary over all items of the
    suite, each item weighing the same, so tracks weigh by their items; its interval is computed
    from those items, clusters kept whole, never averaged from the tracks' intervals. Unscored items
    are counted by reason and change no value.

    Ranks come from paired comparisons of the headlines (`standings.ranks`).

    Memory is one run's compact columns at a time, and every run's headlines. Raises DataError where
    no run can be shown.
    """
    selection = choose(runs, pack, profile)
    rows: list[Row] = []
    notes = list(selection.notes)
    wanted = _machine(selection.chosen)
    entries: dict[str, list[Entry]] = {}
    for chosen in selection.chosen:
        try:
            found, more, heads = _run_rows(chosen, wanted)
        except AdaptbenchError as error:
            notes.append(
                note(
                    "run_left_out",
                    run=chosen.run.name,
                    reason=note("broken", problem=error.problem),
                )
            )
            continue
        rows += found
        notes += more
        for suite, entry in heads.items():
            entries.setdefault(suite, []).append(entry)
    if not rows:
        raise DataError(
            "no run can be shown", found=listed(notes), hint="`adaptbench run SYSTEM` makes one"
        )
    standing = {
        (suite, name): rank
        for suite, found in entries.items()
        for name, rank in ranks(found).items()
    }
    return Leaderboard(selection.key, tuple(sorted(rows, key=order)), distinct(notes), standing)


def _machine(chosen: Sequence[Chosen]) -> str:
    """The class of machine whose latencies are shown: that of the newest run that measured any."""
    timed = [c.run for c in chosen if set(latency_suites(c.run)) & set(c.suites)]
    return machine_class(max(timed, key=newness)) if timed else ""


def _run_rows(chosen: Chosen, machine: str) -> tuple[list[Row], list[Note], dict[str, Entry]]:
    run = chosen.run
    found = {**unmeasured_suites(run), **other_machine(run, machine)}
    refused = {suite: why for suite, why in found.items() if suite in chosen.suites}
    tables = read_tables(run, chosen.suites, refused)
    side = Loaded(run, tables, refused, tuple(load_seed(seed) for seed in run.seeds))
    rows = [
        _row(side, suite, track, metric)
        for suite in chosen.suites
        for metric in run.manifest.suites[suite].metrics
        for track in (ALL, *parts(tables.get(suite, {})))
        if any(metric in table.columns for table in side.tracks(suite, track))
    ]
    notes = refused_suites(run.name, refused) + remarks(run.manifest) + seeds_behind([side])
    return rows, notes, {suite: _entry(side, suite) for suite in chosen.suites}


def _entry(side: Loaded, suite: str) -> Entry:
    metric = side.run.manifest.suites[suite].headline
    return Entry(side.run.manifest.system, side.slices(suite, ALL, metric), side.note(metric))


def _row(side: Loaded, suite: str, track: str, metric: str) -> Row:
    run, note = side.run, side.note(metric)
    judge = judge_of(note)
    chosen = side.slices(suite, track, metric)
    found = summarise(chosen, note)
    return Row(
        system=run.manifest.system,
        suite=suite,
        track=track,
        metric=metric,
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        unscored=chosen[0].unscored,
        run=run.name,
        clusters=found.clusters,
        better=note.better,
        headline=metric == run.manifest.suites[suite].headline,
        judge="" if judge is None else "calibrated" if judge.calibrated else "uncalibrated",
    )


def summarise(chosen: Sequence[Slice], note: MetricNote) -> Estimate:
    """The metric's own summary of its scored items, a slice a seed."""
    return estimate(note.estimator, whole(chosen, note))


def order(row: Row) -> tuple[str, bool, str, bool, str, str]:
    """Where a row stands: by suite, whole suites and headlines first, then by metric and system."""
    return (row.suite, row.track != ALL, row.track, not row.headline, row.metric, row.system)
