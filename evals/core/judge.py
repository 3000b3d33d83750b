"""A judge model as records: how it is reached, within which bounds, and whether it was measured
against people.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.core.errors import UsageError
from evals.core.schema import Record


class JudgeNote(Record, frozen=True, omit_defaults=False):
    """The judge model behind a metric: whether it was measured against people and found good
    enough, and ``why`` not.

    ``kappa`` and ``labels`` are those of the calibration, where there is one.
    """

    model: str
    calibrated: bool
    why: str = ""
    kappa: float | None = None
    labels: int = 0

    @property
    def summary(self) -> str:
        """In words, for tables."""
        if self.calibrated:
            return (
                f"judged by {self.model}, calibrated: kappa {self.kappa:.2f} on {self.labels}"
                " labels"
            )
        return f"judged by {self.model}, UNCALIBRATED ({self.why}): shown, cannot gate"


@dataclass(frozen=True)
class Endpoint:
    """A model behind an OpenAI-compatible server: ``url`` ends before ``/chat/completions``."""

    url: str
    model: str


@dataclass(frozen=True)
class JudgeSettings:
    """A judge and its bounds.

    ``timeout`` seconds for one call, ``deadline`` seconds for one score (of several calls),
    ``tries`` per call where the trouble may pass or the answer is garbage, ``max_tokens`` of one
    reply, ``concurrency`` scores in flight. ``rubric`` is the text of own criteria (for
    `ragas_rubric` five lines: what grades 1 to 5 mean); without it each metric uses its default.
    ``calibration`` is a file that `adaptbench judge calibrate` wrote.
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
        if (
            min(self.timeout, self.deadline) <= 0
            or min(self.tries, self.max_tokens, self.concurrency) < 1
        ):
            raise UsageError("a judge's bounds are above 0", found=self)

    @property
    def model(self) -> str:
        return self.endpoint.model

    def identity(self) -> dict[str, Any]:
        """What makes this judge the same one: models, bounds of a reply and the rubric; never the
        key.
        """
        return {
            "judge": [self.endpoint.url, self.model],
            "embedder": None if self.embedder is None else [self.embedder.url, self.embedder.model],
            "max_tokens": self.max_tokens,
            "rubric": self.rubric,
        }

    def grades(self) -> tuple[str, ...] | None:
        """What grades 1 to 5 mean; None for the default. Lines that are no five grades are no
        grades.
        """
        lines = tuple(line.strip() for line in (self.rubric or "").splitlines() if line.strip())
        return lines if len(lines) == 5 else None
