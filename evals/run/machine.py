"""What a run was measured on: the machine, its class, and the versions of the libraries that
matter.
"""

from __future__ import annotations

import importlib.metadata
import platform
from pathlib import Path
from typing import Any, Final

from evals.core.processor import extension, model_name, native_bfloat16, thread_count, usable_cores

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
    """Processor, cores, threads, memory, system and Python, with ``class``: latencies compare only
    within one class.

    The class names what bounds the speed: processor, vector extensions, native bfloat16, the cores
    that may be used, threads where they are fewer or more, accelerators.
    """
    import psutil

    cores, threads, accelerators = usable_cores(), thread_count(), _accelerators()
    processor, extensions, bfloat16 = model_name(), extension(), native_bfloat16()
    named = [
        processor,
        extensions,
        "bfloat16" if bfloat16 else "",
        f"{cores} cores" if cores != 1 else "1 core",
        f"{threads} threads" if threads != cores else "",
    ]
    return {
        "class": " + ".join([", ".join(filter(None, named)), *accelerators]),
        "processor": processor,
        "extensions": extensions,
        "native_bfloat16": bfloat16,
        "cores": cores,
        "threads": threads,
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
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


def _accelerators() -> list[str]:
    """Names of NVIDIA devices as the driver lists them, without loading a framework."""
    names = []
    for entry in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in entry.read_text(errors="replace").splitlines():
            if line.startswith("Model"):
                names.append(line.partition(":")[2].strip())
    return names
