"""`adaptbench report`: one file that a team opens, a manager is sent and a reviewer drills into."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results


def report(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs or systems; default: all on the leaderboard."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", help="File to write; its ending decides: .html or .md.")
    ] = Path("report.html"),
    results: Results = DEFAULT_RESULTS,
    pack: Annotated[str | None, typer.Option(help="Only runs of this pack (by name).")] = None,
    profile: Annotated[str | None, typer.Option(help="Only runs of this profile.")] = None,
    answers: Annotated[
        int, typer.Option(min=1, help="Answers an HTML file carries at most; more are sampled.")
    ] = 50_000,
) -> None:
    """Write a report from stored runs and print its verdict; calls no model and uses no network.

    \b
    Examples:
      adaptbench report                              report.html from everything on the leaderboard
      adaptbench report rag hybrid --out pr.md       two systems, as Markdown for a pull request
      adaptbench report hybrid-1a2b hybrid-9f3c      two runs of one system side by side
    """
    from rich.console import Console

    from evals.report.build import choose_runs, write_report
    from evals.report.page import carried
    from evals.report.text.leaderboard import say

    written = write_report(choose_runs(results, runs or (), pack, profile), out, answers)
    console = Console()
    for sentence in written.sentences:
        say(console, f"- {sentence.text}")
    size = written.path.stat().st_size
    say(console, f"report: {written.path} ({size / 1e6:.1f} MB)")
    if written.payload is not None and written.payload.shown < written.payload.total:
        say(console, carried(written.payload))
