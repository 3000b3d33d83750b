"""HTTP with limits: one exchange, sorted into an answer, a passing trouble, a request's own fault, or a dead end."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from evals.core.errors import SystemFailure, UsageError

MAX_BODY: Final = 4 << 20
"""Longest body that is read, bytes."""

_PASSING: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
_KEY: Final = frozenset((401, 403))


@dataclass
class Trouble(Exception):
    """One failed exchange. ``passing`` troubles are worth another try, after ``wait`` seconds where the server said so.

    ``kind`` is stable and machine-readable: rate_limited, server_error, timeout, broken_stream, bad_answer, rejected,
    unreachable.
    """

    kind: str
    message: str
    passing: bool = True
    wait: float | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Transport:
    """Posts JSON to one server. Thread-safe. ``keyless`` tells how to send a key where none is sent."""

    def __init__(
        self, headers: Mapping[str, str], *, connect: float, idle: float, deadline: float, keyless: str | None = None
    ) -> None:
        self._client = httpx2.Client(
            headers=dict(headers),
            timeout=httpx2.Timeout(idle, connect=connect, pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            follow_redirects=False,
        )
        self._deadline, self._keyless = deadline, keyless

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def post(self, url: str, body: Any, method: str = "POST") -> Iterator[Received]:
        """The reply as it arrives.

        Raises Trouble where the exchange fails, SystemFailure where no exchange can succeed: a key that is refused,
        an address or a model that is unknown there.
        """
        try:
            with self._client.stream(method, url, json=body) as reply:
                received = Received(reply, time.monotonic() + self._deadline)
                if reply.status_code != 200:
                    after = reply.headers.get("retry-after")
                    raise _refusal(url, reply.status_code, after, received.start(), self._keyless)
                yield received
        except httpx2.TimeoutException as error:
            raise Trouble("timeout", f"{type(error).__name__} at {url}") from error
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise Trouble("unreachable", f"{url}: {error}") from error
        except httpx2.TransportError as error:
            raise Trouble("broken_stream", f"{type(error).__name__}: {error}") from error


class Received:
    """A reply being read, with a bound on its size and on the whole time it may take."""

    def __init__(self, reply: httpx2.Response, deadline: float) -> None:
        self._reply, self._deadline, self._size = reply, deadline, 0

    @property
    def kind(self) -> str:
        """The media type, lower case, without parameters."""
        return str(self._reply.headers.get("content-type", "")).partition(";")[0].strip().lower()

    def blocks(self) -> Iterator[bytes]:
        """The body in pieces. Raises Trouble where it grows too long or takes too much time."""
        for block in self._reply.iter_bytes():
            self._size += len(block)
            if self._size > MAX_BODY:
                raise Trouble("bad_answer", f"the body is longer than {MAX_BODY} bytes")
            if time.monotonic() > self._deadline:
                raise Trouble("timeout", "the answer took longer than the deadline")
            yield block

    def lines(self) -> Iterator[bytes]:
        """The body line by line, without line ends."""
        rest = b""
        for block in self.blocks():
            *whole, rest = (rest + block).split(b"\n")
            yield from (line.rstrip(b"\r") for line in whole)
        if rest:
            yield rest

    def start(self, limit: int = 400) -> str:
        """The first characters of the body, for messages."""
        text = b""
        for block in self.blocks():
            text += block
            if len(text) >= limit:
                break
        return text[:limit].decode("utf-8", "replace")

    def json(self) -> Any:
        """The whole body as JSON. Raises Trouble where it is none."""
        try:
            return json.loads(b"".join(self.blocks()))
        except (ValueError, RecursionError) as error:
            raise Trouble("bad_answer", f"not JSON: {error}") from error


def _refusal(url: str, status: int, after: str | None, body: str, keyless: str | None) -> Trouble | SystemFailure:
    if status in _KEY:
        return SystemFailure(
            "the server wants a key, and none was sent" if keyless else "the server refuses the key",
            where=url,
            found=f"HTTP {status}: {body}",
            way_out=keyless or "set the environment variable that the system's settings name to a valid key",
        )
    if status == 404:
        return SystemFailure(
            "the server knows no such address or model",
            where=url,
            found=f"HTTP 404: {body}",
            way_out="check url and model in the system's settings",
        )
    if status in _PASSING:
        kind = "rate_limited" if status in (429, 529) else "server_error"
        return Trouble(kind, f"HTTP {status}: {body}", wait=_seconds(after))
    return Trouble("rejected", f"HTTP {status}: {body}", passing=False)


def _seconds(after: str | None) -> float | None:
    try:
        return None if after is None else max(0.0, float(after))
    except ValueError:
        return None


def from_environment(name: str | None, *, required: bool = False) -> str | None:
    """The value of an environment variable. Raises UsageError where it is required and not set."""
    value = os.environ.get(name, "") if name else ""
    if required and not value:
        raise UsageError(f"the environment variable {name} is not set", way_out=f"export {name}=… and run again")
    return value or None
