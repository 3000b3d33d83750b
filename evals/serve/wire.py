"""OpenAI's chat completions as bytes: requests checked, answers, chunks and errors built.

Source: the OpenAI API reference, chat completions and its streaming; error bodies as its client
reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal, cast

import msgspec
from msgspec import Meta, Struct

from evals.core.errors import AdaptbenchError
from evals.core.normalise import NO_TEXT
from evals.core.schema import Message, Request, Response

MAX_BODY: Final = 1 << 20
"""Largest request body, bytes."""

DONE: Final = b"data: [DONE]\n\n"

UNSUPPORTED: Final = {
    "tools",
    "functions",
    "tool_choice",
    "audio",
    "modalities",
    "prediction",
    "web_search_options",
}
"""Asks for something that a system cannot give: refused."""

READ: Final = {
    "model", "messages", "stream", "stream_options", "n", "user", "response_format", "stop",
    "max_tokens", "max_completion_tokens",
}  # fmt: skip
"""What is honoured. Every other key that is set, decode settings among them (a served system keeps
those it was evaluated with), is named in the header ``x-adaptbench-ignored``.
"""

MAX_STOPS: Final = 16


class BadRequest(Exception):
    """A request that is answered with one of the protocol's own errors."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.kind, self.param, self.code = status, kind, param, code

    def body(self) -> bytes:
        """The error as the protocol writes it."""
        return error_body(str(self), self.kind, self.param, self.code)


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> bytes:
    """``{"error": {message, type, param, code}}``."""
    return msgspec.json.encode(
        {"error": {"message": message, "type": kind, "param": param, "code": code}}
    )


class _Part(Struct):
    type: str
    text: str | None = None


class _Turn(Struct):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[_Part] | None = None


class _StreamOptions(Struct):
    include_usage: bool = False


class _Body(Struct):
    model: str
    messages: list[_Turn]
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    n: int | None = 1
    user: str | None = None
    response_format: dict[str, Any] | None = None
    stop: str | list[str] | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None


@dataclass(frozen=True)
class Asked:
    """A checked request: what the system is asked, how the answer is sent, where it stops, and the
    settings that were ignored.
    """

    request: Request
    model: str
    stream: bool
    usage: bool
    stop: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=())


_decode = msgspec.json.Decoder(_Body).decode


def read_request(data: bytes, served: str, identifier: str) -> Asked:
    """Check a body and make the system's request of it: its last message, which must be the user's,
    after the earlier turns of user and assistant.

    A system prompt of the client's is left out, because the system has its own, and so are decode
    settings; they are listed in ``ignored``. Raises BadRequest for what cannot be honoured.
    """
    try:
        body = _decode(data)
        given = {key for key, value in msgspec.json.decode(data).items() if value not in (None, [])}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not a chat completion request: {error}") from error
    if body.model not in (served, "default"):
        message = f"the model {body.model[:200]!r} is not served here; this is {served!r}"
        raise BadRequest(message, status=404, param="model", code="model_not_found")
    if not body.messages or body.messages[-1].role != "user":
        raise BadRequest("messages must end with a user's message", param="messages")
    if body.n not in (1, None):
        raise BadRequest("only one choice per request is made", param="n", code="unsupported_value")
    if refused := sorted(UNSUPPORTED & given - _unused(body, given)):
        raise BadRequest(
            f"{refused[0]} is not supported", param=refused[0], code="unsupported_parameter"
        )
    question = _text(body.messages[-1])
    if not question.strip():
        raise BadRequest("the user's message is empty", param="messages")
    history, left_out = _history(body.messages[:-1])
    request = Request(
        identifier,
        question,
        user=body.user,
        json_schema=_schema(body.response_format),
        history=history,
        max_new_tokens=body.max_completion_tokens or body.max_tokens,
    )
    usage = body.stream_options is not None and body.stream_options.include_usage
    ignored = (*sorted(given - READ)[:20], *left_out[:20])
    return Asked(request, body.model, bool(body.stream), usage, _stops(body.stop), ignored)


