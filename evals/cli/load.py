"""`adaptbench load`: open-loop latency, goodput and the maximum sustainable rate of a system or an
endpoint.
"""

from __future__ import annotations

import shlex
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, NoPython, PackName, Results, Threads
from evals.core.inert import say

if TYPE_CHECKING:
    from evals.core.interfaces import Pack
    from evals.load.plan import LoadSpec, Question
    from evals.load.run import Target


def load(
    system: Annotated[
        str,
        typer.Argument(help="A system's name or TOML file, or the base URL of a server (…/v1)."),
    ],
    rate: Annotated[
        float, typer.Option(help="Requests a second; with --sustainable, where the search begins.")
    ] = 1.0,
    seconds: Annotated[float, typer.Option(min=0.1, help="Seconds measured.")] = 60.0,
    warm_up: Annotated[float, typer.Option(min=0, help="Seconds of load before them.")] = 10.0,
    cool_down: Annotated[float, typer.Option(min=0, help="Seconds of load after them.")] = 5.0,
    arrivals: Annotated[
        str | None, typer.Option(help="poisson, constant or trace; default: poisson, or the trace.")
    ] = None,
    trace: Annotated[str | None, typer.Option(help="CSV of time, tokens in, tokens out.")] = None,
    speed: Annotated[float, typer.Option(help="Replay the trace this many times as fast.")] = 1.0,
    lengths: Annotated[
        bool, typer.Option("--lengths", help="Texts of the trace's lengths, not questions.")
    ] = False,
    max_tokens: Annotated[
        int | None, typer.Option(min=1, help="Longest answer to ask a server for.")
    ] = None,
    goals: Annotated[str, typer.Option(help="Service goals: chat, rag, or a TOML file.")] = "rag",
    find_rate: Annotated[
        bool, typer.Option("--sustainable", help="Search the highest rate that holds.")
    ] = False,
    suite: Annotated[str, typer.Option(help="Whose questions are asked.")] = "domain_accuracy",
    profile: Annotated[
        str, typer.Option(help="How many different questions: quick, standard, full.")
    ] = "quick",
    pack: PackName = "default",
    model: Annotated[str, typer.Option(help="Model name that a server is asked for.")] = "default",
    key_variable: Annotated[
        str | None, typer.Option(help="Environment variable that holds a server's key.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Serve the system one request at a time, no cache.")
    ] = False,
    energy: Annotated[
        bool, typer.Option("--energy", help="Meter the machine's energy (extra `energy`).")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=0.1, help="Seconds until a request has failed.")
    ] = 120.0,
    seed: Annotated[int, typer.Option(help="Seed of arrivals and questions.")] = 0,
    threads: Threads = None,
    no_python: NoPython = False,
    results: Results = DEFAULT_RESULTS,
) -> None:
    """Put a system (behind our own server) or a running server under open-loop load and measure it.

    Requests leave on schedule whether or not earlier ones were answered, from a process of their
    own; latency counts from the scheduled moment, so a stall counts against everyone it delays.
    Where the client itself was late the measurement is void. It is stored in RESULTS/load/runs;
    `adaptbench leaderboard --results RESULTS/load` reads it.

    \b
    Examples:
      adaptbench load hybrid --rate 0.5 --seconds 120
      adaptbench load hybrid --sustainable --goals goals.toml
      adaptbench load hybrid --trace trace.csv --speed 0.1         its arrivals, the pack's questions
      adaptbench load http://127.0.0.1:8080/v1 --trace trace.csv --lengths --speed 0.1
    """
    from evals.load.goals import read_goals
    from evals.load.plan import planned
    from evals.load.record import write_load
    from evals.load.records import ClientSpec
    from evals.load.run import run_load
    from evals.report.text.load import render

    arrivals = _arrivals(arrivals, trace)
    spec = _spec(
        arrivals, rate, seconds, warm_up, cool_down, seed, trace, speed, lengths, max_tokens
    )
    opened, asked = (None, []) if lengths else _questions(pack, suite, profile, seed)
    planned(spec, asked)
    target, wanted = _target(system, model, opened, seed), read_goals(goals)
    command = shlex.join(["adaptbench", *sys.argv[1:]])
    with _server(system, pack, seed, alone, results) as url:
        client = ClientSpec(url, model, timeout=timeout, key_variable=key_variable)
        result, seen = run_load(
            target,
            spec,
            wanted,
            client,
            asked,
            find_rate=find_rate,
            metered=energy,
            command=command,
            note=lambda message: say(message, err=True),
        )
    run = write_load(results, result, seen)
    say(*render(result).split("\n"), f"run {run.name} is stored in {run.path}")


def _arrivals(named: str | None, trace: str | None) -> str:
    from evals.core.errors import UsageError

    if trace is not None and named not in (None, "trace"):
        raise UsageError(
            "a trace has its own arrivals", found=f"--arrivals {named}", hint="leave one out"
        )
    return named or ("poisson" if trace is None else "trace")


def _questions(pack: str, suite: str, profile: str, seed: int) -> tuple[Pack, list[Question]]:
    """The pack and the requests that are drawn from it."""
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack
    from evals.load.plan import questions

    opened = open_pack(pack, cache_dir())
    return opened, questions(opened, suite, profile, seed)


def _spec(*fields: object) -> LoadSpec:
    import msgspec

    from evals.core.errors import UsageError
    from evals.load.plan import LoadSpec

    try:
        return msgspec.convert(dict(zip(LoadSpec.__struct_fields__, fields, strict=True)), LoadSpec)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"not a load: {error}", expected="--arrivals poisson, constant or trace"
        ) from error


def _is_url(reference: str) -> bool:
    return reference.startswith(("http://", "https://"))


def _target(system: str, model: str, pack: Pack | None, seed: int) -> Target:
    """The identity of what is measured; a server is known by its address and model alone."""
    from urllib.parse import urlsplit

    from evals.core.interfaces import Setup
    from evals.core.paths import cache_dir
    from evals.core.registry import system_config
    from evals.http.secrets import check_address
    from evals.load.run import Target

    where = (pack.name, pack.identity) if pack is not None else ("", "")
    if _is_url(system):
        url = urlsplit(check_address(system, "a server", "put the key into --key-variable"))
        host = f"{url.hostname}:{url.port}" if url.port else str(url.hostname)
        name = "".join(c if c.isalnum() or c in "-_." else "-" for c in f"{host}-{model}")
        return Target(name, {"kind": "server", "host": host, "model": model}, *where)
    from evals.core.errors import UsageError

    if pack is None:
        raise UsageError(
            "a system of ours answers questions, not lengths", hint="--lengths is for servers"
        )
    config = system_config(system)
    identity = dict(config.build().identity(Setup(pack, cache_dir(), seed)))
    return Target(config.name, identity, *where, about=config.about)


def _server(
    system: str, pack: str, seed: int, alone: bool, results: Path
) -> AbstractContextManager[str]:
    """The URL that is put under load: the one that was named, or that of a server started for the
    system.
    """
    from evals.core.paths import ensure_dir
    from evals.load.run import log_folder
    from evals.load.target import serve_command, served

    if _is_url(system):
        return nullcontext(system)
    log = ensure_dir(log_folder(results)) / "serve.log"
    say(f"starting a server for {system}; what it says is in {log}", err=True)
    return served(serve_command(system, pack, seed=seed, alone=alone), log)
