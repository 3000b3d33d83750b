"""What a terminal shows after a run: one line a suite, and where the rest is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.core.inert import plain
from evals.core.store import StoredRun
from evals.report.text.figures import interval, number, reasons, titled
from evals.report.text.leaderboard import say
from evals.report.text.notes import words

if TYPE_CHECKING:
    from rich.console import Console


def render(
    board: Leaderboard, run: StoredRun, results: Path, console: Console, absent: Sequence[str] = ()
) -> None:
    """Print the headlines of one run, what was not asked, the board's notes, and where the rest is.

    ``absent`` are suites of which the pack holds no item.
    """
    from rich.table import Table
    from rich.text import Text

    heads = [row for row in board.rows if row.headline and row.track == ALL]
    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for title in ("suite", "headline"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for title in ("value", "95 % interval", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    if any(row.unscored for row in heads):
        table.add_column("unscored", overflow="ellipsis")
    for row in heads:
        figures = (number(row.value), interval(row.low, row.high) or "n/a", str(row.n))
        cells = (row.suite, titled([row]), *figures, reasons(row.unscored))
        table.add_row(*(Text(plain(cell)) for cell in cells[: len(table.columns)]))
    say(console, f"{run.manifest.system}: {board.key}")
    console.print(table)
    if absent:
        say(console, f"the pack holds no item of {', '.join(absent)}: not asked")
    for note in board.notes:
        say(console, f"note: {words(note)}")
    if _default_model(run):
        say(
            console,
            "note: the default model (135 million parameters) shows the method, not what retrieval"
            ' or training can do; one line in a system\'s TOML changes it: model = "NAME"',
        )
    say(console, f"run {run.name} is stored in {run.path}")
    say(console, f"every figure: {results / 'leaderboard.md'}")
    say(console, f"its wrong answers: adaptbench show {run.name} --wrong{_option(results)}")


def _default_model(run: StoredRun) -> bool:
    return "SmolLM2-135M" in str(run.manifest.identity.get("system", {}).get("engine", ""))


def _option(results: Path) -> str:
    return "" if results == Path("results") else f" --results {results}"
