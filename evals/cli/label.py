"""`adaptbench label`: people judge stored answers in the browser."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results
from evals.core.inert import say

if TYPE_CHECKING:
    from evals.core.store import StoredRun


def label(
    run: Annotated[str, typer.Argument(help="A stored run, or a system's newest.")],
    rater: Annotated[
        str, typer.Option(help="Whose labels these are. Default: the user's name.")
    ] = "",
    against: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Show two answers, blind and in random order."),
    ] = None,
    suite: Annotated[list[str] | None, typer.Option(help="Only answers of this suite.")] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Print what the labels say, and serve nothing.")
    ] = False,
    json: Json = None,
    results: Results = DEFAULT_RESULTS,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 8766,
) -> None:
    """Serve a page, on this machine only, on which a person judges a run's answers by keyboard.

    \b
    Examples:
      adaptbench label rag --rater ann
      adaptbench label rag --against hybrid --rater ann
      adaptbench label rag --summary

    Answers on which the metrics disagree or are unsure come first, two to every clear one. Every
    label is on disk before the next answer shows. The summary has the raters' agreement, and for
    each metric of correctness what people's labels say its mean should be.
    """
    from evals.core.store import find_run

    stored = find_run(results, run)
    if summary:
        _print_summary(stored, results, json)
        return
    other = None if against is None else find_run(results, against)
    _serve(stored, other, rater or getpass.getuser(), tuple(suite or ()), results, port)


def _print_summary(stored: StoredRun, results: Path, json: Path | None) -> None:
    from evals.cli.shared.outputs import STDOUT, write_json
    from evals.label.summary import summarise
    from evals.report.text.labels import render

    found = summarise(results, stored)
    if str(json) != STDOUT:
        say(*render(found).split("\n"))
    write_json(json, found)


def _serve(
    stored: StoredRun,
    other: StoredRun | None,
    rater: str,
    suites: tuple[str, ...],
    results: Path,
    port: int,
) -> None:
    import uvicorn

    from evals.cli.shared.listener import listen
    from evals.label.server import HOST, application
    from evals.label.session import Session

    session = Session(results, stored, rater, against=other, suites=suites)
    listener = listen(HOST, port)
    say(f"http://{HOST}:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
    config = uvicorn.Config(
        application(session), log_level="warning", access_log=False, server_header=False
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        session.close()
