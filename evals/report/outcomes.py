"""What became of an answer, and why it failed: read from its stored scores, in one word each.

The words are those of the scores themselves; nothing is judged again. Where several causes fit a failure, the first in
the order of `CAUSES` is told, so that every wrong answer has exactly one.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from evals.schema import Failure, Score, ScoreLine
from evals.store import Manifest

Outcome = Literal["right", "partial", "abstained", "wrong", "error", "unscored", "timed"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("right", "partial", "abstained", "wrong", "error", "unscored", "timed")

CAUSES: Final = {
    "malformed": "not in the asked format",
    "leak": "another user's data",
    "off_brand": "right but not in the brand's voice",
    "refused": "refused though answerable",
    "stale_memory": "a superseded value",
    "invented": "made up where nothing can be known",
    "retrieval_miss": "the gold passage was not retrieved",
    "unused_context": "retrieved but unused or misread",
    "false_memory": "another value, without any passage",
    "twin": "right, but its twin question is not",
    "unknown": "no score tells",
}
"""Cause of a failure -> what it means."""

_STATED: Final[dict[str, Outcome]] = {"correct": "right", "abstained": "abstained", "wrong": "wrong"}


def outcome(line: ScoreLine, manifest: Manifest, error: Failure | None = None) -> Outcome:
    """One word for an answer: by its headline score, or ``error`` where the system gave none.

    A headline that is not a share in [0, 1] (seconds, dollars) makes the answer ``timed``; a headline without a value
    ``unscored``; one strictly between its bounds ``partial``.
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


def cause(line: ScoreLine, found: Outcome, headline: str) -> str | None:
    """Why an answer failed, a key of `CAUSES`; None where it did not fail or the failure is the system's own."""
    if found not in ("wrong", "abstained", "partial"):
        return None
    detail = _detail(line, headline)
    if found == "abstained" or _is(line, "over_refusal", 1):
        return "refused"
    for name, told in (("schema_valid", 0), ("leak", 1)):
        if _is(line, name, told):
            return "malformed" if name == "schema_valid" else name
    if detail.get("correct") is True:
        return "off_brand"
    if detail.get("own") is True:
        return "twin"
    return _memory_or_context(line)


def _memory_or_context(line: ScoreLine) -> str:
    if _is(line, "stale", 1):
        return "stale_memory"
    if _is(line, "fabrication", 1):
        return "invented"
    recall = line.scores.get("recall_at_k")
    if recall is None or recall.unscored == "no_gold":
        return "unknown"
    if recall.value is None:
        return "false_memory"
    return "unused_context" if recall.value >= 1 else "retrieval_miss"


def marked(scores: dict[str, Score]) -> list[str]:
    """Parts of the answer that a score names as unsupported, invented or superseded, in order, each once."""
    found: dict[str, None] = {}
    for name, key in (("unsupported", "unsupported"), ("fabrication", "invented"), ("stale", "said")):
        score = scores.get(name)
        named = (score.detail or {}).get(key) if score is not None else None
        if isinstance(named, list):
            found.update(dict.fromkeys(part for part in named if isinstance(part, str) and part))
    return list(found)


def _detail(line: ScoreLine, metric: str) -> dict[str, Any]:
    score = line.scores.get(metric)
    return {} if score is None else score.detail or {}


def _is(line: ScoreLine, metric: str, value: float) -> bool:
    score = line.scores.get(metric)
    return score is not None and score.value == value
