"""How each system's headlines changed from run to run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from evals.analysis.leaderboard import ALL, build
from evals.analysis.notes import Note, note
from evals.analysis.selection import key_of, unsound
from evals.core.inert import plain
from evals.core.paths import write_atomic
from evals.core.schema import Record
from evals.core.store import StoredRun
from evals.report.leaderboard_files import cell_text
from evals.report.text.figures import interval, number
from evals.report.text.leaderboard import say

if TYPE_CHECKING:
    from rich.console import Console


class HistoryRow(Record, frozen=True, omit_defaults=False):
    """One run's headline on one suite.

    Rows with the same ``questions`` and ``scoring`` (a digest of metrics and gold) may be compared,
    others may not.
    """

    system: str
    suite: str
    metric: str
    finished: str
    run: str
    questions: str
    scoring: str
    value: float | None
    low: float | None
    high: float | None
    n: int


def history(runs: Sequence[StoredRun]) -> tuple[list[HistoryRow], list[Note]]:
    """The headlines of every sound run, by system and suite, oldest first; and notes on the runs
    left out.
    """
    rows, notes = list[HistoryRow](), list[Note]()
    for run in runs:
        if (reason := unsound(run)) is not None:
            notes.append(note("run_left_out", run=run.name, reason=reason))
            continue
        questions, scoring = str(key_of(run.manifest)), (run.manifest.scoring or "")[:12]
        for row in build([run]).rows:
            if row.headline and row.track == ALL:
                finished = run.manifest.finished or ""
                figures = (row.value, row.low, row.high, row.n)
                about = (row.system, row.suite, row.metric, finished, run.name, questions, scoring)
                rows.append(HistoryRow(*about, *figures))
    return sorted(rows, key=lambda r: (r.system, r.suite, r.finished, r.run)), notes


def write_history(rows: Sequence[HistoryRow], folder: Path) -> Path:
    """Write ``history.csv`` into ``folder`` and return its path. Raises EnvironmentProblem where it
    cannot.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HistoryRow.__struct_fields__)
    for row in rows:
        writer.writerow(
            "" if cell is None else cell_text(cell) for cell in msgspec.structs.astuple(row)
        )
    path = folder / "history.csv"
    write_atomic(path, out.getvalue())
    return path


def render(rows: Sequence[HistoryRow], console: Console) -> None:
    """Print a table per system and suite. ``like`` numbers what was asked and how it was scored:
    equal ones compare.
    """
    from rich.table import Table
    from rich.text import Text

    kinds = list(dict.fromkeys((row.questions, row.scoring) for row in rows))
    for system, suite in dict.fromkeys((row.system, row.suite) for row in rows):
        own = [row for row in rows if (row.system, row.suite) == (system, suite)]
        say(console, "", f"{system}, {suite}: {own[0].metric}")
        table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
        for title in ("finished", "run", "like", "value", "95 % interval", "n"):
            left = title in ("finished", "run")
            table.add_column(title, justify="left" if left else "right", no_wrap=True)
        for row in own:
            like = f"#{kinds.index((row.questions, row.scoring)) + 1}"
            low_high = interval(row.low, row.high) or "n/a"
            cells = (row.finished[:16], row.run, like, number(row.value), low_high, str(row.n))
            table.add_row(*(Text(plain(cell)) for cell in cells))
        console.print(table)
