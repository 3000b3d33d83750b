"""Runs the client in a process of its own and brings home what it saw."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from evals.core import jsonl
from evals.core.errors import SystemFailure
from evals.core.schema import encode
from evals.load.records import ClientReport, ClientSpec, Observed, Planned


def run_client(spec: ClientSpec, plan: Iterable[Planned]) -> tuple[list[Observed], ClientReport]:
    """Send a plan; return one record per request that was sent, in scheduled order, and the
    client's own account.

    The client inherits the environment (it reads the key from there), and ends with this process.
    Raises SystemFailure where the server cannot be reached or the client breaks down.
    """
    with tempfile.TemporaryDirectory(prefix="adaptbench-load-") as name:
        folder = Path(name)
        files = [folder / part for part in ("spec.json", "plan.jsonl", "seen.jsonl", "report.json")]
        files[0].write_bytes(encode(spec))
        with files[1].open("wb") as stream:
            stream.writelines(encode(request) + b"\n" for request in plan)
        command = [sys.executable, "-m", "evals.load.client", *map(str, files)]
        code, message = _run(command)
        if code != 0:
            raise SystemFailure(
                f"the load client ended early: {message[-2000:] or f'exit code {code}'}",
                where=spec.url,
            )
        seen = sorted(jsonl.read(files[2], Observed), key=lambda o: (o.scheduled, o.id))
        return seen, msgspec.json.decode(files[3].read_bytes(), type=ClientReport)


def _run(command: list[str]) -> tuple[int, str]:
    """Exit code and error output of a command whose standard input stays open for as long as this
    process lives.
    """
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None  # noqa: S101  asked for above
            message = process.stderr.read().strip()
            return process.wait(), message
        except BaseException:
            process.kill()
            raise
