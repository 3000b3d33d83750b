"""What a policy can decide, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.analysis.planning import AxisPlan, PolicyPlan
from evals.report.text.leaderboard import say

if TYPE_CHECKING:
    from rich.console import Console


def render(found: PolicyPlan, console: Console) -> None:
    """Print the chances first, then every axis."""
    points = f"{100 * found.effect:g} points"
    say(console, f"Policy {found.policy} {found.policy_hash[:12]}")
    for kind, chances in (
        (f"better by {points} on every axis that may earn a promotion", found.better),
        ("the same", found.same),
        (f"worse by {points} on one such axis, better on the others", found.worse),
    ):
        say(
            console,
            f"  a candidate that is {kind}: PROMOTE {chances['PROMOTE']:.0%}, "
            f"REJECT {chances['REJECT']:.0%}, INCONCLUSIVE {chances['INCONCLUSIVE']:.0%}",
        )
    for axis in found.undecidable:
        say(console, f"This policy cannot promote anything on this pack: {axis.name} stays open.")
    say(console, "", "Axes (power: chance that this axis passes)")
    for plan in found.axes:
        say(console, f"  {plan.axis.name}")
        say(console, f"       {_size(plan)}; power {plan.power:.0%}; {_needed(plan)}")


def _size(plan: AxisPlan) -> str:
    clusters = "" if plan.clusters == plan.items else f" in {plan.clusters:,} clusters"
    return f"{plan.items:,} items{clusters}"


def _needed(plan: AxisPlan) -> str:
    if plan.needed is None:
        return "no number of items found that would do"
    if plan.needed <= plan.items:
        return "enough"
    return f"about {plan.needed:,} items needed"
