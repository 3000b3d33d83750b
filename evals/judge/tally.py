"""What a file of scores holds: values, reasons for none, and the cost of judging, counted apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from evals.core.jsonl import lines
from evals.judge.client import Cost


@dataclass
class Tally:
    """Counts of one metric. ``total`` is the sum of its values, ``failed`` counts what is worth
    asking again.
    """

    scored: int = 0
    failed: int = 0
    total: float = 0.0
    unscored: Counter[str] = field(default_factory=Counter)
    cost: Cost = field(default_factory=Cost)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Count one score."""
        self.cost.add(
            Cost(
                *(
                    int(entry.get(name, 0))
                    for name in ("calls", "prompt_tokens", "completion_tokens")
                )
            )
        )
        if entry.get("value") is not None:
            self.scored += 1
            self.total += float(entry["value"])
            return
        cause = f" ({entry['cause']})" if "cause" in entry else ""
        self.unscored[f"{entry.get('unscored', 'unscored')}{cause}"] += 1
        self.failed += may_pass(entry)

    def summary(self, name: str, estimator: str = "mean") -> str:
        """One line for people; a mean only where the metric is summarised by one."""
        parts = [f"{name}: {self._summary(estimator)}"]
        if self.unscored:
            parts.append(
                "unscored: "
                + ", ".join(f"{n} {reason}" for reason, n in sorted(self.unscored.items()))
            )
        if self.cost.calls:
            parts.append(f"judging: {stated_cost(self.cost)}")
        return "; ".join(parts)

    def _summary(self, estimator: str) -> str:
        if not self.scored:
            return "nothing scored"
        if estimator != "mean":
            return f"{self.scored} scored, which a run summarises as {estimator}"
        return f"mean {self.total / self.scored:.3f} of {self.scored}"


def may_pass(entry: Mapping[str, Any]) -> bool:
    """Whether a judge failed that may do better when asked again: not where it found nothing to
    judge (``nan``).
    """
    return entry.get("reason") == "judge_failed" and entry.get("cause") != "nan"


def stated_cost(cost: Cost) -> str:
    """Calls and tokens in words."""
    return (
        f"{cost.calls:,} calls, {cost.prompt_tokens:,} prompt + {cost.completion_tokens:,}"
        " completion tokens"
    )


def tally(path: Path, names: Sequence[str]) -> dict[str, Tally]:
    """Count a file of scores, also what an earlier, interrupted command wrote. Streams. Raises
    DataError.
    """
    found = {name: Tally() for name in names}
    for _, line in lines(path):
        record = msgspec.json.decode(line, type=dict[str, Any])
        for name in names:
            if name in record:
                found[name].add(record[name])
    return found
