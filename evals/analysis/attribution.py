"""Why an answer is wrong: one label, read from its stored scores; nothing is judged again."""

from __future__ import annotations

from typing import Any, Final

from evals.core.schema import ScoreLine

CAUSES: Final = {
    "failed": "the system gave no answer",
    "malformed": "not in the asked format",
    "leaked": "another user's data",
    "refused": "refused though answerable",
    "off-brand": "right, but not in the brand's voice",
    "twin": "right, but its twin question is not",
    "stale memory": "a superseded value",
    "invented": "made up where nothing can be known",
    "retrieval miss": "the gold passage was not retrieved",
    "misread": "retrieved, but unused or misread",
    "no context": "another value, without any passage",
    "unexplained": "no stored score tells",
}
"""Label -> meaning, in the order in which they are tried."""


def cause(line: ScoreLine, headline: str) -> str:
    """The first label of `CAUSES` that the scores of a wrong answer support; ``unexplained`` where none does."""
    score = line.scores.get(headline)
    detail: dict[str, Any] = {} if score is None else score.detail or {}
    recall = line.scores.get("recall_at_k")
    tests = {
        "failed": detail.get("outcome") == "no_answer" or (score is not None and score.unscored == "system_error"),
        "malformed": _is(line, "schema_valid", 0),
        "leaked": _is(line, "leak", 1),
        "refused": _is(line, "over_refusal", 1),
        "off-brand": detail.get("correct") is True,
        "twin": detail.get("own") is True,
        "stale memory": _is(line, "stale", 1),
        "invented": _is(line, "fabrication", 1),
        "retrieval miss": recall is not None and recall.value is not None and recall.value < 1,
        "misread": recall is not None and recall.value == 1,
        "no context": recall is not None and recall.unscored == "no_context",
    }
    return next((label for label, fits in tests.items() if fits), "unexplained")


def _is(line: ScoreLine, metric: str, value: float) -> bool:
    score = line.scores.get(metric)
    return score is not None and score.value == value
