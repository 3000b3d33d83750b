"""Starts the calibrated server beside a test, and says what a client of it ought to see."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.evals.load.calibrated import Calibrated


class Running:
    """A running server: its address, and its log once the block has ended."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/v1"
        self.log: list[dict[str, float]] = []

    def noise(self) -> float:
        """Seconds by which the machine made the server itself late, 99th percentile of its own
        log.
        """
        late = sorted(entry["done"] - entry["due"] for entry in self.log)
        return late[int(0.99 * (len(late) - 1))]


@contextmanager
def calibrated(folder: Path, **spec: Any) -> Iterator[Running]:
    """The server of `tests.evals.load.calibrated` on a free port of 127.0.0.1."""
    folder.mkdir(parents=True, exist_ok=True)
    file, log = folder / "server.json", folder / "log.json"
    file.write_text(json.dumps({**spec, "log_file": str(log)}))
    command = [sys.executable, "-m", "tests.evals.load.calibrated", str(file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        server = Running(int(process.stdout.readline()))
        try:
            yield server
        finally:
            process.stdin.close()
            process.wait(timeout=20)
    server.log = json.loads(log.read_text())


def expected(scheduled: Sequence[float], **spec: Any) -> list[float]:
    """Latencies that the schedule implies: the server's own recursion, fed with scheduled instead
    of real arrivals.
    """
    server = Calibrated({**spec, "log_file": ""})
    return [server.completion(at) - at for at in scheduled]
