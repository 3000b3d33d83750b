"""`adaptbench compare`: paired differences between stored runs; calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results


def compare(
    runs: Annotated[list[str], typer.Argument(help="Runs or systems; the first one is the baseline.", metavar="RUN…")],
    results: Results = DEFAULT_RESULTS,
    full: Annotated[bool, typer.Option("--full", help="Every metric and track, not only headlines.")] = False,
    allow: Annotated[list[str] | None, typer.Option(help="Accept that these differ: decode, items.")] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the comparison to this Markdown file.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the comparison to this JSON file.")] = None,
) -> None:
    """Compare stored runs on the items they share: differences, intervals, corrected p-values, and what flipped.

    \b
    Examples:
      adaptbench compare rag hybrid
      adaptbench compare base rag finetuned hybrid --full --markdown comparison.md
    """
    import msgspec
    from rich.console import Console

    from evals.analysis.compare import compare as compared
    from evals.cli.shared.outputs import require_outputs
    from evals.core.paths import write_atomic
    from evals.core.store import find_run
    from evals.report.text import compare as compare_text

    require_outputs(markdown, json)
    found = compared([find_run(results, name) for name in runs], allow or ())
    console = Console()
    for comparison in found:
        compare_text.render(comparison, console, full=full)
    if markdown is not None:
        write_atomic(markdown, "\n".join(compare_text.markdown(c) for c in found))
    if json is not None:
        write_atomic(json, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
