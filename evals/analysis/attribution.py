"""Why an answer is wrong: one label, read from its stored scores; nothing is judged again."""

from __future__ import annotations

from typing import Any, Final, Literal, cast, get_args

from evals.core.schema import ScoreLine

Cause = Literal[
    "failed",
    "malformed",
    "leaked",
    "refused",
    "off_brand",
    "twin",
    "stale",
    "invented",
    "retrieval_miss",
    "misread",
    "no_context",
    "unexplained",
]
CAUSES: Final = cast(tuple[Cause, ...], get_args(Cause))
"""All causes, in the order in which they are tried."""


def cause(line: ScoreLine, headline: str) -> Cause:
    """The first label of `CAUSES` that the scores of a wrong answer support; ``unexplained`` where
    none does.
    """
    score = line.scores.get(headline)
    detail: dict[str, Any] = {} if score is None else score.detail or {}
    recall = line.scores.get("recall_at_k")
    tests: dict[Cause, bool] = {
        "failed": detail.get("outcome") == "no_answer"
        or (score is not None and score.unscored == "system_error"),
        "malformed": _is(line, "schema_valid", 0),
        "leaked": _is(line, "leak", 1),
        "refused": _is(line, "over_refusal", 1),
        "off_brand": detail.get("correct") is True,
        "twin": detail.get("own") is True,
        "stale": _is(line, "stale", 1),
        "invented": _is(line, "fabrication", 1),
        "retrieval_miss": recall is not None and recall.value is not None and recall.value < 1,
        "misread": recall is not None and recall.value == 1,
        "no_context": recall is not None and recall.unscored == "no_context",
    }
    return next((label for label, fits in tests.items() if fits), "unexplained")


def _is(line: ScoreLine, metric: str, value: float) -> bool:
    score = line.scores.get(metric)
    return score is not None and score.value == value
