"""Options that several commands share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from evals.core.processor import settle_threads


def forbid_python(forbidden: bool) -> bool:
    """Set the variable that systems, and processes started from here, keep to."""
    if forbidden:
        os.environ["ADAPTBENCH_NO_PYTHON"] = "1"
    return forbidden


Results = Annotated[
    Path, typer.Option("--results", metavar="DIR", help="Folder of stored runs and leaderboards.")
]
PackName = Annotated[
    str, typer.Option("--pack", metavar="DIR", help="A pack's folder or a registered pack's name.")
]

Json = Annotated[
    Path | None,
    typer.Option("--json", metavar="[FILE]", help="Write JSON: to FILE, else to standard output."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no table.")]
NoPython = Annotated[
    bool,
    typer.Option(
        "--no-python",
        callback=forbid_python,
        help="Refuse a system whose file names Python code to run [ADAPTBENCH_NO_PYTHON=1].",
    ),
]

Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        callback=settle_threads,
        help="Threads that compute. Default: the usable cores.",
    ),
]

DEFAULT_RESULTS = Path("results")

Judge = Annotated[
    str | None,
    typer.Option(
        "--judge",
        metavar="URL#MODEL",
        help="OpenAI-compatible server and model; [ADAPTBENCH_JUDGE].",
    ),
]
Embedder = Annotated[
    str | None,
    typer.Option(
        "--judge-embedder",
        metavar="URL#MODEL",
        help="For ragas_answer_relevancy; default: the judge.",
    ),
]
Rubric = Annotated[
    Path | None,
    typer.Option(
        "--rubric", help="Own criteria, a text file; ragas_rubric: five lines, grades 1 to 5."
    ),
]
JudgeCalibration = Annotated[
    Path | None, typer.Option("--calibration", help="What `judge calibrate` wrote.")
]
JudgeConcurrency = Annotated[
    int, typer.Option("--concurrency", min=1, max=64, help="Scores asked for at a time.")
]
JudgeTimeout = Annotated[
    float, typer.Option("--timeout", min=0.1, help="Seconds a call; five times that a score.")
]
JudgeTries = Annotated[
    int, typer.Option("--tries", min=1, max=10, help="Tries a call, where trouble may pass.")
]
