"""The viewer over HTTP, on loopback only: one page and four questions it may ask."""

from __future__ import annotations

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
from evals.report.search import Wanted
from evals.report.viewer import Viewer

HOST: Final = "127.0.0.1"
MAX_PAGE: Final = 200
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def application(viewer: Viewer) -> Starlette:
    """The ASGI application. Requests that name another host (DNS rebinding) are refused."""

    async def page(request: Request) -> Response:
        shown = await run_in_threadpool(viewer.current)
        return Response(shown.page, media_type="text/html", headers=_HEADERS)

    async def answers(request: Request) -> Response:
        given = dict(request.query_params)
        offset, limit = _number(given.pop("offset", "0")), _number(given.pop("limit", "40"))
        wanted = msgspec.convert(given, Wanted, strict=False)
        finder = (await run_in_threadpool(viewer.current)).finder
        if finder is None:
            return _json({"total": 0, "rows": []})
        return _json(await run_in_threadpool(finder.page, wanted, offset, min(limit, MAX_PAGE)))

    async def item(request: Request) -> Response:
        found = await run_in_threadpool(viewer.item, request.query_params.get("id", ""))
        return _json({"error": "no such item"}, 404) if found is None else _json(found)

    async def flips(request: Request) -> Response:
        finder = (await run_in_threadpool(viewer.current)).finder
        pair = [_number(request.query_params.get(side, "")) for side in ("a", "b")]
        if finder is None or max(pair) >= len(finder.answers.labels):
            return _json({"error": "no such pair"}, 404)
        return _json(await run_in_threadpool(finder.flips, *pair))

    async def progress(request: Request) -> Response:
        return _json(await run_in_threadpool(viewer.progress))

    routes = {
        "/": page,
        "/api/answers": answers,
        "/api/item": item,
        "/api/flips": flips,
        "/api/progress": progress,
    }
    return Starlette(
        routes=[Route(path, endpoint, methods=["GET"]) for path, endpoint in routes.items()],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
        exception_handlers={
            msgspec.ValidationError: _bad_request,
            ValueError: _bad_request,
            AdaptbenchError: _problem,
        },
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        raise ValueError(f"not a count: {text[:40]!r}")
    return int(text)


async def _bad_request(request: Request, error: Exception) -> Response:
    return _json({"error": str(error)}, 400)


async def _problem(request: Request, error: Exception) -> Response:
    return Response(str(error), 500, media_type="text/plain", headers=_HEADERS)


def _json(value: Any, status: int = 200) -> Response:
    return Response(
        msgspec.json.encode(value), status, media_type="application/json", headers=_HEADERS
    )
