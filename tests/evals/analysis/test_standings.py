from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from evals.analysis.leaderboard import build
from evals.analysis.standings import front
from evals.report.leaderboard_files import write
from tests.evals.analysis.families import run


def test_ranks_and_front(tmp_path: Path) -> None:
    runs = [
        run(tmp_path, "good", {"accuracy": 0.9}),
        run(tmp_path, "poor", {"accuracy": 0.5, "e2e": 2.0, "cost_per_1k": 4.0}),
        run(tmp_path, "cheap", {"accuracy": 0.5, "cost_per_1k": 1.0}),
    ]
    board = build(runs)
    assert str(board.ranks["domain_accuracy", "good"]) == "1"
    assert str(board.ranks["domain_accuracy", "poor"]) == "2–3"
    beaten = {r.system: r.beaten_by for r in front(board.rows, "domain_accuracy")}
    assert beaten["good"] == () and beaten["cheap"] == () and "good" in beaten["poor"]
    files = write(board, tmp_path)
    table = pq.read_table(files[-1]).to_pylist()
    assert len(table) == len(board.rows)
    assert {
        r["rank_worst"] for r in table if r["system"] == "good" and r["metric"] == "accuracy"
    } == {1, None}
    assert "on the front" in files[2].read_text()
