"""Process-wide settings that heavy libraries read when they are first imported."""

from __future__ import annotations

import os


def prepare(*, offline: bool) -> None:
    """Call before torch, transformers or faiss are imported. What the environment already says is left alone.

    Telemetry is off, and the hub's network too where ``offline``. OpenMP threads sleep instead of spinning while they
    wait: on a machine that does anything else at the same time, spinning made small operations twenty times slower.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
