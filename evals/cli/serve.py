"""`adaptbench serve`: a system behind an OpenAI-compatible HTTP server."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from evals.cli.shared.options import NoPython, PackName, Threads
from evals.core.inert import say


def serve(
    system: Annotated[
        str, typer.Argument(help="A system's name (`adaptbench list systems`) or its TOML file.")
    ],
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    pack: PackName = "default",
    seed: Annotated[int, typer.Option(help="Seed of training and decoding.")] = 0,
    threads: Threads = None,
    no_python: NoPython = False,
    alone: Annotated[
        bool, typer.Option("--alone", help="One request at a time, nothing shared between them.")
    ] = False,
    capacity: Annotated[
        int, typer.Option(min=1, help="Requests that may wait; more get 503.")
    ] = 256,
    key_variable: Annotated[
        str, typer.Option(help="Environment variable with the key that clients must send.")
    ] = "",
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Serve one system over HTTP as OpenAI's chat completions are, with streaming; concurrent
    clients are batched.

    \b
    Examples:
      adaptbench serve hybrid
      curl -N localhost:8000/v1/chat/completions -H 'Content-Type: application/json' \\
        -d '{"model": "hybrid", "messages": [{"role": "user", "content": "What are your hours?"}]}'

    A system answers the conversation in its own way: the client's system prompt and decode settings
    other than max_tokens and stop are ignored, and named in the header x-adaptbench-ignored.
    GET /metrics has counts for Prometheus. On loopback only requests to localhost are answered.
    Ctrl-C stops it once the answers under way are sent.
    """
    from evals.core.errors import UsageError
    from evals.core.interfaces import Setup
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack, system_config
    from evals.serve.server import serve as serve_system

    key = os.environ.get(key_variable, "") if key_variable else None
    if key == "":
        raise UsageError("the variable that should hold the key is empty", found=key_variable)
    config = system_config(system)
    setup = Setup(
        open_pack(pack, cache_dir()),
        cache_dir(),
        seed,
        progress=lambda note: say(note, err=True),
    )

    def ready(url: str) -> None:
        say(f"serving {config.name} on {url}")

    serve_system(
        config.build(),
        setup,
        host=host,
        port=port,
        mode="latency" if alone else "throughput",
        capacity=capacity,
        key=key,
        ready=ready,
        with_parent=with_parent,
    )
