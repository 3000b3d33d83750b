"""A refusal that names a key of ours is met with the request's other form; any other refusal
stands.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from evals.http.dialect import Dialect

BODY: dict[str, Any] = {
    "model": "m",
    "messages": [],
    "max_tokens": 8,
    "temperature": 0,
    "seed": 1,
    "stop": ["\n"],
    "stream_options": {"include_usage": True},
    "response_format": {"type": "json_schema"},
}


def refusal(message: str, param: str | None = None, status: int = 400) -> str:
    return f"HTTP {status}: " + json.dumps({"error": {"message": message, "param": param}})


def pydantic(name: str) -> str:
    detail = [
        {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
    ]
    return "HTTP 422: " + json.dumps({"detail": detail})


@pytest.mark.parametrize(
    ("text", "gone", "new"),
    [
        (
            refusal("Use 'max_completion_tokens' instead.", "max_tokens"),
            "max_tokens",
            "max_completion_tokens",
        ),
        (refusal("Unsupported parameter: 'max_tokens'"), "max_tokens", "max_completion_tokens"),
        (
            refusal("'temperature' does not support 0 with this model.", "temperature"),
            "temperature",
            None,
        ),
        (refusal("temperature is deprecated for this model."), "temperature", None),
        (refusal("Unrecognized request argument supplied: seed"), "seed", None),
        (pydantic("seed"), "seed", None),
        (pydantic("stream_options"), "stream_options", None),
        (refusal("Unsupported parameter: 'stop'", "stop"), "stop", None),
        (refusal("this model does not take a json_schema"), "response_format", None),
        ("HTTP 400: unknown field seed", "seed", None),
    ],
)
def test_what_is_refused_is_renamed_or_left_out(text: str, gone: str, new: str | None) -> None:
    dialect = Dialect()
    assert dialect.learn(BODY, text)
    found = dialect.adapt(BODY)
    assert set(found) == (set(BODY) - {gone}) | ({new} if new else set())
    assert dialect.settled() is not None


@pytest.mark.parametrize(
    "text",
    [
        refusal("messages must not be empty", "messages"),
        refusal("max_tokens is too large: 4096. The maximum context length is 2048.", "max_tokens"),
        refusal("This model's maximum context length is 512 tokens (8 in max_tokens)"),
        "HTTP 400: bad request",
        "HTTP 400: {broken",
    ],
)
def test_a_refusal_for_another_cause_settles_nothing(text: str) -> None:
    dialect = Dialect()
    assert not dialect.learn(BODY, text)
    assert dialect.adapt(BODY) == BODY
    assert dialect.settled() is None


def test_each_refusal_settles_one_thing_and_both_limits_may_go() -> None:
    dialect = Dialect()
    dialect.learn(BODY, refusal("no max_tokens", "max_tokens"))
    dialect.learn(dialect.adapt(BODY), refusal("no max_completion_tokens", "max_completion_tokens"))
    dialect.learn(dialect.adapt(BODY), refusal("no temperature", "temperature"))
    assert not {"max_tokens", "max_completion_tokens", "temperature"} & set(dialect.adapt(BODY))
    assert dialect.settled() == {"limit": None, "left_out": ["temperature"]}


def test_a_late_refusal_of_the_old_form_is_known_already() -> None:
    dialect = Dialect()
    text = refusal("use max_completion_tokens", "max_tokens")
    assert dialect.learn(BODY, text)
    assert dialect.learn(BODY, text)
    assert dialect.adapt(BODY)["max_completion_tokens"] == 8


def test_what_the_user_wrote_stays() -> None:
    dialect = Dialect()
    assert not dialect.learn(BODY, refusal("no temperature", "temperature"), fixed=("temperature",))
    dialect.learn(BODY, refusal("no seed", "seed"))
    assert dialect.adapt(BODY, fixed=("seed",))["seed"] == 1
