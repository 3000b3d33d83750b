"""How each system's headlines changed from run to run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import msgspec

from evals.decide.leaderboard import ALL, build
from evals.decide.selection import key_of, unsound
from evals.paths import write_atomic
from evals.schema import Record
from evals.store import StoredRun


class HistoryRow(Record, frozen=True, omit_defaults=False):
    """One run's headline on one suite. Rows with the same ``questions`` may be compared, others may not."""

    system: str
    suite: str
    metric: str
    finished: str
    run: str
    questions: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def history(runs: Sequence[StoredRun]) -> list[HistoryRow]:
    """The headlines of every sound run, by system and suite, oldest first; unsound runs are left out."""
    rows = []
    for run in runs:
        if unsound(run) is not None:
            continue
        questions = str(key_of(run.manifest))
        for row in build([run]).rows:
            if row.headline and row.track == ALL:
                finished = run.manifest.finished or ""
                figures = (row.value, row.low, row.high, row.n)
                rows.append(HistoryRow(row.system, row.suite, row.metric, finished, run.name, questions, *figures))
    return sorted(rows, key=lambda r: (r.system, r.suite, r.finished, r.run))


def write_history(runs: Sequence[StoredRun], folder: Path) -> Path:
    """Write ``history.csv`` into ``folder`` and return its path. Raises EnvironmentProblem where it cannot."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HistoryRow.__struct_fields__)
    for row in history(runs):
        writer.writerow("" if cell is None else cell for cell in msgspec.structs.astuple(row))
    path = folder / "history.csv"
    write_atomic(path, out.getvalue())
    return path
