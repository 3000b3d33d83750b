"""What busy neighbours cost: commands alone, and beside one busy process for each core, in one run.

    python scripts/bench_neighbours.py [--only run,training,tests,forward,spinning]

The processor is shared fairly, so beside as many busy processes as there are cores everything takes
at least twice as long. Threads that spin while they wait for each other take many times as long:
``spinning`` is the same forward passes as ``forward`` with GNU OpenMP's own default. Prints a table
and one JSON line. About 15 minutes on 2 cores.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from evals.core.processor import SPINS, usable_cores

ROOT: Final = Path(__file__).parent.parent

TRAINING: Final = """
from pathlib import Path
from tempfile import mkdtemp
from evals.core.schema import Message
from systems.models import DEFAULT_LM
from systems.training.data import Sample
from systems.training.recipe import Recipe
from systems.training.trainer import train
asked = [Message("user", f"What is the price of lamp {n}? " * 6) for n in range(10)]
samples = [Sample(str(n), "answer", (message,), f"{n} dollars.") for n, message in enumerate(asked)]
recipe = Recipe(name="ten steps", epochs=10, tokens=1024)
folder = Path(mkdtemp())
train(recipe, samples, DEFAULT_LM, 0, work=folder / "work", out=folder / "out", start=None)
"""

FORWARD: Final = """
import torch
from systems.engines.weights import load, pick_device
from systems.models import DEFAULT_LM
weights = load(DEFAULT_LM, pick_device("cpu"), "float32")
with torch.no_grad():
    for _ in range(20):
        weights.model(torch.arange(300)[None])
"""

GNU_SPINS: Final = "300000"
"""What GNU OpenMP does by itself where there are no more threads than cores."""

JOBS: Final[dict[str, list[str]]] = {
    "run": [
        "-m",
        "adaptbench",
        "run",
        "hybrid",
        "--limit",
        "8",
        "--fresh",
        "--results",
        "{folder}",
    ],
    "training": ["-c", TRAINING],
    "tests": ["-m", "pytest", "tests/systems/engines/test_local.py", "-p", "no:cacheprovider"],
    "forward": ["-c", FORWARD],
    "spinning": ["-c", FORWARD],
}


def main() -> None:
    """Time each job alone and beside busy processes, in turns, and print both with their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default=",".join(JOBS), help="jobs, with commas between")
    asked = parser.parse_args()
    report: dict[str, dict[str, float]] = {}
    timed("forward")  # the model's files are read once before anything counts
    print(f"{'job':<12}{'alone, s':>10}{f'beside {usable_cores()}, s':>14}{'ratio':>8}")
    for job in asked.only.split(","):
        alone = timed(job)
        with busy(usable_cores()):
            beside = timed(job)
        report[job] = {
            "alone": round(alone, 1),
            "beside": round(beside, 1),
            "ratio": round(beside / alone, 2),
        }
        print(f"{job:<12}{alone:>10.1f}{beside:>14.1f}{beside / alone:>8.2f}", flush=True)
    print(json.dumps({"cores": usable_cores(), **report}))


def timed(job: str) -> float:
    """Seconds of one job in a process of its own. Raises CalledProcessError where it fails."""
    folder = tempfile.mkdtemp()
    spins = GNU_SPINS if job == "spinning" else SPINS
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GOMP_SPINCOUNT": spins}
    command = [
        sys.executable,
        *(part.format(folder=folder) if part == "{folder}" else part for part in JOBS[job]),
    ]
    began = time.monotonic()
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many processes that compute without end, for as long as the block runs."""
    neighbours = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)
    ]
    try:
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()


if __name__ == "__main__":
    main()
