"""Every form of log says the same of the same answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import DataError, UsageError
from evals.core.schema import Message, Usage
from evals.core.traces import Reader, Trace, check_found

QUESTION, ANSWER = "How much is the lamp?", "It costs €24."
EARLIER = ({"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"})
ASKED = {"role": "user", "content": QUESTION}
USAGE = {"prompt_tokens": 31, "completion_tokens": 9}


def _attributes(**values: Any) -> list[dict[str, Any]]:
    return [
        {"key": key, "value": {"intValue" if isinstance(v, int) else "stringValue": v}}
        for key, v in values.items()
    ]


def _span(attributes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    span = {
        "name": "chat",
        "startTimeUnixNano": "1000000000",
        "endTimeUnixNano": "1500000000",
        "attributes": attributes,
        **more,
    }
    return {"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "http"}, span]}]}]}


_TOKENS = {"gen_ai.usage.input_tokens": 31, "gen_ai.usage.output_tokens": 9}
_PARTS = [{"type": "text", "content": QUESTION}]
_CHOICES = [{"message": {"role": "assistant", "content": ANSWER}}]

ENTRIES: Mapping[str, dict[str, Any]] = {
    "request and response": {
        "request": {"model": "m", "messages": [ASKED], "user": "u1"},
        "response": {"choices": _CHOICES, "usage": USAGE, "model": "m"},
        "latency": 0.5,
        "headers": {"authorization": "Bearer sk-secret"},
    },
    "batch": {
        "custom_id": "i1",
        "request": {"body": {"model": "m", "messages": [ASKED], "user": "u1"}},
        "response": {"status_code": 200, "body": {"choices": _CHOICES, "usage": USAGE}},
        "latency": 0.5,
    },
    "stored completion": {
        "object": "chat.completion",
        "model": "m",
        "messages": [ASKED],
        "choices": [{"message": {"content": [{"type": "text", "text": ANSWER}]}}],
        "usage": USAGE,
        "metadata": {"user": "u1"},
        "latency": "0.5",
    },
    "spans, messages": _span(
        _attributes(
            **{
                "gen_ai.request.model": "m",
                "user.id": "u1",
                "gen_ai.input.messages": json.dumps([{"role": "user", "parts": _PARTS}]),
                "gen_ai.output.messages": json.dumps(
                    [{"role": "assistant", "parts": [{"type": "text", "content": ANSWER}]}]
                ),
                **_TOKENS,
            }
        )
    ),
    "spans, numbered": _span(
        _attributes(
            **{
                "gen_ai.request.model": "m",
                "enduser.id": "u1",
                "gen_ai.prompt.0.role": "user",
                "gen_ai.prompt.0.content": QUESTION,
                "gen_ai.completion.0.content": ANSWER,
                **_TOKENS,
            }
        )
    ),
    "spans, events": _span(
        _attributes(**{"gen_ai.request.model": "m", "user.id": "u1", **_TOKENS}),
        events=[
            {"name": "gen_ai.user.message", "attributes": _attributes(content=QUESTION)},
            {
                "name": "gen_ai.choice",
                "attributes": _attributes(message=json.dumps({"content": ANSWER})),
            },
        ],
    ),
    "langfuse": {
        "id": "t1",
        "sessionId": None,
        "userId": "u1",
        "input": {"messages": [ASKED]},
        "output": {"role": "assistant", "content": ANSWER},
        "latency": 0.5,
        "observations": [
            {"type": "GENERATION", "model": "m", "usageDetails": {"input": 31, "output": 9}}
        ],
    },
    "promptfoo": {
        "vars": {"question": QUESTION},
        "provider": {"id": "m"},
        "prompt": {"raw": f"Answer: {QUESTION}"},
        "response": {"output": ANSWER, "tokenUsage": {"prompt": 31, "completion": 9}},
        "latencyMs": 500,
    },
    "plain": {
        "query": QUESTION,
        "response": ANSWER,
        "user": "u1",
        "usage": USAGE,
        "latency": 0.5,
        "model": "m",
    },
}


def read(path: Path, *entries: Any, **options: Any) -> list[Trace]:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
    return list(Reader(path, **options))


@pytest.mark.parametrize("form", ENTRIES)
def test_every_form_says_the_same(form: str, tmp_path: Path) -> None:
    (trace,) = read(tmp_path / "log.jsonl", ENTRIES[form])
    assert (trace.question, trace.answer) == (QUESTION, ANSWER)
    assert trace.usage == Usage(31, 9)
    assert (trace.model, trace.seconds) == ("m", 0.5)
    assert trace.user == (None if form == "promptfoo" else "u1")
    assert trace.error is None


@pytest.mark.parametrize("form", ENTRIES)
def test_nothing_but_the_fields_of_a_trace_is_taken(form: str, tmp_path: Path) -> None:
    entry = {**ENTRIES[form], "headers": {"authorization": "Bearer sk-secret"}}
    assert "sk-secret" not in repr(read(tmp_path / "log.jsonl", entry))


def test_earlier_turns_are_the_history(tmp_path: Path) -> None:
    chat = {"messages": [{"role": "system", "content": "Be brief."}, *EARLIER, ASKED]}
    answered = {"role": "assistant", "content": ANSWER}
    first, second = read(tmp_path / "a.jsonl", {"messages": [*chat["messages"], answered]})
    assert first == Trace("Hi", "Hello!")
    assert (second.question, second.answer) == (QUESTION, ANSWER)
    assert second.history == (Message("user", "Hi"), Message("assistant", "Hello!"))
    (only,) = read(tmp_path / "b.jsonl", {"request": chat, "response": {"choices": _CHOICES}})
    assert only.history == second.history


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"request": {"messages": [ASKED]}, "response": {"choices": []}}, "no question"),
        ({"request": {"messages": [ASKED]}, "response": {"choices": [{}]}}, "no answer"),
        ({"choices": _CHOICES}, "no question"),
        ({"vars": {"question": QUESTION}, "response": {}}, "no answer"),
        ({"input": "", "output": "x", "observations": []}, "no question"),
        ({"resourceSpans": [{"scopeSpans": "none"}]}, "another shape than its form has"),
        ({"resourceSpans": [1]}, "another shape than its form has"),
        ({"answer": "x"}, "no question"),
        ({"question": QUESTION}, "no answer"),
    ],
)
def test_what_cannot_be_read_is_counted(entry: Any, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(entry) + "\n[1]\nnot json\n" + json.dumps(ENTRIES["plain"]) + "\n")
    reader = Reader(path)
    assert len(list(reader)) == 1
    assert reader.dropped == {reason: 1, "not a JSON object": 1, "not JSON": 1}


def test_an_answer_that_failed_is_kept_as_a_failure(tmp_path: Path) -> None:
    entry = {"vars": {"question": QUESTION}, "response": {"error": "429 too many"}}
    (trace,) = read(tmp_path / "log.jsonl", entry)
    response = trace.response("i1")
    assert response.error is not None and response.error.message == "429 too many"


def test_a_document_and_a_table_are_read(tmp_path: Path) -> None:
    whole = tmp_path / "export.json"
    whole.write_text(json.dumps({"results": {"results": [ENTRIES["promptfoo"]]}}, indent=1))
    assert [t.answer for t in Reader(whole)] == [ANSWER]
    table = tmp_path / "calls.csv"
    table.write_text(f'question,answer,contexts\n{QUESTION},{ANSWER},"[""a"", ""b""]"\nlost\n')
    reader = Reader(table)
    (trace,) = reader
    assert trace.passages is not None and [p.text for p in trace.passages] == ["a", "b"]
    assert reader.dropped == {"a row with other columns than the header": 1}


def test_a_mapping_names_the_places(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[fields]\nquestion = "call.in.0"\nanswer = "call.out.text"\nuser = "who"\n')
    entry = {"call": {"in": [QUESTION], "out": {"text": ANSWER}}, "who": 7}
    (trace,) = read(tmp_path / "log.jsonl", entry, mapping=mapping)
    assert (trace.question, trace.answer, trace.user) == (QUESTION, ANSWER, "7")
    mapping.write_text('[fields]\nquestion = "q"\nanswr = "a"\n')
    with pytest.raises(DataError, match="answr"):
        Reader(tmp_path / "log.jsonl", mapping=mapping)


def test_bad_files_are_one_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        list(Reader(tmp_path / "absent.jsonl"))
    with pytest.raises(UsageError, match="form of log"):
        Reader(tmp_path / "log.jsonl", form="otel")
    broken = tmp_path / "broken.json"
    broken.write_text("[{")
    with pytest.raises(DataError, match="not a JSON document"):
        list(Reader(broken))
    reader = Reader(tmp_path / "log.jsonl")
    (tmp_path / "log.jsonl").write_text('{"a": 1}\n')
    with pytest.raises(UsageError, match="no answer"):
        check_found(reader, len(list(reader)))