def _unused(body: _Body, given: set[str]) -> set[str]:
    """Keys that clients send although they ask for nothing: a choice of tools where there are
    none.
    """
    return set() if {"tools", "functions"} & given else {"tool_choice"}


def _history(turns: Sequence[_Turn]) -> tuple[tuple[Message, ...], list[str]]:
    """Earlier turns of user and assistant that have text, and the names of the others."""
    found, left_out = [], []
    for number, turn in enumerate(turns):
        text = _text(turn) if turn.role in ("user", "assistant") else ""
        if text.strip():
            found.append(Message(cast(Literal["user", "assistant"], turn.role), text))
        else:
            left_out.append(f"messages[{number}]")
    return tuple(found), left_out


def _stops(stop: str | list[str] | None) -> tuple[str, ...]:
    stops = [stop] if isinstance(stop, str) else stop or []
    if len(stops) > MAX_STOPS:
        raise BadRequest(f"at most {MAX_STOPS} stop sequences", param="stop")
    return tuple(text for text in stops if text)


def stopped(text: str, stops: Sequence[str]) -> str:
    """The text up to the first of the stop sequences."""
    places = [at for stop in stops if (at := text.find(stop)) >= 0]
    return text[: min(places)] if places else text


def _text(turn: _Turn) -> str:
    if isinstance(turn.content, str):
        return turn.content
    parts = turn.content or []
    if other := next((p.type for p in parts if p.type != "text" or p.text is None), None):
        raise BadRequest(
            f"a part of type {other[:40]!r} is not supported; text is", param="messages"
        )
    return "".join(p.text or "" for p in parts)


def _schema(form: dict[str, Any] | None) -> dict[str, Any] | None:
    if form is None or form.get("type") == "text":
        return None
    if form.get("type") == "json_object":
        return {"type": "object"}
    inner = form.get("json_schema")
    schema = inner.get("schema") if isinstance(inner, dict) else None
    if form.get("type") != "json_schema" or not isinstance(schema, dict):
        raise BadRequest(
            "response_format is text, json_object, or json_schema with a schema",
            param="response_format",
        )
    return schema


@dataclass(frozen=True)
class Writer:
    """Writes one answer in the protocol's forms. ``created`` is in Unix seconds."""

    identifier: str
    model: str
    created: int

    def chunk(self, text: str | None, *, first: bool = False, finish: str | None = None) -> bytes:
        """One event of a stream: a piece of text, the opening role, or the closing reason."""
        delta: dict[str, str] = {"role": "assistant"} if first else {}
        if text is not None:
            delta["content"] = text
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return self._event({"choices": [choice]})

    def closing(self, response: Response, stages: dict[str, float]) -> bytes:
        """The last event where usage was asked for: token counts, wall seconds by stage, and
        retrieved passages.
        """
        return self._event({"choices": [], **self._extras(response, stages)})

    def whole(self, response: Response, stages: dict[str, float]) -> bytes:
        """An answer that is not streamed."""
        message = {"role": "assistant", "content": response.text, "refusal": None}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": None,
            "finish_reason": finish_reason(response),
        }
        return self._encode(
            "chat.completion", {"choices": [choice], **self._extras(response, stages)}
        )

    def _extras(self, response: Response, stages: dict[str, float]) -> dict[str, Any]:
        usage = response.usage
        counts = None
        if usage is not None:
            counts = {
                "prompt_tokens": usage.prompt,
                "completion_tokens": usage.completion,
                "total_tokens": usage.prompt + usage.completion,
                "prompt_tokens_details": {"cached_tokens": usage.cached},
            }
        found = [
            {"id": p.id, "document": p.document, "score": p.score} for p in response.passages or ()
        ]
        return {"usage": counts, "timings": stages, "passages": found}

    def _event(self, content: dict[str, Any]) -> bytes:
        return b"data: " + self._encode("chat.completion.chunk", content) + b"\n\n"

    def _encode(self, kind: str, content: dict[str, Any]) -> bytes:
        head = {"id": self.identifier, "object": kind, "created": self.created, "model": self.model}
        return msgspec.json.encode({**head, **content})


