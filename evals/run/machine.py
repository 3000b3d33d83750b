"""What a run was measured on: the machine, its class, and the versions of the libraries that matter."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from typing import Any, Final

LIBRARIES: Final = (
    "adaptbench",
    "torch",
    "transformers",
    "tokenizers",
    "peft",
    "trl",
    "bm25s",
    "faiss-cpu",
    "sentence-transformers",
    "numpy",
    "scikit-learn",
)


def machine() -> dict[str, Any]:
    """Processor, cores, memory, system and Python, with ``class``: latencies compare only within one class."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    memory = round(psutil.virtual_memory().total / 2**30)
    accelerators = _accelerators()
    processor = _processor()
    return {
        "class": " + ".join([f"{processor}, {cores} cores", *accelerators]),
        "processor": processor,
        "cores": cores,
        "memory_gib": memory,
        "accelerators": accelerators,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def libraries() -> dict[str, str]:
    """Installed versions of the libraries that can change an answer; absent ones are left out."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _accelerators() -> list[str]:
    """Names of NVIDIA devices as the driver lists them, without loading a framework."""
    names = []
    for entry in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in entry.read_text(errors="replace").splitlines():
            if line.startswith("Model"):
                names.append(line.partition(":")[2].strip())
    return names
