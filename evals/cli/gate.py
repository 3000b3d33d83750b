"""`adaptbench gate`: may the candidate replace the baseline? Calls no model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, JudgeCalibration, Results

if TYPE_CHECKING:
    from evals.analysis.gate import Verdict


def gate(
    candidate: Annotated[str | None, typer.Option(help="Run or system to promote.")] = None,
    baseline: Annotated[str | None, typer.Option(help="Run or system in production.")] = None,
    policy: Annotated[str, typer.Option(help="strict, default, smoke, or a TOML file.")] = "default",
    results: Results = DEFAULT_RESULTS,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each rule means and stop.")] = False,
    markdown: Annotated[
        Path | None, typer.Option(help="Write the verdict as Markdown (a GitHub step summary).")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write the verdict as JUnit XML.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the verdict as JSON.")] = None,
    calibration: JudgeCalibration = None,
    register: Annotated[str | None, typer.Option(help="On PROMOTE move mlflow:MODEL[/VERSION]@ALIAS.")] = None,
) -> None:
    """Decide whether the candidate may replace the baseline: PROMOTE 0, REJECT 10, INCONCLUSIVE 20.

    \b
    Examples:
      adaptbench gate --candidate hybrid --baseline rag
      adaptbench gate --candidate hybrid --baseline rag --policy strict --junit gate.xml
      adaptbench gate --candidate hybrid --baseline rag --register mlflow:support@champion
    """
    from rich.console import Console

    from evals.analysis import gate as rules
    from evals.analysis.leaks import training_questions
    from evals.analysis.policy import read_policy
    from evals.bridges.mlflow import promote, target
    from evals.cli.shared.outputs import require_outputs
    from evals.core.errors import UsageError
    from evals.core.store import find_run, stored_runs
    from evals.judge.calibration import read_calibrations
    from evals.report.text import gate as gate_text

    if explain:
        typer.echo(gate_text.EXPLAINED)
        return
    if candidate is None or baseline is None:
        raise UsageError("name both runs", way_out="adaptbench gate --candidate RUN --baseline RUN")
    require_outputs(markdown, junit, json)
    if register is not None:
        target(register)
    rule = read_policy(policy)
    run = find_run(results, candidate)
    known = read_calibrations(calibration) if calibration is not None else ()
    controls = stored_runs(results, complete_only=True) if rule.control else []
    verdict = rules.gate(run, find_run(results, baseline), rule, controls, training_questions(run), known)
    gate_text.render(verdict, Console())
    _write(verdict, markdown, junit, json)
    if register is not None and verdict.outcome == "PROMOTE":
        typer.echo(promote(register, verdict))
    raise typer.Exit(verdict.exit_code)


def _write(verdict: Verdict, markdown: Path | None, junit: Path | None, json: Path | None) -> None:
    from evals.core.paths import write_atomic
    from evals.report.text import gate as gate_text

    for path, content in ((markdown, gate_text.markdown), (junit, gate_text.junit), (json, gate_text.to_json)):
        if path is not None:
            write_atomic(path, content(verdict))
