"""What an answer shares among metrics, and what a metric declares."""

from __future__ import annotations

import pytest

from evals.core.errors import UsageError
from evals.core.metric import Answer, Metric, guarded
from evals.core.schema import Failure, Item, Response, Score, scored

ITEM = Item("i", "s", "t", "How long?", "c")


def test_work_is_done_once_for_each_answer_and_argument() -> None:
    done: list[tuple[str, str]] = []

    def length(answer: Answer, unit: str = "") -> int:
        done.append((answer.response.text, unit))
        return len(answer.response.text)

    one, other = Answer(ITEM, Response("i", "30 days")), Answer(ITEM, Response("i", "a month"))
    assert [
        one.once(length),
        one.once(length),
        other.once(length),
        one.once(length, "letters"),
    ] == [7, 7, 7, 7]
    assert done == [("30 days", ""), ("a month", ""), ("30 days", "letters")]


def test_what_fails_is_not_remembered() -> None:
    def broken(answer: Answer) -> int:
        raise ValueError("unread")

    answer = Answer(ITEM, Response("i", "x"))
    for _ in range(2):
        with pytest.raises(ValueError, match="unread"):
            answer.once(broken)


def test_a_failed_answer_is_never_measured() -> None:
    def measure(answer: Answer) -> Score:
        return scored(1.0)

    failed = Response("i", error=Failure("timeout", "too late"))
    metric = Metric("m", "higher", measure)
    assert metric.score(ITEM, failed).unscored == "system_error"
    assert guarded(measure)(Answer(ITEM, failed)).unscored == "system_error"
    assert metric.score(ITEM, Response("i", "x")).value == 1.0


def test_a_share_lies_between_0_and_1() -> None:
    with pytest.raises(UsageError, match="no share of 1"):
        Metric("m", "lower", lambda answer: scored(3.0), bounds=(0.0, 10.0))