def chat_of_response(data: bytes) -> bytes:
    """A body of ``POST /v1/responses`` as one of chat completions. Raises BadRequest for a stream
    and for input that is no text.
    """
    try:
        body = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not a response request: {error}") from error
    if body.get("stream"):
        raise BadRequest("responses are not streamed here; chat completions are", param="stream")
    asked = body.pop("input", None)
    turns = [{"role": "user", "content": asked}] if isinstance(asked, str) else asked
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise BadRequest("input is a text, or a list of messages", param="input")
    messages = [
        {"role": turn.get("role"), "content": _chat_content(turn.get("content"))} for turn in turns
    ]
    if body.get("instructions"):
        messages.insert(0, {"role": "system", "content": body["instructions"]})
    kept = {k: v for k, v in body.items() if k not in ("instructions", "max_output_tokens", "text")}
    form = (body.get("text") or {}).get("format") if isinstance(body.get("text"), dict) else None
    return msgspec.json.encode(
        {
            **kept,
            "messages": messages,
            "max_tokens": body.get("max_output_tokens"),
            "response_format": form,
        }
    )


def _chat_content(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    names: dict[Any, str] = {"input_text": "text", "output_text": "text"}
    return [
        {**part, "type": names.get(part.get("type"), part.get("type"))}
        for part in content
        if isinstance(part, dict)
    ]


def response_object(writer: Writer, response: Response) -> bytes:
    """An answer in the form of ``/v1/responses``."""
    usage = response.usage
    counts = None
    if usage is not None:
        counts = {
            "input_tokens": usage.prompt,
            "output_tokens": usage.completion,
            "total_tokens": usage.prompt + usage.completion,
        }
    text = {"type": "output_text", "text": response.text, "annotations": []}
    return msgspec.json.encode(
        {
            "id": f"resp_{writer.identifier}",
            "object": "response",
            "created_at": writer.created,
            "status": "incomplete" if response.finish == "length" else "completed",
            "model": writer.model,
            "output": [
                {
                    "type": "message",
                    "id": f"msg_{writer.identifier}",
                    "status": "completed",
                    "role": "assistant",
                    "content": [text],
                }
            ],
            "usage": counts,
        }
    )


def finish_reason(response: Response) -> str:
    """How an answer ended, in the protocol's words."""
    return {"length": "length", "filtered": "content_filter", "tool_call": "tool_calls"}.get(
        response.finish, "stop"
    )


def failure_of(response: Response) -> BadRequest | None:
    """The error that a failed response is answered with; None for an answer, also for one without
    text.

    A prompt that is too long is the client's mistake (400), anything else the system's (500).
    """
    if response.error is None or response.error.kind in NO_TEXT:
        return None
    if response.error.kind == "prompt_too_long":
        return BadRequest(response.error.message, param="messages", code="context_length_exceeded")
    return BadRequest(
        response.error.message, status=500, kind="server_error", code=response.error.kind
    )


def failure_of_system(error: Exception) -> BadRequest:
    """The error that everyone in flight gets where the whole system fails; its trace stays in the
    server's log.
    """
    message = error.problem if isinstance(error, AdaptbenchError) else "the system failed"
    return BadRequest(message, status=500, kind="server_error", code="system_failure")


def model_list(names: Sequence[str], created: int) -> bytes:
    """The answer to ``GET /v1/models``."""
    return msgspec.json.encode({"object": "list", "data": [_row(name, created) for name in names]})


def model_row(name: str, created: int) -> bytes:
    """The answer to ``GET /v1/models/{name}``."""
    return msgspec.json.encode(_row(name, created))


def _row(name: str, created: int) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": "adaptbench"}
