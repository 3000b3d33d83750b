"""Write the JSON Schema of what each command's ``--json`` prints into docs/schemas/commands.

python scripts/write_schemas.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from evals.analysis.compare import Comparison
from evals.analysis.gate import Verdict
from evals.analysis.ladder import Ladder
from evals.analysis.planning import PolicyPlan
from evals.core.paths import write_atomic
from evals.core.schema import Row, ScoreLine
from evals.label.summary import Labelled
from evals.load.cost.estimate import Assumptions, CostRow
from evals.load.cost.prices import ApiQuote
from evals.report.text.history import HistoryRow

FOLDER = Path(__file__).parent.parent / "docs" / "schemas" / "commands"


class Listed(msgspec.Struct):
    """One line of `adaptbench list`."""

    name: str
    about: str


class Finding(msgspec.Struct):
    """What `adaptbench doctor` found wrong or slow."""

    level: str
    problem: str
    hint: str


class Doctor(msgspec.Struct):
    """What `adaptbench doctor` prints."""

    facts: dict[str, str]
    machine: dict[str, Any]
    measured: dict[str, str | float]
    findings: list[Finding]


class Cost(msgspec.Struct):
    """What `adaptbench cost` prints."""

    assumptions: Assumptions
    quotes: list[ApiQuote]
    rows: list[CostRow]


PRINTED: dict[str, Any] = {
    "compare": (list[Comparison],),
    "cost": (Cost,),
    "doctor": (Doctor,),
    "gate": (Verdict,),
    "label": (Labelled,),
    "ladder": (Ladder,),
    "leaderboard": (list[Row], list[HistoryRow]),
    "list": (list[Listed],),
    "plan": (PolicyPlan,),
    "run": (list[Row],),
    "show": (list[ScoreLine],),
}


def main() -> None:
    """Write every schema."""
    for command, kinds in PRINTED.items():
        found, parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
        schema = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "anyOf": list(found),
            "$defs": parts,
        }
        text = msgspec.json.format(msgspec.json.encode(schema), indent=1)
        write_atomic(FOLDER / f"{command}.schema.json", text + b"\n")


if __name__ == "__main__":
    main()
