"""A real OpenAI-compatible server, llama.cpp's, on the default model's own GGUF, in a process of
its own.

python -m tests.systems.llama MODEL.gguf SLOTS [KEY]     prints its URL; at the end of its input,
its own counters
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass
class Llama:
    """``counted`` holds the server's counters once it has stopped."""

    url: str
    counted: dict[str, float] = field(default_factory=dict)


@contextmanager
def serving_llama(key: str = "", slots: int = 2) -> Iterator[Llama]:
    """The server, running beside the block. Each of its slots answers one request at a time and
    keeps its prompt.
    """
    from systems import models

    model = str(models.gguf(models.DEFAULT_LM))
    command = [sys.executable, "-m", "tests.systems.llama", model, str(slots), key]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        server = Llama(process.stdout.readline().strip())
        try:
            yield server
        finally:
            process.stdin.close()
            message = json.loads(process.stdout.read() or '""')
            found = re.findall(r"^llamacpp:(\w+) ([\d.e+-]+)$", message, re.MULTILINE)
            server.counted = {name: float(value) for name, value in found}


def main(model: str, slots: str, key: str = "") -> None:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = model
    params.port = 0
    params.n_parallel = int(slots)
    params.n_ctx = 2048 * params.n_parallel
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.endpoint_metrics = True
    params.verbosity = 0
    if key:
        params.api_keys = [key]
    server = xllamacpp.Server(params)
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()
    print(json.dumps(server.handle_metrics()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
