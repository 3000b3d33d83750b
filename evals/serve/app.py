"""The HTTP side: ``POST /v1/chat/completions`` and ``/v1/responses``, ``GET /v1/models``,
``/health`` and ``/metrics``; errors are the protocol's own.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from evals.core.schema import Response as Answer
from evals.serve.scheduler import Event, Full, Scheduler, Ticket
from evals.serve.wire import (
    DONE,
    MAX_BODY,
    Asked,
    BadRequest,
    Writer,
    chat_of_response,
    error_body,
    failure_of,
    failure_of_system,
    finish_reason,
    model_list,
    model_row,
    read_request,
    response_object,
    stopped,
)

Form = Callable[[Writer, Answer], bytes]
"""Writes an answer in another form than a chat completion's."""

BODY_SECONDS: Final = 30.0
"""How long a client may take to send its body."""


def make_app(
    scheduler: Scheduler, name: str, key: str | None = None, *, local: bool = False
) -> Starlette:
    """The application that serves one system under its name. ``key``: what clients must send as
    their API key. ``local``: only requests that name this machine are answered, so that a page of
    another host, whose name was made to point here (DNS rebinding), learns nothing.
    """
    service = Service(scheduler, name, key)
    routes = [
        Route("/v1/chat/completions", service.complete, methods=["POST"]),
        Route("/v1/responses", service.respond, methods=["POST"]),
        Route("/v1/models", service.models),
        Route("/v1/models/{name}", service.model),
        Route("/health", service.health),
        Route("/metrics", service.metrics),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(LocalOnly)] if local else [],
        exception_handlers={HTTPException: _http_error, BadRequest: _bad_request},
    )


class LocalOnly:
    """Refuses requests whose Host header names another machine."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "").lower()
            name = host.rpartition(":")[0] if re.search(r":\d+$", host) else host
            if name not in ("localhost", "127.0.0.1", "[::1]"):
                message = f"this server is asked as localhost or 127.0.0.1, not as {name[:100]!r}"
                await _json(error_body(message, "invalid_request_error"), status=421)(
                    scope, receive, send
                )
                return
        await self._app(scope, receive, send)


class Service:
    """The endpoints over one scheduler."""

    def __init__(self, scheduler: Scheduler, name: str, key: str | None) -> None:
        self.scheduler, self.name, self.key = scheduler, name, key
        self._numbers = itertools.count(1)
        self._started = int(time.time())
        self._seconds, self._counts = 0.0, Counter[int]()

    async def models(self, request: Request) -> Response:
        self._authorise(request)
        return _json(model_list([self.name], self._started))

    async def model(self, request: Request) -> Response:
        self._authorise(request)
        asked = request.path_params["name"]
        if asked not in (self.name, "default"):
            message = f"the model {asked[:200]!r} is not served here; this is {self.name!r}"
            raise BadRequest(message, status=404, param="model", code="model_not_found")
        return _json(model_row(self.name, self._started))

    async def metrics(self, request: Request) -> Response:
        """Counts and seconds in Prometheus' text format."""
        self._authorise(request)
        waiting, flying = self.scheduler.load
        lines = [
            "# TYPE adaptbench_requests_total counter",
            *(f'adaptbench_requests_total{{status="{s}"}} {n}' for s, n in self._counts.items()),
            "# TYPE adaptbench_request_seconds_total counter",
            f"adaptbench_request_seconds_total {self._seconds:.6f}",
            "# TYPE adaptbench_waiting gauge",
            f"adaptbench_waiting {waiting}",
            "# TYPE adaptbench_in_flight gauge",
            f"adaptbench_in_flight {flying}",
        ]
        return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")

    async def health(self, request: Request) -> Response:
        waiting, flying = self.scheduler.load
        return _json(msgspec.json.encode({"status": "ok", "waiting": waiting, "in_flight": flying}))

    async def complete(self, request: Request) -> Response:
        """One chat completion, whole or streamed."""
        return await self._counted(request, self._complete(request, await self._data(request)))

    async def respond(self, request: Request) -> Response:
        """One answer in the form of the responses API, whole."""
        data = chat_of_response(await self._data(request))
        return await self._counted(request, self._complete(request, data, response_object))

    async def _counted(self, request: Request, work: Awaitable[Response]) -> Response:
        began, status = time.monotonic(), 500
        try:
            found = await work
            status = found.status_code
            return found
        except BadRequest as error:
            status = error.status
            raise
        finally:
            self._counts[status] += 1
            self._seconds += time.monotonic() - began

    async def _data(self, request: Request) -> bytes:
        """The body of an authorised request. Raises BadRequest."""
        self._authorise(request)
        if (
            request.headers.get("content-type", "").partition(";")[0].strip().lower()
            != "application/json"
        ):
            raise BadRequest("the content type must be application/json", status=415)
        try:
            return await asyncio.wait_for(_body(request), BODY_SECONDS)
        except TimeoutError:
            raise BadRequest(f"no whole body within {BODY_SECONDS:g} s", status=408) from None
        except ClientDisconnect:
            raise BadRequest("the client has gone", status=499) from None

    async def _complete(self, request: Request, data: bytes, form: Form | None = None) -> Response:
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
        return await self._whole(request, asked, ticket, events, writer, headers, form)

    async def _whole(
        self,
        request: Request,
        asked: Asked,
        ticket: Ticket,
        events: asyncio.Queue[Event],
        writer: Writer,
        headers: dict[str, str],
        form: Form | None,
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
                answer = msgspec.structs.replace(event, text=stopped(event.text, asked.stop))
                body = (
                    writer.whole(answer, ticket.stages(event))
                    if form is None
                    else form(writer, answer)
                )
                return _json(body, headers)

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
        event, seen, sent, opened = head, "", "", False
        held = max(map(len, asked.stop), default=1) - 1  # may be the beginning of a stop sequence
        try:
            while not isinstance(event, Answer | Exception):
                seen += event
                whole = stopped(seen, asked.stop)
                if len(whole) < len(seen):
                    yield writer.chunk(whole.removeprefix(sent), first=not opened)
                    yield writer.chunk(None, finish="stop")
                    yield DONE
                    return
                if piece := seen[len(sent) : len(seen) - held]:
                    yield writer.chunk(piece, first=not opened)
                    sent, opened = sent + piece, True
                event = await events.get()
            failed = failure_of_system(event) if isinstance(event, Exception) else failure_of(event)
            if failed is not None:
                yield b"data: " + failed.body() + b"\n\n"
                return
            assert isinstance(event, Answer)  # noqa: S101  what is no exception is the answer
            text = stopped(event.text, asked.stop)
            rest = text.removeprefix(sent) if text.startswith(sent) else ""
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


async def _bad_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadRequest)  # noqa: S101  registered for this type
    headers = {
        401: {"www-authenticate": "Bearer"},
        413: {"connection": "close"},
        503: {"retry-after": "1"},
    }
    return _json(error.body(), headers.get(error.status), error.status)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  registered for this type
    message = f"{request.method} {request.url.path[:200]}: {error.detail}"
    return _json(
        error_body(message, "invalid_request_error"), dict(error.headers or {}), error.status_code
    )
