"""`adaptbench rescore`: score stored answers again after a metric has changed; calls no system."""

from __future__ import annotations

from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results


def rescore(
    run: Annotated[
        list[str] | None, typer.Argument(help="Runs to score again; all complete ones if none.")
    ] = None,
    results: Results = DEFAULT_RESULTS,
) -> None:
    """Score stored answers again with the metrics as they are now, and rebuild the leaderboard.

    \b
    Examples:
      adaptbench rescore hybrid
      adaptbench rescore --results results/reference
    """
    from evals.cli.shared.progress import TerminalProgress
    from evals.core.paths import cache_dir
    from evals.core.registry import pack_behind
    from evals.core.store import find_run, stored_runs
    from evals.report.board import update_board
    from evals.run.execute import rescore as rescore_run

    chosen = (
        [find_run(results, name) for name in run]
        if run
        else stored_runs(results, complete_only=True)
    )
    for stored in chosen:
        known = stored.manifest
        pack = pack_behind(stored.path, known.pack_source, known.pack, cache_dir())
        rescore_run(stored, pack, TerminalProgress(stored.name))
    for file in update_board(results)[1]:
        typer.echo(f"leaderboard: {file}")
