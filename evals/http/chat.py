"""Chat completions over HTTP: the request's body, and the answer, streamed or whole, read into one
form.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from evals.core.normalise import clean
from evals.core.reasoning import answer_so_far, split_reasoning
from evals.core.schema import Finish, Usage
from evals.http.dialect import LIMITS, MOST, Dialect
from evals.http.transport import Received, Transport, Trouble, parsed
from evals.http.usage import UsageTable

Show = Callable[[str], None]
"""Called with the whole answer so far, whenever it has grown."""

_FINISHES: Final[Mapping[str, Finish]] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "filtered",
    "safety": "filtered",
    "recitation": "filtered",
    "tool_calls": "tool_call",
    "function_call": "tool_call",
    "tool_use": "tool_call",
    "refusal": "refused",
}
"""How servers say that an answer ended; whatever else they say is an end by itself."""

_THOUGHTS: Final = ("thinking", "reasoning", "redacted_thinking")


@dataclass(frozen=True)
class Completion:
    """One answer.

    ``text`` is without thoughts, ``first`` the moment (monotonic clock) of the first piece of
    either.

    ``usage`` is None where the server does not say, ``logprobs`` where it gave none, or one that is
    no number.
    """

    text: str
    reasoning: str = ""
    finish: Finish = "stop"
    usage: Usage | None = None
    logprobs: tuple[float, ...] | None = None
    first: float | None = None


def chat_body(
    model: str,
    messages: Sequence[Mapping[str, str]],
    *,
    max_tokens: int | None = None,
    stream: bool = False,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A chat completion request; ``more`` goes in as it is, before everything else."""
    body: dict[str, Any] = {"model": model, "messages": list(messages)}
    if max_tokens is not None and not any(name in (more or {}) for name in LIMITS):
        body["max_tokens"] = max_tokens
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body | dict(more or {})


class ChatClient:
    """Asks one server for chat completions, in the form that it takes. Thread-safe; close it."""

    def __init__(self, url: str, transport: Transport, fixed: Sequence[str] = ()) -> None:
        self.url, self.transport, self.dialect = f"{url}/chat/completions", transport, Dialect()
        self._fixed = frozenset(fixed)

    def complete(
        self,
        body: Mapping[str, Any],
        show: Show | None = None,
        sending: Callable[[], None] | None = None,
    ) -> Completion:
        """The answer to one request; ``sending`` is called before every exchange that it takes.

        Raises Trouble and SystemFailure as `Transport.post`.
        """
        for _ in range(MOST):
            sent = self.dialect.adapt(body, self._fixed)
            if sending is not None:
                sending()
            try:
                with self.transport.post(self.url, sent) as received:
                    return read_completion(received, show)
            except Trouble as trouble:
                refused = trouble.kind == "rejected" and self.dialect.learn(
                    sent, trouble.message, self._fixed
                )
                if not refused:
                    raise
        raise Trouble("rejected", "the server refuses every form of the request", passing=False)

    def close(self) -> None:
        self.transport.close()


def read_completion(received: Received, show: Show | None = None) -> Completion:
    """The whole answer, streamed or not.

    Raises Trouble where it is cut off, malformed or of another kind.
    """
    parts = _Parts(show)
    if received.kind == "text/event-stream":
        _read_events(received, parts)
    elif received.kind == "application/json":
        parts.take(received.json(), "message")
    else:
        raise Trouble(
            "bad_answer",
            f"content type {received.kind or 'missing'}, not text/event-stream or JSON",
        )
    return parts.completion()


def _read_events(received: Received, parts: _Parts) -> None:
    for line in received.lines():
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        parts.take(parsed(data), "delta")


@dataclass
class _Parts:
    """What has arrived so far of one choice; others are passed over."""

    show: Show | None = None
    content: list[str] = field(default_factory=list)
    thoughts: list[str] = field(default_factory=list)
    refusal: list[str] = field(default_factory=list)
    logprobs: list[object] = field(default_factory=list)
    usage: Usage | None = None
    finish: str | None = None
    called: bool = False
    first: float | None = None

    def take(self, event: Any, part: str) -> None:
        """Add one event, or a whole reply."""
        try:
            if event.get("error"):
                raise Trouble("server_error", str(event["error"])[:300])
            for place, choice in enumerate(event.get("choices") or ()):
                if choice.get("index", place) == 0:
                    self._choice(choice, part)
            if event.get("usage"):
                self.usage = msgspec.convert(event["usage"], UsageTable).usage()
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            raise Trouble(
                "bad_answer", f"not a chat completion: {type(error).__name__}: {error}"
            ) from error

    def _choice(self, choice: Mapping[str, Any], part: str) -> None:
        message = choice.get(part) or {}
        before = len(self.content) + len(self.thoughts) + len(self.refusal)
        _gather(message.get("content"), self.content, self.thoughts, self.refusal)
        _gather(
            message.get("reasoning_content") or message.get("reasoning"),
            self.thoughts,
            self.thoughts,
            [],
        )
        _gather(message.get("refusal"), self.refusal, self.refusal, [])
        self.called = self.called or bool(message.get("tool_calls") or message.get("function_call"))
        if len(self.content) + len(self.thoughts) + len(self.refusal) > before:
            self.first = self.first or time.monotonic()
            if self.show is not None:
                self.show(answer_so_far("".join(self.content)))
        for token in (choice.get("logprobs") or {}).get("content") or ():
            self.logprobs.append(token["logprob"])
        if choice.get("finish_reason"):
            self.finish = str(choice["finish_reason"]).lower()

    def completion(self) -> Completion:
        """The answer. Raises Trouble where it has not ended."""
        if self.finish is None:
            raise Trouble("broken_stream", "the answer ended before it was finished")
        text, within = split_reasoning(clean("".join(self.content)))
        refusal = clean("".join(self.refusal)).strip()
        finish = _FINISHES.get(self.finish, "stop")
        if refusal and not text.strip():
            text, finish = refusal, "refused"
        elif self.called and not text.strip():
            finish = "tool_call"
        given = clean("".join(self.thoughts)).strip()
        reasoning = "\n".join(t for t in (given, within) if t)
        return Completion(
            text.strip(), reasoning, finish, self.usage, _numbers(self.logprobs), self.first
        )


def _gather(content: Any, text: list[str], thoughts: list[str], refusal: list[str]) -> None:
    """Add a message's content: a string, or a list of typed parts, each of them text, thought or
    refusal.

    Raises TypeError where it is neither.
    """
    if content is None or content == "":
        return
    if isinstance(content, str):
        text.append(content)
    elif isinstance(content, list):
        for part in content:
            _gather(part, text, thoughts, refusal)
    elif isinstance(content, Mapping):
        kind = str(content.get("type", "text"))
        held = next(
            (content[k] for k in (kind, "text", "content", "summary") if content.get(k)), None
        )
        target = thoughts if kind in _THOUGHTS else refusal if kind == "refusal" else text
        if target is thoughts:
            _gather(held, thoughts, thoughts, thoughts)
        elif target is refusal or kind in ("text", "output_text"):
            _gather(held, target, thoughts, refusal)
    else:
        raise TypeError(f"content is {type(content).__name__}, neither text nor a list of parts")


def _numbers(values: Sequence[object]) -> tuple[float, ...] | None:
    if not values or not all(isinstance(v, int | float) and math.isfinite(v) for v in values):
        return None
    return tuple(round(float(v), 4) for v in values)  # type: ignore[arg-type]
