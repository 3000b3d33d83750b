"""Runs the client in a process of its own and brings home what it saw."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from evals import jsonl
from evals.errors import SystemFailure
from evals.load.records import ClientReport, ClientSpec, Observed, Planned
from evals.schema import encode


def run_client(spec: ClientSpec, plan: Iterable[Planned]) -> tuple[list[Observed], ClientReport]:
    """Send a plan; return one record per request that was sent, in scheduled order, and the client's own account.

    The client inherits the environment (it reads the key from there), and ends with its parent. Raises SystemFailure
    where the server cannot be reached or the client breaks down.
    """
    with tempfile.TemporaryDirectory(prefix="adaptbench-load-") as name:
        folder = Path(name)
        files = [folder / part for part in ("spec.json", "plan.jsonl", "seen.jsonl", "report.json")]
        files[0].write_bytes(encode(spec))
        with files[1].open("wb") as stream:
            stream.writelines(encode(request) + b"\n" for request in plan)
        command = [sys.executable, "-m", "evals.load.client", *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.strip() or f"exit code {done.returncode}"
            raise SystemFailure(f"the load client ended early: {reason[-2000:]}", where=spec.url)
        seen = sorted(jsonl.read(files[2], Observed), key=lambda o: (o.scheduled, o.id))
        return seen, msgspec.json.decode(files[3].read_bytes(), type=ClientReport)
