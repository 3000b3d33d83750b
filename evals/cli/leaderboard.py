"""`adaptbench leaderboard`: the table of all stored runs; calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results
from evals.core.inert import say


def leaderboard(
    results: Results = DEFAULT_RESULTS,
    pack: Annotated[str | None, typer.Option(help="Only runs of this pack (by name).")] = None,
    profile: Annotated[str | None, typer.Option(help="Only runs of this profile.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Every run of each system, oldest first.")
    ] = False,
) -> None:
    """Rebuild leaderboard.json, .csv and .md from the stored runs and print the table.

    \b
    Examples:
      adaptbench leaderboard
      adaptbench leaderboard --results results/reference --pack default --profile standard
      adaptbench leaderboard --history          how each system changed from run to run; writes history.csv
    """
    from rich.console import Console

    from evals.report.board import update_board
    from evals.report.text.leaderboard import render

    if history:
        _history(results)
        return
    board, files = update_board(results, pack, profile)
    render(board, Console())
    for file in files:
        say(f"leaderboard: {file}")


def _history(results: Path) -> None:
    from rich.console import Console

    from evals.report.board import complete_runs
    from evals.report.text import history
    from evals.report.text.notes import words

    rows, notes = history.history(complete_runs(results))
    history.render(rows, Console())
    for note in notes:
        say(f"note: {words(note)}")
    say(f"history: {history.write_history(rows, results)}")
