"""What the processor can do, and how many threads compute on it: read from the system, without
loading a framework.
"""

from __future__ import annotations

import math
import os
import platform
import sys
from functools import cache
from pathlib import Path
from typing import Final

_EXTENSIONS: Final = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("sve", "SVE"), ("asimd", "NEON"))
"""Flags of the kernel and the vector extensions that they stand for, widest first."""

_BFLOAT16: Final = frozenset(("avx512_bf16", "amx_bf16", "avx_ne_convert", "bf16"))
"""Flags of processors that multiply bfloat16 natively (``bf16``: ARM)."""

_NARROWED: Final = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")
"""Variables by which somebody lets torch use less than the processor has."""

CONTROL_GROUP: Final = Path("/sys/fs/cgroup")

SPINS: Final = "1000"
"""How often an OpenMP thread looks again before it sleeps, about a microsecond.

GNU's default is some milliseconds, in which a waiting thread keeps the core from whatever else the
machine does; a waiting thread that never spins slows small operations on an idle one
(``scripts/bench_neighbours.py``).
"""


def settle_threads(threads: int | None = None) -> None:
    """Let numerical libraries compute with so many threads (default: `usable_cores`), none of which
    spins for long.

    They read the environment when they are loaded, so this runs when the package is imported; what
    the environment already says is left alone. Where torch was loaded before, only its number of
    threads can still be set: it is lowered to what the machine grants, or set to ``threads``.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    if threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(threads)
    os.environ.setdefault("OMP_NUM_THREADS", str(usable_cores()))
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "set_num_threads"):
        torch.set_num_threads(threads or min(torch.get_num_threads(), usable_cores()))


def thread_count() -> int:
    """Threads that numerical libraries compute with, as the environment says."""
    message = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return int(message) if message.isdigit() and int(message) > 0 else usable_cores()


@cache
def usable_cores() -> int:
    """Cores that this process may really use: its affinity, bounded by its control group's quota;
    at least 1.
    """
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    )
    quota = _quota()
    return cores if quota is None else max(1, min(cores, math.ceil(quota)))


def extension() -> str:
    """The widest vector extension, such as ``AVX2``; with the variable that narrows it, where one
    is set.
    """
    found = next((name for flag, name in _EXTENSIONS if flag in flags()), "")
    narrowed = [f"{name}={os.environ[name]}" for name in _NARROWED if os.environ.get(name)]
    return " ".join([*([found] if found else []), *narrowed])


def native_bfloat16() -> bool:
    """Whether the processor multiplies bfloat16 itself; emulated, it takes many times as long as
    single precision.
    """
    narrow = os.environ.get("ONEDNN_MAX_CPU_ISA", "").upper()
    return bool(_BFLOAT16 & flags()) and (not narrow or "BF16" in narrow or "AMX" in narrow)


@cache
def flags() -> frozenset[str]:
    """The kernel's names for what the processor can do; empty where it does not say."""
    return frozenset(_entry("flags", "Features").split())


def model_name() -> str:
    """The processor's name as the kernel tells it, else its architecture."""
    return _entry("model name") or platform.processor() or platform.machine()


def _entry(*keys: str) -> str:
    """The first of these entries of /proc/cpuinfo; empty where there is none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    table = (
        (key.strip(), value.strip()) for key, _, value in (line.partition(":") for line in lines)
    )
    return next((value for key, value in table if key in keys), "")


def _quota() -> float | None:
    """Cores' worth of time that the control group (v2, then v1) grants; None without a limit."""
    try:
        most, _, period = (
            (CONTROL_GROUP / "cpu.max").read_text(encoding="ascii").strip().partition(" ")
        )
    except OSError:
        try:
            folder = CONTROL_GROUP / "cpu"
            most = (folder / "cpu.cfs_quota_us").read_text(encoding="ascii").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="ascii").strip()
        except OSError:
            return None
    return int(most) / int(period) if most.isdigit() and period.isdigit() and int(period) else None
