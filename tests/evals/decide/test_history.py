from __future__ import annotations

import csv
from pathlib import Path

from evals.decide.history import history, write_history
from evals.store import SCORES
from tests.evals.decide.synthetic import rates, store


def test_every_sound_run_of_a_system_in_order(tmp_path: Path) -> None:
    late = store(tmp_path, "rag", rates([1.0] * 8), finished="2026-02-01", name="late")
    early = store(tmp_path, "rag", rates([0.0] * 8), finished="2026-01-01", name="early")
    broken = store(tmp_path, "rag", rates([0.0] * 8), finished="2026-01-15", name="broken")
    (broken.path / SCORES).write_bytes(b"")
    rows = history([late, early, broken])
    assert [(r.run, r.value) for r in rows] == [("early", 0.0), ("late", 1.0)]
    with write_history([late, early], tmp_path).open() as stream:
        assert [r["run"] for r in csv.DictReader(stream)] == ["early", "late"]
