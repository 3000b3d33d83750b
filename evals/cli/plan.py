"""`adaptbench plan`: what a policy can decide on a pack, before any model runs."""

from __future__ import annotations

from typing import Annotated

import typer

from evals.cli.shared.options import PackName
from evals.core.inert import json_line, say


def plan(
    policy: Annotated[
        str, typer.Option(help="strict, default, screen, or a TOML file.")
    ] = "default",
    pack: PackName = "default",
    effect: Annotated[
        float, typer.Option(min=0.1, max=50, help="Points by which the candidate is better.")
    ] = 5.0,
    profile: Annotated[
        str, typer.Option(help="How many questions: quick, standard or full.")
    ] = "full",
    discordance: Annotated[
        float,
        typer.Option(min=0.0, max=60, help="Points of items on which two runs differ by chance."),
    ] = 10.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Say whether a policy can be decided on a pack, and how many items each axis would need.

    \b
    Examples:
      adaptbench plan
      adaptbench plan --policy strict --pack my_pack --effect 3
      adaptbench plan --profile quick --discordance 20

    The gate is played through on drawn data, all axes at once, with the items that the pack has.
    Exit code 0; 20 where an axis keeps the verdict open whatever the candidate does.
    """
    from rich.console import Console

    from evals.analysis.planning import Assumed
    from evals.api.plan import plan as planned
    from evals.report.text.plan import render

    assumed = Assumed(discordance=discordance / 100)
    found = planned(policy, pack, effect=effect / 100, profile=profile, assumed=assumed)
    if json:
        say(json_line(found))
    else:
        render(found, Console())
    raise typer.Exit(20 if found.undecidable else 0)
