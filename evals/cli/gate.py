"""`adaptbench gate`: may the candidate replace the baseline? Calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, JudgeCalibration, Results
from evals.core.inert import say


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
    json: Json = None,
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
    from evals.api.decide import gate as decide
    from evals.bridges.mlflow import promote, target
    from evals.cli.shared.outputs import console_beside, require_outputs, write_json
    from evals.core.errors import UsageError
    from evals.core.paths import write_atomic
    from evals.report.text import gate as text

    if explain:
        say(*text.EXPLAINED.split("\n"))
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
    text.render(verdict, console_beside(json))
    for path, content in ((markdown, text.markdown), (junit, text.junit)):
        if path is not None:
            write_atomic(path, content(verdict))
    write_json(json, verdict)
    if register is not None and verdict.outcome == "PROMOTE":
        say(promote(register, verdict))
    raise typer.Exit(verdict.exit_code)
