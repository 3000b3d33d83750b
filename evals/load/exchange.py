"""One HTTP exchange with an OpenAI-compatible server: the bytes to send, and the times and counts
read from the answer.

Written for a client that must not be late: the answer is parsed as it arrives, once, by httptools
(llhttp) and msgspec.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final, cast

import httptools
import msgspec
from msgspec import Struct

from evals.core.schema import Usage
from evals.http.chat import chat_body
from evals.http.usage import UsageTable
from evals.load.records import ClientSpec, Observed, Planned, Stages

SHOWN: Final = 300
"""Characters of an error's body that are kept."""

MAX_LINE: Final = 1 << 20
"""Longest event or body that is read, bytes."""


class _Part(Struct):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None


class _Choice(Struct):
    delta: _Part | None = None
    message: _Part | None = None


class _Chunk(Struct):
    """What is read of a chunk or of a whole completion; other keys are skipped."""

    choices: list[_Choice] = []
    usage: UsageTable | None = None
    timings: dict[str, Any] | None = None
    error: Any = None


_decode = msgspec.json.Decoder(_Chunk).decode


def body_of(request: Planned, spec: ClientSpec) -> bytes:
    """The JSON body of a chat completion request."""
    messages = [{"role": "user", "content": request.prompt}]
    more = {} if request.user is None else {"user": request.user}
    body = chat_body(
        spec.model, messages, max_tokens=request.max_tokens, stream=spec.streams, more=more
    )
    return msgspec.json.encode(body)


class Exchange:
    """The state of one request between sending and the end of its answer. ``origin`` is the clock
    at the start.
    """

    def __init__(self, request: Planned, origin: float) -> None:
        self.request, self.origin = request, origin
        self.sent: float | None = None
        self.first: float | None = None
        self.last: float | None = None
        self.chunks = 0
        self.status = 0
        self.usage: Usage | None = None
        self.stages: Stages | None = None
        self.problem: str | None = None
        self.ended = False
        self._buffer = b""
        self._events = False

    def begin(self, status: int, kind: bytes) -> None:
        self.status = status
        self._events = kind.startswith(b"text/event-stream")

    def feed(self, data: bytes, now: float) -> None:
        """Take a piece of the body that arrived at clock time ``now``."""
        self._buffer = self._buffer + data if self._buffer else data
        if self._events:
            *lines, self._buffer = self._buffer.split(b"\n")
            for line in lines:
                if line.startswith(b"data:"):
                    self._event(line[5:].strip(), now)
        if len(self._buffer) > MAX_LINE:
            self.problem = f"an answer longer than {MAX_LINE} bytes"
            self._buffer = b""

    def finish(self, now: float) -> Observed:
        """The answer is whole: read what a body without events says, and close the record."""
        if self.status != 200:
            self.problem = (
                self.problem or self._buffer[:SHOWN].decode("utf-8", "replace") or "no body"
            )
        elif not self._events:
            self._event(self._buffer.strip(), now)
        elif not self.ended and self.problem is None:
            self.problem = "the stream ended without [DONE]"
        return self.record(now, self.problem)

    def record(self, now: float | None, problem: str | None) -> Observed:
        return Observed(
            id=self.request.id,
            scheduled=self.request.at,
            sent=self._since(self.sent),
            first=self._since(self.first),
            last=self._since(self.last),
            done=self._since(now),
            status=self.status,
            chunks=self.chunks,
            usage=self.usage,
            stages=self.stages,
            error=problem,
        )

    def _since(self, moment: float | None) -> float | None:
        return None if moment is None else round(moment - self.origin, 6)

    def _event(self, payload: bytes, now: float) -> None:
        if payload == b"[DONE]":
            self.ended = True
            return
        try:
            chunk = _decode(payload)
        except msgspec.DecodeError as error:
            self.problem = f"not a chat completion: {error}"
            return
        if chunk.error is not None:
            self.problem = str(chunk.error)[:SHOWN]
        for choice in chunk.choices:
            part = choice.delta or choice.message
            if part is not None and (part.content or part.reasoning_content or part.reasoning):
                self.first = now if self.first is None else self.first
                self.last = now
                self.chunks += 1
        if chunk.usage is not None:
            self.usage = chunk.usage.usage()
        if chunk.timings is not None:
            self.stages = stages_of(chunk.timings)


def stages_of(timings: dict[str, Any]) -> Stages | None:
    """Server-side stages: ours in seconds, or llama.cpp's ``prompt_ms`` and ``predicted_ms``. None
    for other forms.
    """
    if "prompt_ms" in timings and "predicted_ms" in timings:
        return Stages(
            prefill=_number(timings["prompt_ms"]) / 1000,
            decode=_number(timings["predicted_ms"]) / 1000,
        )
    if "prefill" in timings:
        return Stages(**{name: _number(timings.get(name)) for name in Stages.__struct_fields__})
    return None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection that serves one exchange at a time."""

    def __init__(
        self,
        free: Callable[[Connection], None],
        done: Callable[[Observed], None],
        lost: Callable[[Connection], None],
    ) -> None:
        self._free, self._done, self._lost = free, done, lost
        self.transport: asyncio.Transport | None = None
        self.exchange: Exchange | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._kind = b""
        self._now = 0.0

    def send(self, exchange: Exchange, data: bytes) -> None:
        """Hand the request to the socket and note the moment."""
        self.exchange = exchange
        exchange.sent = time.monotonic()
        if self.transport is None or self.transport.is_closing():
            self.fail("the connection was closed")
        else:
            self.transport.write(data)

    def fail(self, problem: str) -> None:
        """End the exchange in flight, if any, with an error, and close."""
        exchange, self.exchange = self.exchange, None
        if self.transport is not None:
            self.transport.abort()
        if exchange is not None:
            self._done(exchange.record(None, problem))

    # asyncio
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._now = time.monotonic()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.fail(f"not HTTP: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost(self)
        self.fail(f"the connection was lost{f': {exc}' if exc else ''}")

    # httptools
    def on_message_begin(self) -> None:
        self._kind = b""

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"content-type":
            self._kind = value

    def on_headers_complete(self) -> None:
        if self.exchange is not None:
            self.exchange.begin(self._parser.get_status_code(), self._kind)

    def on_body(self, data: bytes) -> None:
        if self.exchange is not None:
            self.exchange.feed(data, self._now)

    def on_message_complete(self) -> None:
        exchange, self.exchange = self.exchange, None
        if exchange is None:
            return
        keep = self._parser.should_keep_alive()
        self._done(exchange.finish(self._now))
        if keep:
            self._free(self)
        elif self.transport is not None:
            self.transport.close()
