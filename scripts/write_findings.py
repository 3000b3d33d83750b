"""Turn stored runs into docs/findings.md: the ladder at a glance, its plots and the gates, true to
the intervals. Every track and metric: `adaptbench ladder` and `adaptbench compare`.

    python scripts/write_findings.py                      from results/
    python scripts/write_findings.py --results results/reference --profile standard
    python scripts/write_findings.py --page /tmp/findings.md

Calls no model. The newest sound run of each family on one pack and profile is used. The page's
sections between the two markers are replaced; what a person wrote around them stays.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from evals.analysis.gate import gate
from evals.analysis.ladder import Ladder, climb
from evals.analysis.pairing import ALL
from evals.analysis.policy import read_policy
from evals.analysis.selection import choose
from evals.core.document import replace_block
from evals.core.errors import AdaptbenchError, DataError
from evals.core.inert import escape
from evals.core.paths import write_atomic
from evals.core.roles import FAMILIES, STEPS
from evals.core.store import StoredRun, stored_runs
from evals.report.charts.ladder import draw
from evals.report.text import gate as gate_text
from evals.report.text import ladder as ladder_text
from evals.report.text.markup import table

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- findings: begin -->", "<!-- findings: end -->"


def families(
    runs: list[StoredRun], pack: str | None, profile: str | None
) -> tuple[dict[str, StoredRun], list[StoredRun]]:
    """One run per family, all on the same pack and profile, and the other chosen runs (controls).

    Raises DataError where a family has no run that speaks for all of its suites.
    """
    chosen = choose(runs, pack, profile).chosen
    whole = {c.run.manifest.system: c.run for c in sorted(chosen, key=lambda c: len(c.suites))}
    if missing := [f for f in FAMILIES if f not in whole]:
        raise DataError(
            "findings need a run of every family", found=f"none of {', '.join(missing)}"
        )
    return {f: whole[f] for f in FAMILIES}, [
        run for system, run in whole.items() if system not in FAMILIES
    ]


def at_a_glance(ladder: Ladder) -> str:
    """One line an axis: what each branch buys and whether both together are worth it."""
    head = ["question", *(f"{name}" for name in ladder_text.WHAT.values()), "both together"]
    body = []
    for axis in ladder.axes:
        if axis.headline:
            track = "whole suite" if axis.track == ALL else axis.track
            gains = [
                f"{ladder_text.points(axis, s.gain)}{'' if s.shown else ' (not shown)'}"
                for s in axis.steps
            ]
            body.append([f"{axis.suite}: {track}", *gains, ladder_text.verdict(axis)])
    return table(head, body)


def measured_on(runs: dict[str, StoredRun]) -> str:
    """Pack, profile, machine and commands of the runs."""
    first = runs["base"].manifest
    machines = sorted({str(run.manifest.machine.get("class", "unknown")) for run in runs.values()})
    commands = "\n".join(f"    {run.manifest.command}" for run in runs.values())
    where = "; ".join(machines)
    return (
        f"Measured on pack `{escape(first.pack)}`, profile `{first.profile}`, on {escape(where)}."
        " Every figure below comes from these runs with `python"
        f" scripts/write_findings.py`:\n\n{commands}\n"
    )


def gates(runs: dict[str, StoredRun], controls: list[StoredRun]) -> str:
    """What the default policy says about replacing the start of each step by its end."""
    policy = read_policy("default")
    body = []
    for start, end in STEPS:
        verdict = gate(runs[end], runs[start], policy, controls)
        open_ = f"; about {verdict.settling:,} items would settle it" if verdict.settling else ""
        body.append(
            [f"{start} → {end}", verdict.outcome, "; ".join(gate_text.reasons(verdict)[:3]) + open_]
        )
    text = table(["step", "verdict", "first reasons"], body)
    return f"## Would the gate let it through?\n\nPolicy `default` ({policy.hash[:12]}).\n\n{text}"


def section(results: Path, page: Path, pack: str | None, profile: str | None) -> str:
    """Everything between the markers."""
    runs, controls = families(stored_runs(results, complete_only=True), pack, profile)
    ladder = climb(runs)
    plots = draw(ladder, page.parent / "figures")
    parts = [
        measured_on(runs),
        "## At a glance\n\nGains in points (pp) unless the unit is another; positive is better. "
        f"{ladder_text.rule_of([axis for axis in ladder.axes if axis.headline])}\n\n"
        + at_a_glance(ladder),
        "\n\n".join(f"![{path.stem.replace('_', ' ')}](figures/{path.name})" for path in plots)
        + "\n",
        gates(runs, controls),
    ]
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--results", type=Path, default=ROOT / "results")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "findings.md")
    parser.add_argument("--pack")
    parser.add_argument("--profile")
    options = parser.parse_args()
    try:
        text = section(options.results, options.page, options.pack, options.profile)
        if not options.page.exists():
            write_atomic(options.page, f"# Findings\n\n{BEGIN}\n{END}\n")
        replace_block(options.page, BEGIN, END, text)
    except AdaptbenchError as error:
        parser.exit(error.exit_code, f"error: {error}\n")


if __name__ == "__main__":
    main()
