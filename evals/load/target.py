"""What is put under load: a server that runs already, or one of ours started for a system, in a
process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from evals.core.errors import SystemFailure

_MAIN: Final = "from evals.cli.main import main; main()"


def serve_command(system: str, pack: str, *, seed: int = 0, alone: bool = False) -> list[str]:
    """The command that serves a system on a free port for as long as its standard input stays
    open.
    """
    options = [
        "--pack",
        pack,
        "--seed",
        str(seed),
        "--port",
        "0",
        "--with-parent",
        *(["--alone"] if alone else []),
    ]
    return [sys.executable, "-c", _MAIN, "serve", system, *options]


@contextmanager
def served(command: Sequence[str], log: Path) -> Iterator[str]:
    """Run a server that prints its URL at the end of its first line; yields the URL, stops the
    server at the end.

    What the server says on its error output is kept in ``log``. Raises SystemFailure where it ends
    before it serves.
    """
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        assert process.stdin is not None and process.stdout is not None  # noqa: S101  asked for above
        line = process.stdout.readline().split()
        if not line:
            code = process.wait()
            message = log.read_text(errors="replace").strip()[-2000:]
            raise SystemFailure(f"the server ended before it served (exit code {code}): {message}")
        try:
            yield line[-1]
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
