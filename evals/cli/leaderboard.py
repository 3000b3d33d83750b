"""`adaptbench leaderboard`: the table of all stored runs; calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results


def leaderboard(
    results: Results = DEFAULT_RESULTS,
    pack: Annotated[str | None, typer.Option(help="Only runs of this pack (by name).")] = None,
    profile: Annotated[str | None, typer.Option(help="Only runs of this profile.")] = None,
    history: Annotated[
        bool, typer.Option("--history", help="Every run of each system, oldest first.")
    ] = False,
    json: Json = None,
) -> None:
    """Rebuild leaderboard.json, .csv and .md from the stored runs and print the table.

    \b
    Examples:
      adaptbench leaderboard
      adaptbench leaderboard --results results/reference --pack default --profile standard
      adaptbench leaderboard --history          how each system changed from run to run; writes history.csv
    """
    from evals.cli.shared.outputs import console_beside, write_json
    from evals.report.board import update_board
    from evals.report.text.leaderboard import render, say

    if history:
        _history(results, json)
        return
    board, files = update_board(results, pack, profile)
    console = console_beside(json)
    render(board, console)
    for file in files:
        say(console, f"leaderboard: {file}")
    write_json(json, board.rows)


def _history(results: Path, json: Path | None) -> None:
    from evals.cli.shared.outputs import console_beside, write_json
    from evals.report.board import complete_runs
    from evals.report.text import history
    from evals.report.text.leaderboard import say
    from evals.report.text.notes import words

    console = console_beside(json)
    rows, notes = history.history(complete_runs(results))
    history.render(rows, console)
    for note in notes:
        say(console, f"note: {words(note)}")
    say(console, f"history: {history.write_history(rows, results)}")
    write_json(json, rows)
