"""`adaptbench ladder`: what retrieval, fine-tuning and both together buy; calls no model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results
from evals.core.inert import say


def ladder(
    results: Results = DEFAULT_RESULTS,
    base: Annotated[str | None, typer.Option(help="Run or system that only prompts.")] = None,
    rag: Annotated[str | None, typer.Option(help="Run or system with retrieval.")] = None,
    finetuned: Annotated[str | None, typer.Option(help="Run or system that is fine-tuned.")] = None,
    hybrid: Annotated[str | None, typer.Option(help="Run or system with both.")] = None,
    margin: Annotated[
        float, typer.Option(min=0.0, help="What counts as no difference, as a share.")
    ] = 0.03,
    markdown: Annotated[Path | None, typer.Option(help="Write the ladder as Markdown.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the ladder as JSON.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Write plots (SVG) into this folder.")] = None,
) -> None:
    """Climb from prompt to retrieval, fine-tuning and both: gains, costs, and whether the two help
    each other.

    Where a family is not named, its newest run is taken, by the factors that its system declares.

    \b
    Examples:
      adaptbench ladder
      adaptbench ladder --hybrid my_hybrid --markdown ladder.md --plots figures
    """
    from rich.console import Console

    from evals.api.decide import ladder as climb
    from evals.cli.shared.outputs import require_outputs, write_json
    from evals.core.paths import write_atomic
    from evals.core.roles import Family
    from evals.report.charts.ladder import draw
    from evals.report.text import ladder as ladder_text

    require_outputs(markdown, json, folder=plots)
    named: dict[Family, str | None] = {
        "base": base,
        "rag": rag,
        "finetuned": finetuned,
        "hybrid": hybrid,
    }
    runs = {family: name for family, name in named.items() if name is not None}
    found = climb(runs, results=results, margin=margin)
    ladder_text.render(found, Console())
    drawn = draw(found, plots) if plots is not None else []
    for path in drawn:
        say(f"plot: {path}")
    if markdown is not None:
        shown = [os.path.relpath(path, markdown.parent) for path in drawn]
        write_atomic(markdown, ladder_text.markdown(found, shown))
    if json is not None:
        write_json(json, found)
