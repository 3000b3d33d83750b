"""Process-wide settings that heavy libraries read when they are first imported."""

from __future__ import annotations

import os


def prepare(*, offline: bool) -> None:
    """Call before torch, transformers or faiss are imported. What the environment already says is left alone.

    Telemetry is off, and the hub's network too where ``offline``. OpenMP threads spin for a moment, then sleep while
    they wait: long spinning makes small operations many times slower on a machine that does anything else at the same
    time, and no spinning slows a quiet one.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
