"""The commands this package adds: `adaptbench models …` and `adaptbench train`."""

from __future__ import annotations

import math
from typing import Annotated

import typer

from evals.core.inert import say
from evals.core.processor import settle_threads

Threads = Annotated[
    int | None,
    typer.Option(
        "--threads",
        min=1,
        callback=settle_threads,
        help="Threads that compute. Default: the usable cores.",
    ),
]

models_app = typer.Typer(
    no_args_is_help=True, help="Fetch and list the models that systems are built on."
)


@models_app.command("fetch")
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Models to fetch (default: the small LM and embedder)."),
    ] = None,
) -> None:
    """Fetch models once, check their hashes and convert them. What is there already is left alone.

    \b
    Examples:
      adaptbench models fetch
      adaptbench models fetch smollm2-135m
      adaptbench models fetch HuggingFaceTB/SmolLM2-360M-Instruct
    """
    from systems import models

    for name in names or [models.DEFAULT_LM, models.DEFAULT_EMBEDDER]:
        folder = models.ready(
            name, models.describe(name).role, lambda message: say(message, err=True)
        )
        say(f"{name}  {folder}")


@models_app.command("list")
def list_models() -> None:
    """List the models known by name, where they come from, and whether they are on disk."""
    from systems import models

    rows = [
        (n, s.role, s.source, "ready" if models.is_ready(n, s.role) else "-")
        for n, s in models.table().items()
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    for row in rows:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def train(
    names: Annotated[
        list[str] | None, typer.Argument(help="Recipes or their TOML files, in order.")
    ] = None,
    pack: Annotated[
        str, typer.Option(metavar="DIR", help="A pack's folder or a registered pack's name.")
    ] = "default",
    seed: Annotated[int, typer.Option(help="Seed of initialisation, order and contexts.")] = 0,
    model: Annotated[str | None, typer.Option(help="Base model (default: the small LM).")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Train again even where a fitting adapter is stored.")
    ] = False,
    minutes: Annotated[
        float | None, typer.Option(min=0, help="Stop before a training that would take longer.")
    ] = None,
    threads: Threads = None,
) -> None:
    """Train the adapters of the given recipes (default: finetuned and hybrid) on a pack's training
    examples.

    \b
    Examples:
      adaptbench train
      adaptbench train hybrid --pack path/to/pack --seed 1
      adaptbench train my_recipe.toml --minutes 60 --threads 4

    An adapter that was already trained on the same base, data, recipe and seed is kept as it is.
    Before the first step the rate is measured, and the time that it will take is printed. Ctrl-C is
    safe: the same command goes on.
    """
    from evals.core.interfaces import Setup
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack
    from systems import models
    from systems.training.adapters import ready, wanted

    def tell(message: str) -> None:
        say(message, err=True)

    limit = math.inf if minutes is None else 60 * minutes
    opened = open_pack(pack, cache_dir())
    setup = Setup(pack=opened, cache=cache_dir(), seed=seed, progress=tell, training_limit=limit)
    for name in names or ["finetuned", "hybrid"]:
        folder = ready(wanted(name, model or models.DEFAULT_LM, setup), setup, fresh=fresh)
        say(f"{name}  {folder}")
