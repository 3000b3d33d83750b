"""Sustainable rates beside stored runs: shown for the same system, on the same pack and class of
machine only.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals.analysis.leaderboard import build
from evals.core.schema import Row, Score
from evals.core.store import StoredRun
from evals.load.goals import Goals
from evals.load.measure import measure
from evals.load.plan import LoadSpec
from evals.load.record import write_load
from evals.load.records import ClientReport, Observed
from evals.load.run import LoadResult, Target
from evals.load.standing import rates_of, with_rates
from evals.load.sustain import Sustained
from evals.metrics.cost import prices
from evals.report.text.notes import sentences
from tests.evals.analysis.synthetic import line, store

CLASS = "laptop, 2 cores"


def answered(root: Path, system: str = "hybrid") -> StoredRun:
    lines = [line(f"t{k}", {"e2e_p95": Score(value=0.2)}, suite="speed") for k in range(80)]
    return store(root, system, lines, machine=CLASS)


def measured(results: Path, run: StoredRun, rate: float | None = 2.0, **changes: Any) -> LoadResult:
    """A load measurement of the run's own system, but for ``changes``; the code is another in any
    case.
    """
    seen = [
        Observed(f"r{n}", n / 2, n / 2, n / 2 + 0.1, n / 2 + 0.4, n / 2 + 0.4, 200, 3)
        for n in range(80)
    ]
    goals, spec = (
        Goals(e2e=1.0),
        LoadSpec(rate=rate or 1.0, seconds=40.0, warm_up=0.0, cool_down=0.0),
    )
    identity = {**run.manifest.identity["system"], "code": "newer", **changes.get("system", {})}
    pack = changes.get("pack", run.manifest.identity["pack"]["identity"])
    found = LoadResult(
        Target(run.manifest.system, identity, run.manifest.pack, pack),
        spec,
        goals,
        measure(seen, goals, start=0, end=40),
        ClientReport(80, 80, 40.0, 0.1),
        Sustained(rate, 2.2, ()),
        {"class": changes.get("machine", CLASS)},
        {},
        changes.get("started", "2026-01-01T00:00:00+00:00"),
        "",
    )
    write_load(results, found, seen)
    return found


def shown(results: Path, run: StoredRun) -> tuple[Row | None, Row | None, tuple[str, ...]]:
    board = with_rates(build([run]), results, [run])
    rows = [
        board.find("hybrid", "speed", name)
        for name in ("sustainable_rate", "cost_per_1k_sustained")
    ]
    return rows[0], rows[1], tuple(sentences(board.notes))


def test_rate_and_its_cost_stand_in_the_latency_suite(tmp_path: Path) -> None:
    run = answered(tmp_path)
    assert shown(tmp_path, run)[:2] == (None, None)
    found = measured(tmp_path, run)
    rate, cost, notes = shown(tmp_path, run)
    assert (
        rate is not None
        and rate.value == 2.0
        and rate.n == 80
        and rate.better == "higher"
        and rate.low is None
    )
    assert cost is not None and cost.value == pytest.approx(
        1000 * prices().machine.usd_per_hour / 3600 / 2.0
    )
    assert rate.run == cost.run == found.run
    assert any("95% of requests within e2e <= 1000 ms" in note for note in notes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"system": {"adapter": "another"}}, "of another hybrid"),
        ({"pack": "other"}, "another pack"),
        ({"machine": "phone"}, "made on 'phone'"),
    ],
)
def test_a_rate_of_something_else_is_left_out(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    run = answered(tmp_path)
    measured(tmp_path, run, **changes)
    rate, cost, notes = shown(tmp_path, run)
    assert rate is None and cost is None
    assert any(message in note for note in notes)
    assert rates_of(tmp_path, [run])[0] == {}


def test_the_newest_measurement_speaks(tmp_path: Path) -> None:
    run = answered(tmp_path)
    measured(tmp_path, run, 2.0)
    measured(tmp_path, run, 3.0, started="2026-01-02T00:00:00+00:00")
    rate, _, _ = shown(tmp_path, run)
    assert rate is not None and rate.value == 3.0
