"""Whatever form a server gives an answer in, streamed or whole, it is read as one answer with its
thoughts apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from evals.core.schema import Usage
from evals.http.chat import Completion, chat_body, read_completion
from evals.http.transport import Received, Trouble

NAN = float("nan")
USAGE = {"prompt_tokens": 20, "completion_tokens": 9}


class Reply(Received):
    """A reply whose body is known."""

    def __init__(self, body: bytes, kind: str) -> None:
        self._body, self._kind = body, kind

    @property
    def kind(self) -> str:
        return self._kind

    def blocks(self) -> Iterator[bytes]:
        yield from (self._body[n : n + 7] for n in range(0, len(self._body), 7))


def whole(message: Any, finish: str = "stop", **more: Any) -> Completion:
    reply = {"choices": [{"index": 0, "message": message, "finish_reason": finish}], **more}
    return read_completion(Reply(json.dumps(reply).encode(), "application/json"))


def streamed(deltas: list[Any], finish: str = "stop", **more: Any) -> Completion:
    events: list[Any] = [{"choices": [{"index": 0, "delta": d}]} for d in deltas]
    events += [
        {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]},
        {"choices": [], **more},
    ]
    body = (
        b"".join(b"data: " + json.dumps(e).encode() + b"\r\n\r\n" for e in events)
        + b"data: [DONE]\n\n"
    )
    return read_completion(Reply(body, "text/event-stream"))


FORMS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"content": "9 euros"}, "9 euros", "", "stop"),
    ({"content": None, "refusal": "I must not say."}, "I must not say.", "", "refused"),
    ({"content": [{"type": "refusal", "refusal": "No."}]}, "No.", "", "refused"),
    ({"content": "9 euros", "refusal": None}, "9 euros", "", "stop"),
    ({"content": "<think>7 or 9?</think>9 euros"}, "9 euros", "7 or 9?", "stop"),
    ({"content": "9 euros", "reasoning_content": "7 or 9?"}, "9 euros", "7 or 9?", "stop"),
    ({"content": "9 euros", "reasoning": "7 or 9?"}, "9 euros", "7 or 9?", "stop"),
    ({"content": "9 euros", "reasoning": "7?", "reasoning_content": "7?"}, "9 euros", "7?", "stop"),
    (
        {"content": [{"type": "text", "text": "9 "}, {"type": "text", "text": "euros"}]},
        "9 euros",
        "",
        "stop",
    ),
    ({"content": [{"type": "output_text", "text": "9 euros"}]}, "9 euros", "", "stop"),
    (
        {"content": [{"type": "reasoning", "text": "7?"}, {"type": "text", "text": "9"}]},
        "9",
        "7?",
        "stop",
    ),
    (
        {"content": [{"type": "thinking", "thinking": "7?"}, {"type": "text", "text": "9"}]},
        "9",
        "7?",
        "stop",
    ),
    (
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "7?"}]},
                {"type": "text", "text": "9"},
            ]
        },
        "9",
        "7?",
        "stop",
    ),
    (
        {
            "content": [
                {"type": "image_url", "image_url": {"url": "x"}},
                {"type": "text", "text": "9"},
            ]
        },
        "9",
        "",
        "stop",
    ),
    ({"content": None, "tool_calls": [{"function": {"name": "f"}}]}, "", "", "tool_call"),
    ({"content": "9 \ud83d"}, "9 \N{REPLACEMENT CHARACTER}", "", "stop"),
    ({"content": None}, "", "", "stop"),
    ({}, "", "", "stop"),
]


@pytest.mark.parametrize(("message", "text", "reasoning", "finish"), FORMS)
def test_every_form_of_content_is_read(
    message: dict[str, Any], text: str, reasoning: str, finish: str
) -> None:
    for found in (whole(message), streamed([message])):
        assert (found.text, found.reasoning, found.finish) == (text, reasoning, finish)


def test_a_character_cut_in_two_by_the_stream_is_whole_again() -> None:
    assert streamed([{"content": "9 \ud83d"}, {"content": "\ude00"}]).text == "9 \N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("said", "finish"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "filtered"),
        ("SAFETY", "filtered"),
        ("tool_calls", "tool_call"),
        ("function_call", "tool_call"),
    ],
)
def test_how_an_answer_ended(said: str, finish: str) -> None:
    assert (
        whole({"content": "9"}, said).finish == streamed([{"content": "9"}], said).finish == finish
    )


def test_the_first_of_several_choices_is_the_answer() -> None:
    choices = [
        {"index": n, "message": {"content": text}, "finish_reason": "stop"}
        for n, text in ((1, "7"), (0, "9"))
    ]
    body = json.dumps({"choices": choices}).encode()
    assert read_completion(Reply(body, "application/json")).text == "9"
    without = [{k: v for k, v in c.items() if k != "index"} for c in reversed(choices)]
    assert (
        read_completion(Reply(json.dumps({"choices": without}).encode(), "application/json")).text
        == "9"
    )


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (USAGE, Usage(20, 9)),
        (USAGE | {"prompt_tokens_details": {"cached_tokens": 16}}, Usage(20, 9, 16)),
        (USAGE | {"prompt_tokens_details": None, "completion_tokens_details": None}, Usage(20, 9)),
        (USAGE | {"completion_tokens_details": {"reasoning_tokens": 5}}, Usage(20, 9, 0, 5)),
        (USAGE | {"completion_tokens_details": {"reasoning_tokens": 50}}, Usage(20, 59, 0, 50)),
        (USAGE | {"completion_tokens": -9}, None),
        (USAGE | {"completion_tokens": 1e999}, None),
        (USAGE | {"completion_tokens": "many"}, None),
        ({"completion_tokens": None}, None),
        ({}, None),
        (None, None),
    ],
)
def test_token_counts_that_can_be_true(usage: Any, expected: Usage | None) -> None:
    assert whole({"content": "9"}, usage=usage).usage == expected
    assert streamed([{"content": "9"}], usage=usage).usage == expected


@pytest.mark.parametrize("value", [NAN, -1e999, None, "low"])
def test_log_probabilities_are_all_numbers_or_none(value: Any) -> None:
    def asked(values: list[Any]) -> Completion:
        tokens = {"content": [{"token": "9", "logprob": v} for v in values]}
        choice = {"message": {"content": "9"}, "finish_reason": "stop", "logprobs": tokens}
        return read_completion(
            Reply(json.dumps({"choices": [choice]}).encode(), "application/json")
        )

    assert asked([-0.5, value]).logprobs is None
    assert asked([-0.5, 0]).logprobs == (-0.5, 0.0)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[1]", "bad_answer"),
        (b'{"choices": [[]]}', "bad_answer"),
        (b'{"choices": 3}', "bad_answer"),
        (b'{"choices": [{"message": "x"}]}', "bad_answer"),
        (b'{"choices": [{"message": {"content": 3}, "finish_reason": "stop"}]}', "bad_answer"),
        (
            b'{"choices": [{"message": {"content": "x"}, "finish_reason": "stop"}], "usage": [1]}',
            "bad_answer",
        ),
        (b"{" * 100_000, "bad_answer"),
        (b'{"choices": []}', "broken_stream"),
        (b'{"error": {"message": "out of memory"}}', "server_error"),
    ],
)
def test_what_is_no_completion_is_a_trouble_by_kind(body: bytes, kind: str) -> None:
    with pytest.raises(Trouble) as found:
        read_completion(Reply(body, "application/json"))
    assert found.value.kind == kind


def test_a_watcher_sees_the_answer_grow_and_no_thought() -> None:
    seen: list[str] = []
    deltas = [
        {"reasoning_content": "7?"},
        {"content": "<thi"},
        {"content": "nk>7?</think>"},
        {"content": "9"},
    ]
    events = [{"choices": [{"delta": d, "finish_reason": "stop"}]} for d in deltas]
    body = b"".join(b"data: " + json.dumps(e).encode() + b"\n\n" for e in events)
    assert read_completion(Reply(body, "text/event-stream"), seen.append).text == "9"
    assert seen == ["", "", "", "9"]


def test_own_keys_go_before_ours() -> None:
    messages = [{"role": "user", "content": "q"}]
    assert chat_body("m", messages, max_tokens=8) == {
        "model": "m",
        "messages": messages,
        "max_tokens": 8,
    }
    mine = chat_body("m", messages, max_tokens=8, more={"max_completion_tokens": 99, "top_p": 0.5})
    assert mine == {"model": "m", "messages": messages, "max_completion_tokens": 99, "top_p": 0.5}
