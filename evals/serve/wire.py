"""OpenAI's chat completions as bytes: requests checked, answers, chunks and errors built.

Source: the OpenAI API reference, chat completions and its streaming; error bodies as its client
reads them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from evals.core.errors import AdaptbenchError
from evals.core.normalise import NO_TEXT
from evals.core.schema import Request, Response

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

IGNORED: Final = {
    "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "min_p", "presence_penalty",
    "reasoning_effort", "seed", "stop", "temperature", "top_k", "top_logprobs", "top_p", "verbosity",
}  # fmt: skip
"""Decode settings: a served system keeps those it was evaluated with. Named in the header
``x-adaptbench-ignored``.
"""


class BadRequest(Exception):
    """A request that is answered with one of the protocol's own errors."""

    def __init__(
        self, message: str, *, status: int = 400, kind: str = "invalid_request_error", param: str | None = None,
        code: str | None = None,
    ) -> None:  # fmt: skip
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


@dataclass(frozen=True)
class Asked:
    """A checked request: what the system is asked, how the answer is sent, and the settings that
    were ignored.
    """

    request: Request
    model: str
    stream: bool
    usage: bool
    ignored: tuple[str, ...] = field(default=())


_decode = msgspec.json.Decoder(_Body).decode


def read_request(data: bytes, served: str, identifier: str) -> Asked:
    """Check a body and make the system's request of it: its last message, which must be the user's.

    Earlier turns and decode settings are left out, because a system answers questions its own way;
    they are listed in ``ignored``. Raises BadRequest for anything else that cannot be honoured.
    """
    try:
        body = _decode(data)
        keys = set(msgspec.json.decode(data))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequest(f"the body is not a chat completion request: {error}") from error
    if body.model not in (served, "default"):
        message = f"the model {body.model[:200]!r} is not served here; this is {served!r}"
        raise BadRequest(message, status=404, param="model", code="model_not_found")
    if not body.messages or body.messages[-1].role != "user":
        raise BadRequest("messages must end with a user's message", param="messages")
    if body.n not in (1, None):
        raise BadRequest("only one choice per request is made", param="n", code="unsupported_value")
    if refused := sorted(UNSUPPORTED & keys):
        raise BadRequest(
            f"{refused[0]} is not supported", param=refused[0], code="unsupported_parameter"
        )
    question = _text(body.messages[-1])
    if not question.strip():
        raise BadRequest("the user's message is empty", param="messages")
    ignored = (
        sorted(IGNORED & keys) + [f"messages[{n}]" for n in range(len(body.messages) - 1)][:20]
    )
    schema = _schema(body.response_format)
    request = Request(identifier, question, user=body.user, json_schema=schema)
    usage = body.stream_options is not None and body.stream_options.include_usage
    return Asked(request, body.model, bool(body.stream), usage, tuple(ignored))


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
    inner = form.get("json_schema")
    schema = inner.get("schema") if isinstance(inner, dict) else None
    if form.get("type") != "json_schema" or not isinstance(schema, dict):
        raise BadRequest(
            "response_format is text, or json_schema with a schema", param="response_format"
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
    rows = [
        {"id": name, "object": "model", "created": created, "owned_by": "adaptbench"}
        for name in names
    ]
    return msgspec.json.encode({"object": "list", "data": rows})
