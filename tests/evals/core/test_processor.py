"""What bounds the speed of a machine is read from the system, and threads are settled before
anything computes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from evals.core import processor
from evals.run.machine import machine


def started(code: str, **environment: str) -> list[str]:
    kept = {k: v for k, v in os.environ.items() if k not in ("OMP_NUM_THREADS", "GOMP_SPINCOUNT")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


SHOWN = "; import os; print(os.environ['OMP_NUM_THREADS'], os.environ['GOMP_SPINCOUNT'])"


@pytest.mark.parametrize(
    "package", ["evals", "systems.engines.weights", "adaptbench", "suites.world.generate"]
)
def test_importing_a_package_settles_threads(package: str) -> None:
    assert started(f"import {package}{SHOWN}") == [str(processor.usable_cores()), processor.SPINS]


def test_what_the_environment_says_is_left_alone() -> None:
    assert started(f"import evals{SHOWN}", OMP_NUM_THREADS="7", GOMP_SPINCOUNT="3") == ["7", "3"]


def test_a_number_that_was_asked_for_counts() -> None:
    code = f"from evals.core.processor import settle_threads; settle_threads(3){SHOWN}"
    assert started(code, OMP_NUM_THREADS="7")[0] == "3"


@pytest.mark.slow
def test_torch_that_was_loaded_before_gets_no_more_threads_than_there_are_cores() -> None:
    code = "import torch; torch.set_num_threads(64); import evals; print(torch.get_num_threads())"
    assert started(code) == [str(processor.usable_cores())]


@pytest.mark.parametrize(
    ("limits", "cores"),
    [
        ({"cpu.max": "150000 100000"}, 2),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "max 100000"}, 8),
        ({"cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 8),
        ({}, 8),
    ],
)
def test_cores_are_bounded_by_the_control_group(
    limits: dict[str, str], cores: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in limits.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"{text}\n")
    monkeypatch.setattr(processor, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(processor, "usable_cores", processor.usable_cores.__wrapped__)
    assert processor.usable_cores() == cores


@pytest.mark.parametrize(
    ("flags", "extension", "native"),
    [
        ("sse4_2 avx2 fma", "AVX2", False),
        ("avx2 avx512f avx512bw avx512vl", "AVX-512", False),
        ("avx2 avx512f avx512_bf16", "AVX-512", True),
        ("avx2 avx512f amx_bf16", "AVX-512", True),
        ("fp asimd bf16", "NEON", True),
        ("sse2", "", False),
    ],
)
def test_class_of_machine_names_what_bounds_its_speed(
    flags: str, extension: str, native: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(processor, "flags", lambda: frozenset(flags.split()))
    assert (processor.extension(), processor.native_bfloat16()) == (extension, native)
    found = machine()["class"]
    assert (extension in found, ", bfloat16," in found) == (True, native)


def test_a_narrowed_processor_is_another_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "flags", lambda: frozenset({"avx2", "avx512f", "avx512_bf16"}))
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setattr("evals.run.machine.usable_cores", lambda: 2)
    assert "AVX-512 ONEDNN_MAX_CPU_ISA=AVX2, 2 cores, 1 threads" in machine()["class"]
    assert not processor.native_bfloat16()
