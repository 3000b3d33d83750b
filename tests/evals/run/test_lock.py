"""One process at a time works on a run, however many try."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys, time
from contextlib import suppress
from pathlib import Path
from evals.core.errors import UsageError
from evals.run.execute import _locked
root, entered = Path(sys.argv[1]), 0
inside = root / "inside"
end = time.monotonic() + 3
while time.monotonic() < end:
    with suppress(UsageError), _locked(root, "run"):
        inside.open("x").close()  # fails where another process is in here too
        time.sleep(0.0005)
        inside.unlink()
        entered += 1
print(entered)
"""


@pytest.mark.slow
def test_six_processes_never_overlap(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    found = [process.communicate(timeout=600) for process in running]
    assert [error for _, error in found if error] == []
    assert sum(int(count) for count, _ in found) > 100
