"""What load measurements say about stored runs: the highest rate each system held, and what a query
costs at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.analysis.measured import latency_suites, machine_class
from evals.analysis.notes import note
from evals.analysis.selection import pack_identity
from evals.core.schema import Row
from evals.core.store import StoredRun
from evals.load.cost.model import self_hosted
from evals.load.record import sustained_rates
from evals.load.run import LoadResult
from evals.metrics.cost import prices

RATE: Final = "sustainable_rate"
COST: Final = "cost_per_1k_sustained"


def rates_of(results: Path, runs: Sequence[StoredRun]) -> tuple[dict[str, LoadResult], list[str]]:
    """The newest sound measurement of a sustainable rate by the name of its system, and notes on
    those left out.

    A measurement speaks for a run of the same system on the same pack and class of machine. The
    code may have changed in between: weights, adapter, index, prompt and decode settings may not.
    Raises DataError for a damaged file.
    """
    found, notes = sustained_rates(results), []
    for run in runs:
        name = run.manifest.system
        if name in found and (why := _other(run, found[name])):
            notes.append(f"{found[name].run}: its sustainable rate is left out: {why}")
            del found[name]
    return found, notes


def _other(run: StoredRun, load: LoadResult) -> str:
    """Why a measurement does not speak for a run; empty where it does."""
    if _without_code(run.manifest.identity.get("system")) != _without_code(load.target.identity):
        return f"it is of another {run.manifest.system} than {run.name}"
    if pack_identity(run.manifest) != load.target.pack_identity:
        return f"it asked another pack than {run.name}"
    if machine_class(run) != load.machine.get("class"):
        return f"made on {load.machine.get('class')!r}, not {machine_class(run)!r}"
    return ""


def _without_code(identity: object) -> Mapping[str, Any]:
    known = identity if isinstance(identity, Mapping) else {}
    return {key: value for key, value in known.items() if key != "code"}


def with_rates(board: Leaderboard, results: Path, runs: Sequence[StoredRun]) -> Leaderboard:
    """The leaderboard with two rows more for each system whose sustainable rate was measured.

    ``sustainable_rate`` (requests a second; the true limit lies above, see `evals.load.sustain`)
    and ``cost_per_1k_sustained`` (dollars on the charged machine at full use) stand in the system's
    latency suite. They come from one search, so they have no interval; n is the requests of the
    measurement at that rate.
    """
    shown = {row.run for row in board.rows}
    timed = [run for run in runs if run.name in shown and latency_suites(run)]
    found, notes = rates_of(results, timed)
    by_run = {run.name: found[run.manifest.system] for run in timed if run.manifest.system in found}
    rows = [row for run in timed if run.name in by_run for row in _rows(run, by_run[run.name])]
    notes += [
        f"{load.run}: sustainable means {load.goals.share:.0%} of requests within"
        f" {load.goals.summary}"
        for load in by_run.values()
    ]
    return replace(
        board,
        rows=(*board.rows, *rows),
        notes=(*board.notes, *(note("load", text=text) for text in notes)),
    )


def _rows(run: StoredRun, load: LoadResult) -> list[Row]:
    rate = load.sustained.rate if load.sustained is not None else None
    if rate is None:
        return []
    cost = self_hosted(prices().machine.usd_per_hour, rate, 1.0)
    pairs: tuple[tuple[str, float, Literal["higher", "lower"]], ...] = (
        (RATE, rate, "higher"),
        (COST, cost, "lower"),
    )
    suite, n = latency_suites(run)[0], load.figures.requests
    return [
        Row(
            run.manifest.system, suite, ALL, name, value, None, None, n, {}, load.run, better=better
        )
        for name, value, better in pairs
    ]
