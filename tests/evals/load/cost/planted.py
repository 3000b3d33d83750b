"""Stored runs whose tokens, times and accuracy are known, in the real format."""

from __future__ import annotations

from pathlib import Path

from evals.core.schema import Failure, Response, Score, ScoreLine, Timings, Usage
from evals.core.store import MetricNote, StoredRun, SuiteNote
from tests.evals.analysis.synthetic import store

SUITES = {
    "domain_accuracy": SuiteNote("slot_accuracy", ("slot_accuracy",), ("closed_book",)),
    "latency_cost": SuiteNote("e2e", ("e2e",), ("domain_accuracy",), "latency"),
}
METRICS = {
    "slot_accuracy": MetricNote("higher", "mean"),
    "e2e": MetricNote("lower", "mean", (0.0, 1e12)),
}


def planted(
    root: Path,
    system: str,
    *,
    prompt: int = 200,
    cached: int = 0,
    completion: int = 20,
    seconds: float = 0.5,
    correct: float = 0.75,
    n: int = 40,
    measured: str = "latency",
    failed: int = 0,
) -> StoredRun:
    """A run of ``n`` questions and ``n`` timed replays; token counts alternate by ±10 around what
    is asked for.
    """
    lines = []
    for k in range(n):
        right = Score(value=float(k < correct * n))
        lines.append(
            ScoreLine(
                f"q{k}", "domain_accuracy", "closed_book", f"c{k // 2}", {"slot_accuracy": right}
            )
        )
    for k in range(n):
        lines.append(
            ScoreLine(
                f"t{k}",
                "latency_cost",
                "domain_accuracy",
                f"c{k // 2}",
                {"e2e": Score(value=seconds)},
            )
        )

    def respond(line: ScoreLine) -> Response:
        k, timed = int(line.item[1:]), line.suite == "latency_cost"
        if not timed and k < failed:
            return Response(line.item, finish="error", error=Failure("timeout", "too slow"))
        total = seconds * (0.9 if k % 2 else 1.1) if timed else seconds / 4
        kind = measured if timed else "throughput"
        timings = Timings(kind, prefill=total / 2, decode=total / 2, total=total)  # type: ignore[arg-type]
        tokens = prompt + (10 if k % 2 else -10)
        return Response(line.item, "yes", usage=Usage(tokens, completion, cached), timings=timings)

    return store(
        root,
        system,
        lines,
        suites=SUITES,
        metrics=METRICS,
        respond=respond,
        name=f"{system}-0123456789ab",
    )
