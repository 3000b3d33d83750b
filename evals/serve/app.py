"""The HTTP side: ``POST /v1/chat/completions``, ``GET /v1/models``, ``GET /health``; errors are the
protocol's own.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from evals.core.schema import Response as Answer
from evals.serve.scheduler import Event, Full, Scheduler, Ticket
from evals.serve.wire import (
    DONE,
    MAX_BODY,
    Asked,
    BadRequest,
    Writer,
    error_body,
    failure_of,
    failure_of_system,
    finish_reason,
    model_list,
    read_request,
)

BODY_SECONDS: Final = 30.0
"""How long a client may take to send its body."""


def make_app(scheduler: Scheduler, name: str, key: str | None = None) -> Starlette:
    """The application that serves one system under its name. ``key``: what clients must send as
    their API key.
    """
    service = Service(scheduler, name, key)
    routes = [
        Route("/v1/chat/completions", service.complete, methods=["POST"]),
        Route("/v1/models", service.models),
        Route("/health", service.health),
    ]
    return Starlette(
        routes=routes, exception_handlers={HTTPException: _http_error, BadRequest: _bad_request}
    )


class Service:
    """The endpoints over one scheduler."""

    def __init__(self, scheduler: Scheduler, name: str, key: str | None) -> None:
        self.scheduler, self.name, self.key = scheduler, name, key
        self._numbers = itertools.count(1)
        self._started = int(time.time())

    async def models(self, request: Request) -> Response:
        self._authorise(request)
        return _json(model_list([self.name], self._started))

    async def health(self, request: Request) -> Response:
        waiting, flying = self.scheduler.load
        return _json(msgspec.json.encode({"status": "ok", "waiting": waiting, "in_flight": flying}))

    async def complete(self, request: Request) -> Response:
        """One chat completion, whole or streamed."""
        self._authorise(request)
        if (
            request.headers.get("content-type", "").partition(";")[0].strip().lower()
            != "application/json"
        ):
            raise BadRequest("the content type must be application/json", status=415)
        try:
            data = await asyncio.wait_for(_body(request), BODY_SECONDS)
        except TimeoutError:
            raise BadRequest(f"no whole body within {BODY_SECONDS:g} s", status=408) from None
        except ClientDisconnect:
            return Response(status_code=499)
        asked = read_request(data, self.name, f"chatcmpl-{next(self._numbers)}")
        events: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            with suppress(
                RuntimeError
            ):  # the loop is closed: the server is going down and nobody listens
                loop.call_soon_threadsafe(events.put_nowait, event)

        ticket = Ticket(asked.request, tell)
        try:
            self.scheduler.submit(ticket)
        except Full:
            message = f"{self.scheduler.capacity} requests wait already; try again later"
            raise BadRequest(message, status=503, kind="server_error", code="overloaded") from None
        headers = {"x-adaptbench-ignored": ", ".join(asked.ignored)} if asked.ignored else {}
        writer = Writer(asked.request.id, asked.model, int(time.time()))
        if asked.stream:
            return await self._streamed(request, asked, ticket, events, writer, headers)
        return await self._whole(request, ticket, events, writer, headers)

    async def _whole(
        self,
        request: Request,
        ticket: Ticket,
        events: asyncio.Queue[Event],
        writer: Writer,
        headers: dict[str, str],
    ) -> Response:
        while True:
            event = await self._next(request, ticket, events)
            if event is None:
                return Response(status_code=499)
            if isinstance(event, Exception):
                raise failure_of_system(event)
            if isinstance(event, Answer):
                if failed := failure_of(event):
                    raise failed
                return _json(writer.whole(event, ticket.stages(event)), headers)

    async def _streamed(
        self,
        request: Request,
        asked: Asked,
        ticket: Ticket,
        events: asyncio.Queue[Event],
        writer: Writer,
        headers: dict[str, str],
    ) -> Response:
        """Headers are sent with the first event, so that a request which fails before it gets a
        proper status.
        """
        head = await self._next(request, ticket, events)
        if head is None:
            return Response(status_code=499)
        if isinstance(head, Exception):
            raise failure_of_system(head)
        if isinstance(head, Answer) and (failed := failure_of(head)):
            raise failed
        stream = self._events(head, asked, ticket, events, writer)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={**headers, "cache-control": "no-cache"}
        )

    async def _events(
        self,
        head: Event,
        asked: Asked,
        ticket: Ticket,
        events: asyncio.Queue[Event],
        writer: Writer,
    ) -> AsyncIterator[bytes]:
        event, sent, opened = head, "", False
        try:
            while not isinstance(event, Answer | Exception):
                yield writer.chunk(event, first=not opened)
                sent, opened = sent + event, True
                event = await events.get()
            failed = failure_of_system(event) if isinstance(event, Exception) else failure_of(event)
            if failed is not None:
                yield b"data: " + failed.body() + b"\n\n"
                return
            assert isinstance(event, Answer)  # noqa: S101  what is no exception is the answer
            rest = event.text.removeprefix(sent) if event.text.startswith(sent) else ""
            if rest or not opened:
                yield writer.chunk(rest, first=not opened)
            yield writer.chunk(None, finish=finish_reason(event))
            if asked.usage:
                yield writer.closing(event, ticket.stages(event))
            yield DONE
        finally:
            self.scheduler.cancel(ticket)

    async def _next(
        self, request: Request, ticket: Ticket, events: asyncio.Queue[Event]
    ) -> Event | None:
        """The next event of a ticket, or None where its client has gone before there was one."""
        got, gone = asyncio.ensure_future(events.get()), asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait({got, gone}, return_when=asyncio.FIRST_COMPLETED)
            if got.done():
                return got.result()
            self.scheduler.cancel(ticket)
            return None
        except asyncio.CancelledError:
            self.scheduler.cancel(ticket)
            raise
        finally:
            for task in (got, gone):
                task.cancel()

    def _authorise(self, request: Request) -> None:
        if self.key is None:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(
            given.strip().encode(), self.key.encode()
        ):
            raise BadRequest("a wrong or missing API key", status=401, code="invalid_api_key")


async def _body(request: Request) -> bytes:
    """The whole body. Raises BadRequest as soon as it is known to be too large."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > MAX_BODY:
        raise BadRequest(
            f"the body is larger than {MAX_BODY} bytes", status=413, code="request_too_large"
        )
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_BODY:
            raise BadRequest(
                f"the body is larger than {MAX_BODY} bytes", status=413, code="request_too_large"
            )
    return bytes(data)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(body: bytes, headers: dict[str, str] | None = None, status: int = 200) -> Response:
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)  # noqa: S101  registered for this type
    headers = {
        401: {"www-authenticate": "Bearer"},
        413: {"connection": "close"},
        503: {"retry-after": "1"},
    }
    return _json(error.body(), headers.get(error.status), error.status)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this type
    message = f"{request.method} {request.url.path[:200]}: {error.detail}"
    return _json(
        error_body(message, "invalid_request_error"), dict(error.headers or {}), error.status_code
    )
