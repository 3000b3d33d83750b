"""`adaptbench run`: answer, score and store; then the leaderboard."""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import (
    DEFAULT_RESULTS,
    Json,
    NoPython,
    PackName,
    Quiet,
    Results,
    Threads,
)
from evals.core.errors import EXIT_OK, EXIT_SYSTEM
from evals.core.inert import say
from evals.core.interfaces import TRAINING_LIMIT

if TYPE_CHECKING:
    from evals.core.store import StoredRun


def run(
    system: Annotated[
        str, typer.Argument(help="A system's name (`adaptbench list systems`) or its TOML file.")
    ],
    suite: Annotated[
        list[str] | None, typer.Option(help="Only this suite; may be given several times.")
    ] = None,
    profile: Annotated[
        str, typer.Option(help="quick, standard, full, or holdout (gate --final).")
    ] = "quick",
    pack: PackName = "default",
    results: Results = DEFAULT_RESULTS,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many items per suite.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of training and decoding.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Run again even where a stored run fits.")
    ] = False,
    train: Annotated[
        bool, typer.Option("--train", help="Train a missing adapter however long it takes.")
    ] = False,
    train_minutes: Annotated[
        float, typer.Option(min=0, help="Stop before a training that would take longer than this.")
    ] = TRAINING_LIMIT / 60,
    threads: Threads = None,
    no_python: NoPython = False,
    executor: Annotated[
        str, typer.Option(help="Who answers: local, or ray (the workers of a Ray cluster).")
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1, help="Ray workers, each holding the system. Default: one per GPU or machine."
        ),
    ] = None,
    ray_address: Annotated[
        str | None,
        typer.Option(
            help="Ray cluster to join: auto or HOST:PORT. Default: start one on this machine."
        ),
    ] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Run one system on the suites of a pack, store every answer and score, and print the
    headlines.

    \b
    Examples:
      adaptbench run hybrid
      adaptbench run rag --suite hallucination --suite brand_tone --profile standard
      adaptbench run path/to/my_system.toml --pack path/to/pack --limit 20
      adaptbench run rag --profile full --executor ray --ray-address auto --workers 8

    Ctrl-C is safe: the same command goes on where it stopped. Answers that failed are counted at
    the end; where every one did, the exit code is 5.
    """
    from evals.analysis.leaderboard import build
    from evals.api.evaluate import evaluate
    from evals.cli.shared.outputs import console_beside, write_json
    from evals.cli.shared.progress import TerminalProgress
    from evals.core.registry import system_config
    from evals.core.store import HOLDOUT
    from evals.report.board import update_board
    from evals.report.text import headlines
    from evals.run.executors import EXECUTORS

    config = system_config(system)
    settings = {"workers": workers, "address": ray_address}
    (stored,) = evaluate(
        config,
        pack,
        suites=suite or (),
        profile=profile,
        limit=limit,
        seed=seed,
        results=results,
        fresh=fresh,
        training_limit=math.inf if train else 60 * train_minutes,
        executor=EXECUTORS.get(executor)(
            {name: value for name, value in settings.items() if value is not None}
        ),
        progress=TerminalProgress(config.name, quiet),
        command=shlex.join(["adaptbench", *sys.argv[1:]]),
    ).stored
    if profile == HOLDOUT:
        say(f"run {stored.name} is held out: `adaptbench gate --final` reads it")
        raise typer.Exit(report_failures(stored, results))
    update_board(results)
    board = build([stored])
    absent = () if suite else tuple(stored.manifest.absent or ())
    headlines.render(board, stored, results, console_beside(json, quiet), absent)
    write_json(json, board.rows)
    raise typer.Exit(report_failures(stored, results))


def report_failures(stored: StoredRun, results: Path) -> int:
    """Say in one line on stderr which answers failed and why; return the exit code that the run
    deserves.
    """
    from evals.run.failures import failures

    found = failures(stored)
    if found is None:
        return EXIT_OK
    command = ["adaptbench", "show", stored.name, "--item", found.first.item]
    where = [] if results == DEFAULT_RESULTS else ["--results", str(results)]
    see = f"see `{shlex.join([*command, *where])}`; --fresh asks again"
    say(f"{'error' if found.every else 'warning'}: {found.summary} ({see})", err=True)
    return EXIT_SYSTEM if found.every else EXIT_OK
