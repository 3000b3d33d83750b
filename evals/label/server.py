"""The labelling page, on loopback only."""

from __future__ import annotations

import hmac
import secrets
from importlib.resources import files
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evals.core.errors import AdaptbenchError
from evals.label.session import Given, Session

HOST: Final = "127.0.0.1"
MAX_BODY: Final = 1 << 16
_TOKEN: Final = "@TOKEN@"  # noqa: S105  a place in the page, not a secret
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'"
    ),
}


def application(session: Session) -> Starlette:
    """The ASGI application. Another host's name and marks without the page's token are refused."""
    token = secrets.token_urlsafe(16)
    page = files("evals.label").joinpath("page.html").read_text(encoding="utf-8")
    page = page.replace(_TOKEN, token)

    async def index(request: Request) -> Response:
        return Response(page, media_type="text/html", headers=_HEADERS)

    async def overview(request: Request) -> Response:
        return _json(session.overview())

    async def item(request: Request) -> Response:
        wanted = request.query_params.get("id", "")
        found = await run_in_threadpool(session.shown, wanted)
        return _json({"error": "no such answer"}, 404) if found is None else _json(found)

    async def mark(request: Request) -> Response:
        given = request.headers.get("x-adaptbench-token", "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return _json({"error": "this page is from another session: load it again"}, 403)
        body = await _body(request)
        await run_in_threadpool(session.add, msgspec.json.decode(body, type=Given))
        return _json({"kept": True})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/api/overview", overview),
            Route("/api/item", item),
            Route("/api/mark", mark, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
        exception_handlers={msgspec.DecodeError: _refused, AdaptbenchError: _refused},
    )


async def _body(request: Request) -> bytes:
    """The request's body. Raises msgspec.DecodeError for one that is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise msgspec.DecodeError("the mark is too long")
    return body


async def _refused(request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, 400)


def _json(value: Any, status: int = 200) -> Response:
    body = msgspec.json.encode(value)
    return Response(body, status, media_type="application/json", headers=_HEADERS)
