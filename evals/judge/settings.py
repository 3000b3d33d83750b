"""Which judge is asked, and within which bounds. The key comes from the environment and is never
written anywhere.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from evals.core.errors import UsageError
from evals.core.judge import Endpoint, JudgeSettings
from evals.core.secrets import in_address
from evals.http.secrets import is_address
from evals.http.transport import from_environment as secret

ENDPOINT: Final = "ADAPTBENCH_JUDGE"
EMBEDDER: Final = "ADAPTBENCH_JUDGE_EMBEDDER"
CALIBRATION: Final = "ADAPTBENCH_JUDGE_CALIBRATION"
KEYS: Final = ("ADAPTBENCH_JUDGE_KEY", "OPENAI_API_KEY")
"""Environment variables that name the judge, its embedder and its calibration, and that hold its
key.
"""

MAX_TEXT: Final = 8000
"""Longest text of a record that a judge is shown, characters: bounds the tokens of one call."""


def parse_endpoint(text: str, what: str = "judge") -> Endpoint:
    """``http://host/v1#model``. Raises UsageError where it is not such an address."""
    url, _, model = text.partition("#")
    if not is_address(url) or not model.strip():
        raise UsageError(
            f"not the address of a {what}",
            found=in_address(text),
            expected="URL#model, http://127.0.0.1:8000/v1#name",
        )
    if in_address(url) != url:
        raise UsageError(
            f"the address of a {what} holds a secret", hint=f"put the key into {KEYS[0]}"
        )
    return Endpoint(url.rstrip("/"), model.strip())


def from_environment() -> JudgeSettings | None:
    """The judge of ``$ADAPTBENCH_JUDGE``, with its embedder and calibration; None where none is
    named there.
    """
    named = os.environ.get(ENDPOINT)
    if not named:
        return None
    embedder, calibration = os.environ.get(EMBEDDER), os.environ.get(CALIBRATION)
    return JudgeSettings(
        parse_endpoint(named),
        embedder=parse_endpoint(embedder, "embedder") if embedder else None,
        calibration=Path(calibration) if calibration else None,
    )


def shown(text: str) -> str:
    """What a judge is shown of a text: at most `MAX_TEXT` characters, all of which can be sent."""
    return text[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def key() -> str | None:
    """The judge's key, where the environment holds one."""
    return next(filter(None, map(secret, KEYS)), None)
