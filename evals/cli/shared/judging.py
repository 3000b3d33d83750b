"""The options of every command that asks a judge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evals.core.errors import UsageError
from evals.core.judge import JudgeSettings
from evals.judge.settings import from_environment, parse_endpoint


def judge_settings(
    judge: str | None,
    embedder: str | None,
    rubric: Path | None,
    calibration: Path | None,
    concurrency: int,
    timeout: float,
    tries: int,
) -> JudgeSettings | None:
    """The judge of a command; the environment's where no ``--judge`` is given. None where neither
    names one.

    Raises UsageError for a broken address or a rubric that cannot be read.
    """
    settings = from_environment() if judge is None else JudgeSettings(parse_endpoint(judge))
    if settings is None:
        return None
    try:
        text = None if rubric is None else rubric.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the rubric cannot be read: {error}", where=rubric) from error
    return replace(
        settings,
        embedder=parse_endpoint(embedder, "embedder")
        if embedder is not None
        else settings.embedder,
        rubric=text,
        calibration=calibration or settings.calibration,
        concurrency=concurrency,
        timeout=timeout,
        deadline=5 * timeout,
        tries=tries,
    )
