"""Several processes finish runs in one results folder: no row is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from evals.report.board import update_board
from tests.evals.report.planted import FAMILY, plant

_PROGRAM = """
import sys
from dataclasses import replace
from pathlib import Path
from evals.report.board import update_board
from tests.evals.report.planted import FAMILY, plant
root = Path(sys.argv[1])
for n in range(3):
    plant(root, [replace(FAMILY[0], name=f"{sys.argv[2]}{n}")], count=4)
    update_board(root)
"""


@pytest.mark.slow
def test_rows_of_parallel_processes_are_all_there(tmp_path: Path) -> None:
    plant(tmp_path, FAMILY[:1], count=4)
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path)]
    running = [subprocess.Popen([*command, name]) for name in "abc"]
    assert [process.wait(600) for process in running] == [0, 0, 0]
    written = json.loads((tmp_path / "leaderboard.json").read_text())
    update_board(tmp_path)
    again = json.loads((tmp_path / "leaderboard.json").read_text())
    assert {row["system"] for row in written} == {row["system"] for row in again}
    assert len({row["system"] for row in written}) == 10
