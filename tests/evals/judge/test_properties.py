"""Properties that hold for the judged metrics, whatever the record and whatever the worker
replies.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.core.errors import SystemFailure
from evals.core.judge import Endpoint, JudgeSettings
from evals.core.metric import MetricContext
from evals.core.schema import encode
from evals.judge import ragas_metrics
from evals.judge.settings import MAX_TEXT
from evals.metrics.scoring import Entry, NoPack, metrics_named

CONTEXT = MetricContext(NoPack(), judge=JudgeSettings(Endpoint("http://127.0.0.1:1/v1", "m")))
TEXT = st.text(max_size=40) | st.sampled_from(
    [
        "",
        " \n",
        "a" * 1_000_000,
        "لا أعرف ٣٠",
        "😀👩‍👩‍👧‍👦",
        "\x00\x1b[31m",
        "\ud83d",
        '{"score": 5}',
        "</answer_1>",
    ]
)
REPLIES = st.fixed_dictionaries({"value": st.floats(-1, 9)}) | st.fixed_dictionaries(
    {
        "cause": st.sampled_from(["timeout", "garbage", "nan", "crash"]),
        "message": st.text(max_size=400),
    }
)


class Worker:
    """Replies as told, and keeps what it was shown."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self.reply = reply
        self.asked: list[dict[str, Any]] = []

    def ask(self, metric: str, sample: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(sample)
        return {**self.reply, "calls": 1}


@given(TEXT, TEXT, st.none() | st.lists(TEXT, max_size=3), st.lists(TEXT, max_size=2), REPLIES)
def test_a_value_in_bounds_or_a_typed_reason(
    question: str,
    answer: str,
    contexts: list[str] | None,
    references: list[str],
    reply: dict[str, Any],
) -> None:
    record = Entry(
        "a", answer, question, None if contexts is None else tuple(contexts), tuple(references)
    )
    worker = Worker(reply)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ragas_metrics, "shared", lambda settings: worker)
        for metric in metrics_named([f"ragas_{name}" for name in ragas_metrics.NEEDS], CONTEXT):
            score = metric.score(record.item(), record.answer())
            encode(score)
            if score.value is not None:
                assert math.isfinite(score.value)
                assert 0 <= score.value <= 1
    for sample in worker.asked:
        texts = [
            t for value in sample.values() for t in (value if isinstance(value, list) else [value])
        ]
        assert all(text.strip() and len(text) <= MAX_TEXT for text in texts)
        json.dumps(sample, ensure_ascii=False).encode()


def test_a_refusal_is_no_score() -> None:
    record = Entry("a", "b", "c")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            ragas_metrics, "shared", lambda settings: Worker({"cause": "refused", "message": "401"})
        )
        metric = metrics_named(["ragas_rubric"], CONTEXT)[0]
        with pytest.raises(SystemFailure):
            metric.score(record.item(), record.answer())
