"""What a file of judged scores holds: values, reasons for none, and the cost of judging, counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from evals.jsonl import lines
from evals.judge.client import Cost


@dataclass
class Tally:
    """Counts of one metric. ``total`` is the sum of its values."""

    scored: int = 0
    total: float = 0.0
    unscored: Counter[str] = field(default_factory=Counter)
    cost: Cost = field(default_factory=Cost)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Count one score."""
        self.cost.add(Cost(*(int(entry.get(name, 0)) for name in ("calls", "prompt_tokens", "completion_tokens"))))
        if entry.get("value") is not None:
            self.scored += 1
            self.total += float(entry["value"])
            return
        cause = f" ({entry['cause']})" if "cause" in entry else ""
        self.unscored[f"{entry.get('reason', 'unscored')}{cause}"] += 1

    def told(self, name: str) -> str:
        """One line for people."""
        mean = f"mean {self.total / self.scored:.3f} of {self.scored}" if self.scored else "nothing scored"
        gone = ", ".join(f"{count} {reason}" for reason, count in sorted(self.unscored.items()))
        return f"{name}: {mean}{f'; unscored: {gone}' if gone else ''}; judging: {told_cost(self.cost)}"


def told_cost(cost: Cost) -> str:
    """Calls and tokens in words."""
    return f"{cost.calls:,} calls, {cost.prompt_tokens:,} prompt + {cost.completion_tokens:,} completion tokens"


def tally(path: Path, names: Sequence[str]) -> dict[str, Tally]:
    """Count a file of scores, also what an earlier, interrupted command wrote. Streams. Raises DataError."""
    found = {name: Tally() for name in names}
    for _, line in lines(path):
        record = msgspec.json.decode(line, type=dict[str, Any])
        for name in names:
            if name in record:
                found[name].add(record[name])
    return found
