"""The leaderboard of a results folder, sustained rates included; everything that shows one builds
it here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from evals.analysis.leaderboard import Leaderboard, build
from evals.analysis.notes import note
from evals.core.errors import DataError
from evals.core.paths import ensure_dir
from evals.core.store import StoredRun, stored_runs, unreadable_runs
from evals.load.standing import with_rates
from evals.report.leaderboard_files import write


def complete_runs(results: Path) -> list[StoredRun]:
    """Every complete run of a results folder. Raises DataError where there is none."""
    runs = stored_runs(results, complete_only=True)
    if not runs:
        raise DataError(
            "no complete run is stored here",
            where=results / "runs",
            hint="adaptbench run hybrid",
        )
    return runs


def read_board(results: Path, pack: str | None = None, profile: str | None = None) -> Leaderboard:
    """The leaderboard of all complete runs. Raises DataError where no run can be shown."""
    runs = complete_runs(results)
    return completed(build(runs, pack, profile), results, runs)


def completed(board: Leaderboard, results: Path, runs: Sequence[StoredRun]) -> Leaderboard:
    """A leaderboard with what the folder of its runs adds: sustained rates, and notes on runs that
    cannot be read.
    """
    found = with_rates(board, results, runs)
    unreadable = (note("unreadable", text=text) for text in unreadable_runs(results))
    return replace(found, notes=(*found.notes, *unreadable))


def update_board(
    results: Path, pack: str | None = None, profile: str | None = None
) -> tuple[Leaderboard, list[Path]]:
    """Rebuild the files of the leaderboard in ``results``; return it and them.

    Runs are read and files written under one lock, so that of several processes the last to write
    has seen all runs that were finished before.
    """
    with FileLock(ensure_dir(results) / ".leaderboard.lock"):
        board = read_board(results, pack, profile)
        return board, write(board, results)
