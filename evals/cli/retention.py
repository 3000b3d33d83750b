"""`adaptbench retention`: does a system still do what its base could? Any lm-eval task, paired with
a baseline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, PackName, Results, Threads
from evals.core.inert import say


def retention(
    system: Annotated[str, typer.Argument(help="A system's name or its TOML file.")],
    tasks: Annotated[
        str, typer.Option(metavar="NAME[,NAME]", help="lm-eval tasks, with commas between.")
    ],
    include_path: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder with more lm-eval tasks.")
    ] = None,
    baseline: Annotated[str, typer.Option(help="The system to compare with.")] = "base",
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most this many documents per task.")
    ] = None,
    fewshot: Annotated[
        int | None, typer.Option(min=0, help="Examples shown before each document.")
    ] = None,
    pack: PackName = "default",
    seed: Annotated[int, typer.Option(help="Seed of training.")] = 0,
    threads: Threads = None,
    results: Results = DEFAULT_RESULTS,
) -> None:
    """Compare a system with its baseline on lm-eval tasks: what has adapting cost in general
    ability?

    \b
    Examples:
      adaptbench retention finetuned --tasks arc_easy,hellaswag --limit 200
      adaptbench retention hybrid --tasks my_task --include-path path/to/tasks

    Writes every value to RESULTS/retention/SYSTEM-vs-BASELINE.json.
    """
    import msgspec

    from evals.bridges import retention as bridge
    from evals.core.paths import write_atomic
    from evals.core.registry import system_config

    names = [name.strip() for name in tasks.split(",") if name.strip()]
    file = (
        results
        / "retention"
        / f"{system_config(system).name}-vs-{system_config(baseline).name}.json"
    )
    found = bridge.measure(
        system,
        baseline,
        names,
        include=include_path,
        limit=limit,
        fewshot=fewshot,
        pack=pack,
        seed=seed,
    )
    write_atomic(file, msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
    say(*bridge.text(found).split("\n"))
    say("", f"stored in {file}")
