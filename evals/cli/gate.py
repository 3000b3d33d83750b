"""`adaptbench gate`: may the candidate replace the baseline? Calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, JudgeCalibration, Results


def gate(
    candidate: Annotated[str | None, typer.Option(help="Run or system to promote.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Run or system in production.")] = None,
    policy: Annotated[
        str, typer.Option(help="strict, default, screen, or a TOML file.")
    ] = "default",
    results: Results = DEFAULT_RESULTS,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each rule means and stop.")
    ] = False,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the verdict as Markdown (a GitHub step summary).")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None,
    calibration: JudgeCalibration = None,
    final: Annotated[
        bool, typer.Option("--final", help="Ask runs of the questions held out, once.")
    ] = False,
    rescore: Annotated[
        bool, typer.Option(help="Score the stored answers once more and compare.")
    ] = True,
    ledger: Annotated[
        Path | None, typer.Option(help="The looks so far; default: gates.jsonl in the results.")
    ] = None,
    register: Annotated[
        str | None, typer.Option(help="On PROMOTE move mlflow:MODEL[/VERSION]@ALIAS.")
    ] = None,
) -> None:
    """Decide whether the candidate may replace the baseline: PROMOTE 0, REJECT 10, INCONCLUSIVE 20.

    \b
    Examples:
      adaptbench gate --candidate hybrid --baseline rag
      adaptbench gate --candidate hybrid --baseline rag --policy strict --junit gate.xml
      adaptbench gate --candidate hybrid --baseline rag --final     (runs of --profile holdout)
      adaptbench gate --candidate hybrid --baseline rag --register mlflow:support@champion
    """
    from rich.console import Console

    from evals.api.decide import gate as decide
    from evals.bridges.mlflow import promote, target
    from evals.cli.shared.outputs import require_outputs
    from evals.core.errors import UsageError
    from evals.core.paths import write_atomic
    from evals.report.text import gate as text

    if explain:
        typer.echo(text.EXPLAINED)
        return
    if candidate is None or baseline is None:
        raise UsageError("name both runs", hint="adaptbench gate --candidate RUN --baseline RUN")
    require_outputs(markdown, junit, json)
    if register is not None:
        target(register)
    verdict = decide(
        candidate,
        baseline,
        policy,
        results=results,
        calibration=calibration,
        final=final,
        rescore=rescore,
        ledger=ledger,
    )
    text.render(verdict, Console())
    for path, content in ((markdown, text.markdown), (junit, text.junit), (json, text.to_json)):
        if path is not None:
            write_atomic(path, content(verdict))
    if register is not None and verdict.outcome == "PROMOTE":
        typer.echo(promote(register, verdict))
    raise typer.Exit(verdict.exit_code)
