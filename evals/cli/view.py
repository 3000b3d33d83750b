"""`adaptbench view`: the report over any number of stored runs, also while one is under way."""

from __future__ import annotations

from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Results
from evals.core.inert import say


def view(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs or systems; default: all on the leaderboard."
        ),
    ] = None,
    results: Results = DEFAULT_RESULTS,
    pack: Annotated[str | None, typer.Option(help="Only runs of this pack (by name).")] = None,
    profile: Annotated[str | None, typer.Option(help="Only runs of this profile.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on this machine; 0 takes a free one.")
    ] = 8765,
) -> None:
    """Serve the report on this machine only, with every stored answer and the runs under way.
    Ctrl-C ends it.

    \b
    Examples:
      adaptbench view
      adaptbench view rag hybrid --results results/reference --port 0
    """
    import uvicorn

    from evals.cli.shared.listener import listen
    from evals.report.server import HOST, application
    from evals.report.viewer import Viewer

    viewer = Viewer(results, runs or (), pack, profile)
    viewer.current()
    listener = listen(HOST, port)
    say(f"http://{HOST}:{listener.getsockname()[1]}/ (Ctrl-C ends it)")
    config = uvicorn.Config(
        application(viewer), log_level="warning", access_log=False, server_header=False
    )
    uvicorn.Server(config).run(sockets=[listener])
