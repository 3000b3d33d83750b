"""`adaptbench leaderboard`: the table of all stored runs; calls no model."""

from __future__ import annotations

from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results


def leaderboard(
    results: Results = DEFAULT_RESULTS,
    pack: Annotated[str | None, typer.Option(help="Only runs of this pack (by name).")] = None,
    profile: Annotated[str | None, typer.Option(help="Only runs of this profile.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Every run of each system, oldest first.")] = False,
) -> None:
    """Rebuild leaderboard.json, .csv and .md from the stored runs and print the table.

    \b
    Examples:
      adaptbench leaderboard
      adaptbench leaderboard --results results/reference --pack default --profile standard
      adaptbench leaderboard --history          how each system changed from run to run; writes history.csv
    """
    from dataclasses import replace

    from rich.console import Console

    from evals.analysis.leaderboard import build
    from evals.analysis.leaderboard_files import write
    from evals.core.errors import DataError
    from evals.core.store import stored_runs, unreadable_runs
    from evals.load.standing import with_rates
    from evals.report.text.leaderboard import render

    runs = stored_runs(results, complete_only=True)
    if not runs:
        raise DataError("no complete run is stored here", where=results / "runs", way_out="adaptbench run hybrid")
    if history:
        from evals.report.text.history import history as told
        from evals.report.text.history import render as show
        from evals.report.text.history import write_history

        rows, notes = told(runs)
        show(rows, Console())
        for note in notes:
            typer.echo(f"note: {note}")
        typer.echo(f"history: {write_history(rows, results)}")
        return
    board = with_rates(build(runs, pack=pack, profile=profile), results, runs)
    board = replace(board, notes=(*board.notes, *unreadable_runs(results)))
    files = write(board, results)
    render(board, Console())
    for file in files:
        typer.echo(f"leaderboard: {file}")
