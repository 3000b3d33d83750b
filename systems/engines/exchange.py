"""One chat completion over HTTP: the request's body, the streamed answer, and what it says about tokens."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from evals.core.schema import Usage
from systems.engines.base import Prompt
from systems.transport import Received, Trouble

Show = Callable[[str], None]


@dataclass
class Answer:
    """What has arrived so far. ``first`` is the moment of the first piece of text."""

    pieces: list[str] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    usage: Usage | None = None
    finish: Literal["stop", "length"] | None = None
    first: float | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()


def body_of(prompt: Prompt, model: str, *, logprobs: bool, stream: bool, extra: Mapping[str, Any]) -> dict[str, Any]:
    """A chat completion request, greedy."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in prompt.messages],
        "max_tokens": prompt.max_new_tokens,
        "temperature": 0,
        **extra,
    }
    if logprobs:
        body["logprobs"] = True
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return body


def read_answer(received: Received, show: Show | None) -> Answer:
    """The whole answer, streamed or not. Raises Trouble where it is cut off, malformed or of another kind."""
    answer = Answer()
    if received.kind == "text/event-stream":
        _read_events(received, answer, show)
    elif received.kind == "application/json":
        _take(received.json(), answer, "message", show)
    else:
        raise Trouble("bad_answer", f"content type {received.kind or 'missing'}, not text/event-stream or JSON")
    if answer.finish is None:
        raise Trouble("broken_stream", "the answer ended before it was finished")
    return answer


def _read_events(received: Received, answer: Answer, show: Show | None) -> None:
    for line in received.lines():
        if not line.startswith(b"data:"):
            continue
        data = line[5:].strip()
        if data == b"[DONE]":
            return
        try:
            event = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Trouble("bad_answer", f"an event is not JSON: {error}") from error
        _take(event, answer, "delta", show)


def _take(event: Any, answer: Answer, part: str, show: Show | None) -> None:
    """Add one event (or a whole reply) to the answer."""
    try:
        if "error" in event:
            raise Trouble("server_error", str(event["error"])[:300])
        for choice in event.get("choices") or ():
            piece = (choice.get(part) or {}).get("content") or ""
            if piece:
                answer.first = answer.first or time.monotonic()
                answer.pieces.append(str(piece))
                if show is not None:
                    show(str(piece))
            for token in (choice.get("logprobs") or {}).get("content") or ():
                answer.logprobs.append(round(float(token["logprob"]), 4))
            if choice.get("finish_reason"):
                answer.finish = "length" if choice["finish_reason"] == "length" else "stop"
        if event.get("usage"):
            answer.usage = _usage(event["usage"])
    except (AttributeError, TypeError, KeyError, ValueError) as error:
        raise Trouble("bad_answer", f"not a chat completion: {type(error).__name__}: {error}") from error


def _usage(table: Mapping[str, Any]) -> Usage:
    cached = (table.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    return Usage(
        prompt=int(table.get("prompt_tokens") or 0),
        completion=int(table.get("completion_tokens") or 0),
        cached=int(cached),
    )
