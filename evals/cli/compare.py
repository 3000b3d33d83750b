"""`adaptbench compare`: paired differences between stored runs; calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(help="Runs or systems; the first one is the baseline.", metavar="RUN…"),
    ],
    results: Results = DEFAULT_RESULTS,
    full: Annotated[
        bool, typer.Option("--full", help="Every metric and track, not only headlines.")
    ] = False,
    allow: Annotated[
        list[str] | None, typer.Option(help="Accept that these differ: decode, items.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the comparison to this Markdown file.")
    ] = None,
    json: Json = None,
) -> None:
    """Compare stored runs on the items they share: differences, intervals, corrected p-values, and
    what flipped.

    \b
    Examples:
      adaptbench compare rag hybrid
      adaptbench compare base rag finetuned hybrid --full --markdown comparison.md
    """
    from evals.api.decide import compare as compared
    from evals.api.words import markdown as worded
    from evals.cli.shared.outputs import console_beside, require_outputs, write_json
    from evals.core.paths import write_atomic
    from evals.report.text.compare import render

    require_outputs(markdown, json)
    found = compared(*runs, results=results, allow=allow or ())
    console = console_beside(json)
    for comparison in found:
        render(comparison, console, full=full)
    if markdown is not None:
        write_atomic(markdown, worded(found))
    write_json(json, found)
