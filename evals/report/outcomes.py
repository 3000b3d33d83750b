"""What became of an answer, and why it failed: read from its stored scores, in one word each.

The words are those of the scores themselves; nothing is judged again. Every failure has exactly one
cause (`analysis.attribution`).
"""

from __future__ import annotations

from typing import Any, Final, Literal

from evals.analysis.attribution import CAUSES, Cause
from evals.analysis.attribution import cause as attributed
from evals.core.schema import Failure, Score, ScoreLine
from evals.core.store import Manifest

Outcome = Literal["right", "partial", "abstained", "wrong", "error", "unscored", "timed"]
__all__ = ["CAUSES", "OUTCOMES", "Outcome", "cause", "marked", "outcome"]

OUTCOMES: Final[tuple[Outcome, ...]] = (
    "right",
    "partial",
    "abstained",
    "wrong",
    "error",
    "unscored",
    "timed",
)

_STATED: Final[dict[str, Outcome]] = {
    "correct": "right",
    "abstained": "abstained",
    "wrong": "wrong",
    "no_answer": "error",
}


def outcome(line: ScoreLine, manifest: Manifest, error: Failure | None = None) -> Outcome:
    """One word for an answer: by its headline score, or ``error`` where the system gave none.

    A headline that is not a share in [0, 1] (seconds, dollars) makes the answer ``timed``; a
    headline without a value ``unscored``; one strictly between its bounds ``partial``.
    """
    note = manifest.suites[line.suite]
    headline = line.scores.get(note.headline)
    if error is not None or (headline is not None and headline.unscored == "system_error"):
        return "error"
    if note.measured == "latency":
        return "timed"
    stated = _detail(line, note.headline).get("outcome")
    if isinstance(stated, str) and stated in _STATED:
        return _STATED[stated]
    if headline is None or headline.value is None:
        return "unscored"
    metric = manifest.metrics[note.headline]
    low, high = metric.bounds
    good, bad = (high, low) if metric.better != "lower" else (low, high)
    return "right" if headline.value == good else "wrong" if headline.value == bad else "partial"


def cause(line: ScoreLine, found: Outcome, headline: str) -> Cause | None:
    """Why an answer failed, a key of `CAUSES`; None where it did not fail or nothing was judged."""
    return (
        attributed(line, headline) if found in ("wrong", "abstained", "partial", "error") else None
    )


CORRECTNESS: Final = ("accuracy", "slot_accuracy", "answer_match")
"""Metrics that each say whether an answer is right."""


def disagreement(scores: dict[str, Score]) -> str:
    """That metrics of correctness differ on an answer, in words; empty where they do not."""
    said = {
        name: scores[name].value
        for name in CORRECTNESS
        if name in scores and scores[name].value is not None
    }
    right = [name for name, value in said.items() if value and value > 0.5]
    wrong = [name for name in said if name not in right]
    if not right or not wrong:
        return ""
    return f"Read this answer: {' and '.join(right)} says right, {' and '.join(wrong)} says wrong."


def marked(scores: dict[str, Score]) -> list[str]:
    """Parts of the answer that a score names as unsupported, invented or superseded, in order, each
    once.
    """
    found: dict[str, None] = {}
    for name, key in (
        ("unsupported", "unsupported"),
        ("fabrication", "invented"),
        ("stale", "said"),
    ):
        score = scores.get(name)
        named = (score.detail or {}).get(key) if score is not None else None
        if isinstance(named, list):
            found.update(dict.fromkeys(part for part in named if isinstance(part, str) and part))
    return list(found)


def _detail(line: ScoreLine, metric: str) -> dict[str, Any]:
    score = line.scores.get(metric)
    return {} if score is None else score.detail or {}
