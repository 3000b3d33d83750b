"""`adaptbench list`: what can be named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import Annotated

import typer


def list_(
    kind: Annotated[
        str, typer.Argument(help="systems, suites, metrics, models, packs, executors or runs.")
    ] = "systems",
    results: Annotated[str, typer.Option(help="Where `list runs` looks.")] = "results",
) -> None:
    """List systems, suites, metrics, models, packs, executors or stored runs, one a line with what
    it is.

    \b
    Examples:
      adaptbench list systems
      adaptbench list metrics
    """
    from evals.core.registry import LISTINGS, unknown

    own: dict[str, Callable[[], Iterable[tuple[str, str]]]] = {
        "systems": _systems,
        "suites": _suites,
        "metrics": _metrics,
        "packs": _packs,
        "executors": _executors,
        "runs": lambda: _runs(results),
    }
    if kind in own:
        rows = list(own[kind]())
    elif kind in LISTINGS.targets():
        rows = list(LISTINGS.get(kind)())
    else:
        raise unknown("list", kind, [*own, *LISTINGS.names()])
    width = max((len(name) for name, _ in rows), default=0)
    for name, about in rows:
        typer.echo(f"{name:<{width}}  {about}".rstrip())


def _systems() -> Iterable[tuple[str, str]]:
    from evals.core.registry import system_config, system_names

    for name in system_names():
        config = system_config(name)
        yield name, config.about or f"kind {config.kind}"


def _suites() -> Iterable[tuple[str, str]]:
    from evals.core.registry import SUITES

    for name in SUITES.names():
        suite = SUITES.get(name)
        yield name, f"{suite.about} Headline: {suite.headline}. Tracks: {', '.join(suite.tracks)}."


def _metrics() -> Iterable[tuple[str, str]]:
    from evals.core.registry import METRICS

    for name, target in METRICS.targets().items():
        yield name, _first_line(target)


def _first_line(target: str) -> str:
    """What a metric is: its module's first line where the module is the metric, else the factory's
    own.
    """
    from evals.core.registry import load

    factory = load(target, "metric")
    module = sys.modules[target.partition(":")[0]]
    documented = module.__doc__ if target.endswith(":build") else factory.__doc__
    return (documented or "").strip().partition("\n")[0]


def _packs() -> Iterable[tuple[str, str]]:
    from evals.core.registry import PACKS

    return PACKS.targets().items()


def _executors() -> Iterable[tuple[str, str]]:
    from evals.core.registry import load
    from evals.run.executors import EXECUTORS

    for name, target in EXECUTORS.targets().items():
        yield name, (load(target, "executor").__doc__ or "").strip().partition("\n")[0]


def _runs(results: str) -> Iterable[tuple[str, str]]:
    from pathlib import Path

    from evals.core.store import stored_runs

    runs = [(stored, stored.state()) for stored in stored_runs(Path(results))]
    for stored, state in sorted(runs, key=lambda known: known[1] == "interrupted"):
        m = stored.manifest
        resume = f"; resume: {m.command}" if state == "interrupted" else ""
        yield (
            stored.name,
            f"{state}, {m.items} items, {m.profile}, pack {m.pack}, {m.started}{resume}",
        )
