"""What is read of a request, what is refused, what is ignored and said to be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evals.core.normalise import normalised
from evals.core.schema import Finish, Response, Usage
from evals.serve.wire import BadRequest, Writer, failure_of, finish_reason, read_request


def body(**changes: Any) -> bytes:
    fields = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **changes}
    return json.dumps({k: v for k, v in fields.items() if v != "absent"}).encode()


def test_the_last_message_is_asked() -> None:
    turns = [
        {"role": "system", "content": "s"},
        {"role": "user", "content": [{"type": "text", "text": "a?"}]},
    ]
    asked = read_request(body(messages=turns, user="u1", temperature=0.3, max_tokens=5), "m", "id1")
    assert (asked.request.id, asked.request.question, asked.request.user) == ("id1", "a?", "u1")
    assert asked.ignored == ("max_tokens", "temperature", "messages[0]")
    assert not asked.stream and not asked.usage


def test_a_schema_reaches_the_system() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}}
    assert read_request(body(response_format=form), "m", "i").request.json_schema == {
        "type": "object"
    }
    assert (
        read_request(body(response_format={"type": "text"}), "m", "i").request.json_schema is None
    )


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (body(model="absent"), 400),
        (body(model="other"), 404),
        (body(messages=[]), 400),
        (body(messages="hi"), 400),
        (body(messages=[{"role": "robot", "content": "x"}]), 400),
        (body(messages=[{"role": "assistant", "content": "x"}]), 400),
        (body(messages=[{"role": "user", "content": None}]), 400),
        (body(messages=[{"role": "user", "content": " "}]), 400),
        (
            body(
                messages=[
                    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
                ]
            ),
            400,
        ),
        (body(n=2), 400),
        (body(tools=[]), 400),
        (body(stream="yes"), 400),
        (body(response_format={"type": "json_object"}), 400),
        (body(response_format={"type": "json_schema", "json_schema": 5}), 400),
    ],
)
def test_what_cannot_be_honoured_is_refused(data: bytes, status: int) -> None:
    with pytest.raises(BadRequest) as problem:
        read_request(data, "m", "i")
    assert problem.value.status == status
    message = json.loads(problem.value.body())["error"]
    assert set(message) == {"message", "type", "param", "code"} and message["message"]


def test_answers_without_usage_say_null() -> None:
    message = json.loads(Writer("i", "m", 1).whole(Response("i", "hello"), {}))
    assert message["usage"] is None and message["choices"][0]["message"]["content"] == "hello"
    message = json.loads(
        Writer("i", "m", 1).whole(Response("i", "hello", usage=Usage(3, 2, 1)), {})
    )
    assert (
        message["usage"]["total_tokens"] == 5
        and message["usage"]["prompt_tokens_details"]["cached_tokens"] == 1
    )
    assert failure_of(Response("i", "hello")) is None


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("filtered", "content_filter"),
        ("tool_call", "tool_calls"),
    ],
)
def test_an_answer_without_text_is_an_answer_that_says_how_it_ended(
    finish: Finish, reason: str
) -> None:
    response = normalised(Response("i", finish=finish))
    assert failure_of(response) is None
    assert finish_reason(response) == reason
