"""The same passages and training data on every kind of processor, emulated by what libraries can be
told to leave out.

Another machine's instructions cannot be had here, but their effects can: numpy's sort and selection
follow the widest dispatched instruction set, torch's and oneDNN's kernels theirs, and sums follow
the number of threads.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.systems.digests import COMMITTED

UMATH: Any = importlib.import_module("numpy._core._multiarray_umath")
DISPATCHED = " ".join(name for name in UMATH.__cpu_dispatch__ if UMATH.__cpu_features__[name])
"""All that numpy dispatches on this machine: without it only its baseline is left."""

WIDEST = " ".join(name for name in DISPATCHED.split() if name != "X86_V3")
"""What a processor with AVX2 alone does not have."""

MACHINES = {
    "this one, two threads": {"OMP_NUM_THREADS": "2"},
    "no vectors in numpy and torch": {
        "NPY_DISABLE_CPU_FEATURES": DISPATCHED,
        "ATEN_CPU_CAPABILITY": "default",
        "OMP_NUM_THREADS": "2",
    },
    "AVX2 in numpy, torch and oneDNN, one thread": {
        "NPY_DISABLE_CPU_FEATURES": WIDEST,
        "ATEN_CPU_CAPABILITY": "avx2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "OMP_NUM_THREADS": "1",
    },
}
NARROWING = frozenset(name for variables in MACHINES.values() for name in variables)


@pytest.mark.real
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("machine", MACHINES)
def test_digests_are_the_committed_ones(machine: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in NARROWING}
    narrowed = {name: value for name, value in MACHINES[machine].items() if value}
    done = subprocess.run(
        [sys.executable, "-m", "tests.systems.digests"],
        env={**kept, **narrowed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(COMMITTED.read_text(encoding="utf-8"))
