"""`adaptbench seeds`: two systems over several seeds of training; calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results
from evals.core.inert import say


def seeds(
    candidate: Annotated[str, typer.Argument(help="A system that was run with several seeds.")],
    baseline: Annotated[
        str, typer.Argument(help="The system to compare it with, run with the same seeds.")
    ],
    results: Results = DEFAULT_RESULTS,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the table to this Markdown file.")
    ] = None,
    json: Json = None,
) -> None:
    """Compare two systems over seeds of training: the difference of each seed, their spread, and an
    interval over both.

    \b
    Examples:
      for seed in 0 1 2; do adaptbench run hybrid --seed $seed; adaptbench run finetuned_rag --seed $seed; done
      adaptbench seeds hybrid finetuned_rag
    """
    from evals.analysis.seeds import compare_seeds
    from evals.cli.shared.outputs import STDOUT, write_json
    from evals.core.paths import write_atomic
    from evals.core.store import stored_runs
    from evals.report.text.seeds import markdown as table

    found = compare_seeds(stored_runs(results, complete_only=True), candidate, baseline)
    text = table(found)
    if str(json) != STDOUT:
        say(*text.split("\n"))
    if markdown is not None:
        write_atomic(markdown, text + "\n")
    write_json(json, found)
