"""What heavy libraries are set to before they are loaded, and the precision that the hardware
computes in.
"""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Literal

from evals.core.processor import native_bfloat16

if TYPE_CHECKING:
    import torch

DType = Literal["auto", "float32", "bfloat16", "float16"]
"""What weights are held in. ``auto`` is bfloat16 where the hardware multiplies it natively, else
float32.
"""


def prepare(*, offline: bool) -> None:
    """Call before torch, transformers or faiss are imported. What the environment already says is
    left alone.

    Telemetry is off, and the hub's network too where ``offline``; so are bars and warnings that say
    nothing to a user. Threads are settled when `evals` is imported.
    """
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if offline:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    if not sys.stderr.isatty():
        os.environ.setdefault("TQDM_DISABLE", "1")  # bars of libraries, which fill a log
    # peft and trl use names that transformers is about to drop: nothing that a user could mend
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")


def precision(dtype: DType, device: torch.device) -> str:
    """The precision that ``dtype`` stands for on this device."""
    if dtype != "auto":
        return dtype
    if device.type == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    return "bfloat16" if device.type == "cpu" and native_bfloat16() else "float32"
