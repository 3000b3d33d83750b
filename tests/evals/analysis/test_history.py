from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from evals.cli.main import run
from evals.core.store import SCORES, seal, write_manifest
from evals.report.text.history import history, write_history
from evals.report.text.notes import words
from tests.evals.analysis.synthetic import rates, store


def test_every_sound_run_of_a_system_in_order(tmp_path: Path) -> None:
    late = store(tmp_path, "rag", rates([1.0] * 8), finished="2026-02-01", name="late")
    early = store(tmp_path, "rag", rates([0.0] * 8), finished="2026-01-01", name="early")
    broken = store(tmp_path, "rag", rates([0.0] * 8), finished="2026-01-15", name="broken")
    (broken.path / SCORES).write_bytes(b"")
    rows, notes = history([late, early, broken])
    assert [(r.run, r.value) for r in rows] == [("early", 0.0), ("late", 1.0)]
    assert len(notes) == 1 and "broken left out: refused" in words(notes[0])
    with write_history(rows, tmp_path).open() as stream:
        assert [r["run"] for r in csv.DictReader(stream)] == ["early", "late"]


def test_the_command_shows_only_comparable_rows_under_one_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store(tmp_path, "rag", rates([1.0] * 8), finished="2026-02-01", name="late")
    store(tmp_path, "rag", rates([0.0] * 8), finished="2026-01-01", name="early")
    store(tmp_path, "rag", rates([0.5] * 9), finished="2026-03-01", name="other", limit=9)
    rescored = store(tmp_path, "rag", rates([0.5] * 8), finished="2026-04-01", name="rescored")
    changed = msgspec.structs.replace(rescored.manifest, scoring="newer metrics")
    write_manifest(rescored.path, msgspec.structs.replace(changed, seal=seal(changed)))
    assert run(["leaderboard", "--history", "--results", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    assert shown.index("early") < shown.index("late") < shown.index("other")
    marks = {
        line.split()[1]: line.split()[2] for line in shown.splitlines() if line.startswith("2026")
    }
    assert marks["early"] == marks["late"]
    assert len({marks[name] for name in ("late", "other", "rescored")}) == 3
    assert (tmp_path / "history.csv").exists()
