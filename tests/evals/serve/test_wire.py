"""What is read of a request, what is refused, what is ignored and said to be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evals.core.normalise import normalised
from evals.core.schema import Finish, Message, Response, Usage
from evals.serve.wire import (
    READ,
    BadRequest,
    Writer,
    chat_of_response,
    failure_of,
    finish_reason,
    read_request,
    response_object,
    stopped,
)


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
    assert asked.ignored == ("temperature", "messages[0]")
    assert asked.request.max_new_tokens == 5
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
        (body(tools=[{"type": "function"}]), 400),
        (body(tool_choice="auto", tools=[{}]), 400),
        (body(max_tokens=0), 400),
        (body(stop=[str(n) for n in range(17)]), 400),
        (body(stream="yes"), 400),
        (body(response_format={"type": "xml"}), 400),
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


def test_a_conversation_is_passed_on() -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How much is the lamp?"},
        {"role": "assistant", "content": "€24."},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": [{"type": "text", "text": "And the chair?"}]},
    ]
    asked = read_request(body(messages=turns), "m", "i")
    assert asked.request.question == "And the chair?"
    assert asked.request.history == (
        Message("user", "How much is the lamp?"),
        Message("assistant", "€24."),
    )
    assert asked.ignored == ("messages[0]", "messages[3]")


CLIENTS: dict[str, dict[str, Any]] = {
    "openai-python": {"max_completion_tokens": 64, "stop": None, "store": False},
    "LangChain": {"stop": ["\nHuman:"], "temperature": 0.7, "n": 1, "stream": False},
    "LiteLLM": {"max_tokens": 64, "tools": None, "extra_body": {}, "metadata": {"a": 1}},
    "Open WebUI": {
        "stream": True,
        "stream_options": {"include_usage": True},
        "tool_choice": "auto",
        "tools": [],
        "chat_id": "c1",
        "features": {"web_search": False},
    },
    "JSON": {"response_format": {"type": "json_object"}},
}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_real_clients_send_is_read_and_the_unknown_listed(client: str) -> None:
    sent = CLIENTS[client]
    asked = read_request(body(**sent), "m", "i")
    known = {*READ, "model", "messages"}
    assert set(asked.ignored) == {
        k for k, v in sent.items() if k not in known and v not in (None, [])
    }
    assert asked.stop == tuple(sent.get("stop") or ())


@pytest.mark.parametrize(
    ("text", "stops", "expected"),
    [
        ("a b c", [], "a b c"),
        ("a b c", ["b"], "a "),
        ("a b c", ["c", "b"], "a "),
        ("abc", ["x"], "abc"),
    ],
)
def test_a_text_ends_before_its_first_stop(text: str, stops: list[str], expected: str) -> None:
    assert stopped(text, stops) == expected


def test_the_responses_api_is_read_as_a_chat() -> None:
    sent = {"model": "m", "input": "hi", "instructions": "Be kind.", "max_output_tokens": 9}
    asked = read_request(chat_of_response(json.dumps(sent).encode()), "m", "i")
    assert (asked.request.question, asked.request.max_new_tokens) == ("hi", 9)
    parts = [{"role": "user", "content": [{"type": "input_text", "text": "hello"}]}]
    listed = json.dumps({"model": "m", "input": parts}).encode()
    assert read_request(chat_of_response(listed), "m", "i").request.question == "hello"
    for bad in (b"{", b'{"model": "m"}', b'{"input": [1]}', b'{"input": "x", "stream": true}'):
        with pytest.raises(BadRequest):
            chat_of_response(bad)
    answer = json.loads(response_object(Writer("1", "m", 7), Response("i", "Hello!")))
    assert answer["output"][0]["content"][0]["text"] == "Hello!"
