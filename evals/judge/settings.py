"""Which judge is asked, and within which bounds. The key comes from the environment and is never written anywhere."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from evals.core.errors import UsageError

ENDPOINT: Final = "ADAPTBENCH_JUDGE"
EMBEDDER: Final = "ADAPTBENCH_JUDGE_EMBEDDER"
CALIBRATION: Final = "ADAPTBENCH_JUDGE_CALIBRATION"
KEYS: Final = ("ADAPTBENCH_JUDGE_KEY", "OPENAI_API_KEY")
"""Environment variables that name the judge, its embedder and its calibration, and that hold its key."""

MAX_TEXT: Final = 8000
"""Longest text of a record that a judge is shown, characters: bounds the tokens of one call."""


@dataclass(frozen=True)
class Endpoint:
    """A model behind an OpenAI-compatible server: ``url`` ends before ``/chat/completions``."""

    url: str
    model: str


@dataclass(frozen=True)
class JudgeSettings:
    """A judge and its bounds.

    ``timeout`` seconds for one call, ``deadline`` seconds for one score (of several calls), ``tries`` per call where
    the trouble may pass or the answer is garbage, ``max_tokens`` of one reply, ``concurrency`` scores in flight.
    ``rubric`` is the text of own criteria (for `ragas_rubric` five lines: what grades 1 to 5 mean); without it each
    metric uses its default. ``calibration`` is a file that `adaptbench judge calibrate` wrote.
    """

    endpoint: Endpoint
    embedder: Endpoint | None = None
    timeout: float = 60.0
    deadline: float = 300.0
    tries: int = 3
    max_tokens: int = 1024
    concurrency: int = 4
    rubric: str | None = None
    calibration: Path | None = None

    def __post_init__(self) -> None:
        if min(self.timeout, self.deadline) <= 0 or min(self.tries, self.max_tokens, self.concurrency) < 1:
            raise UsageError("a judge's bounds are above 0", found=self)

    @property
    def model(self) -> str:
        return self.endpoint.model

    def identity(self) -> dict[str, Any]:
        """What makes this judge the same one: models, bounds of a reply and the rubric; never the key."""
        return {
            "judge": [self.endpoint.url, self.model],
            "embedder": None if self.embedder is None else [self.embedder.url, self.embedder.model],
            "max_tokens": self.max_tokens,
            "rubric": self.rubric,
        }

    def grades(self) -> tuple[str, ...] | None:
        """What grades 1 to 5 mean; None for the default. Lines that are no five grades are no grades."""
        lines = tuple(line.strip() for line in (self.rubric or "").splitlines() if line.strip())
        return lines if len(lines) == 5 else None


_chosen: ContextVar[JudgeSettings | None] = ContextVar("judge", default=None)


def parse_endpoint(text: str, what: str = "judge") -> Endpoint:
    """``http://host/v1#model``. Raises UsageError where it is not such an address."""
    url, _, model = text.partition("#")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or not model.strip():
        raise UsageError(
            f"not the address of a {what}", found=text, expected="URL#model, http://127.0.0.1:8000/v1#name"
        )
    if parts.username or parts.password:
        raise UsageError(f"the address of a {what} holds a secret", way_out=f"put the key into {KEYS[0]}")
    return Endpoint(url.rstrip("/"), model.strip())


@contextmanager
def using(settings: JudgeSettings | None) -> Iterator[None]:
    """Judge metrics that are built inside the block ask this judge; None leaves it to the environment."""
    token = _chosen.set(settings)
    try:
        yield
    finally:
        _chosen.reset(token)


def current() -> JudgeSettings:
    """The judge of the surrounding `using`, else that of ``$ADAPTBENCH_JUDGE``. Raises UsageError without either."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    named = os.environ.get(ENDPOINT)
    if not named:
        raise UsageError("no judge is named", way_out=f"--judge URL#model, or set {ENDPOINT}=URL#model")
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
    return next((os.environ[name] for name in KEYS if os.environ.get(name)), None)
