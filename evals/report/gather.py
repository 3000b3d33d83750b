"""What a report is made of: the leaderboard, the runs behind it and a short label for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from evals.analysis.leaderboard import Leaderboard, build, order
from evals.analysis.notes import Note, distinct
from evals.analysis.selection import Chosen, choose, key_of, require_sound
from evals.core.errors import UsageError
from evals.core.schema import Row
from evals.core.store import MetricNote, StoredRun
from evals.report.source import Source, in_order


@dataclass(frozen=True)
class Gathered:
    """Everything derived views start from. Sources, and so ``labels``, come as contenders,
    controls, references.
    """

    board: Leaderboard
    sources: tuple[Source, ...]

    @property
    def labels(self) -> list[str]:
        return list(dict.fromkeys(source.label for source in self.sources))

    @property
    def metrics(self) -> dict[str, MetricNote]:
        """The notes of every metric that a run behind the report names."""
        return {
            name: note
            for source in self.sources
            for name, note in source.run.manifest.metrics.items()
        }

    @property
    def latency(self) -> frozenset[str]:
        """Suites whose figures come from a latency pass."""
        notes = (source.run.manifest.suites.items() for source in self.sources)
        return frozenset(
            name for suites in notes for name, note in suites if note.measured == "latency"
        )

    @property
    def suites(self) -> list[str]:
        return list(dict.fromkeys(row.suite for row in self.board.rows))


def gather(
    runs: Sequence[StoredRun], pack: str | None = None, profile: str | None = None
) -> Gathered:
    """The newest sound run per system and suite, as on the leaderboard. Raises DataError where none
    can be shown.
    """
    board = build(runs, pack, profile)
    chosen = choose(runs, pack, profile).chosen
    return Gathered(board, in_order(_source(c, c.run.manifest.system) for c in chosen))


def gather_named(runs: Sequence[StoredRun]) -> Gathered:
    """Exactly these runs, also several of one system, which are then told apart by their names.

    Raises UsageError where they were not asked the same questions of the same pack, DataError for
    an unsound run.
    """
    runs = list({run.name: run for run in runs}.values())
    for run in runs:
        require_sound(run)
    keys = {str(key_of(run.manifest)) for run in runs}
    if len(keys) != 1:
        raise UsageError(
            "runs of different packs or profiles cannot stand in one report",
            found="; ".join(sorted(keys)),
        )
    systems = Counter(run.manifest.system for run in runs)
    if max(systems.values()) == 1:
        return gather(runs)
    rows, notes, sources = list[Row](), list[Note](), list[Source]()
    for run in runs:
        label = run.manifest.system if systems[run.manifest.system] == 1 else run.name
        board = build([run])
        rows += [msgspec.structs.replace(row, system=label) for row in board.rows]
        notes += list(board.notes)
        sources += [_source(c, label) for c in choose([run]).chosen]
    rows.sort(key=order)
    return Gathered(
        Leaderboard(key_of(runs[0].manifest), tuple(rows), distinct(notes)), in_order(sources)
    )


def _source(chosen: Chosen, label: str) -> Source:
    return Source(label, chosen.run, chosen.suites)
