"""HTTP with limits: an exchange gives a reply, or a trouble sorted by what could help."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx2

from evals.core.errors import SystemFailure, UsageError
from evals.core.secrets import remember
from evals.http.deadline import bound, within
from evals.http.secrets import masker, secrets_of

MAX_BODY: Final = 32 << 20
"""Longest body that is read, bytes: 100,000 streamed tokens with their events."""

SHOWN: Final = 400
"""Characters of an error's body that messages hold."""

_PASSING: Final = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
_KEY: Final = frozenset((401, 403))


@dataclass
class Trouble(Exception):
    """One failed exchange.

    ``passing`` troubles are worth another try, after ``wait`` seconds where the server said so.

    ``kind`` is stable and machine-readable: rate_limited, server_error, timeout, broken_stream,
    bad_answer, too_long, rejected, filtered, unreachable.
    """

    kind: str
    message: str
    passing: bool = True
    wait: float | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class Transport:
    """Posts JSON to one server. Thread-safe. ``keyless`` says how to send a key where none is sent.

    The values of its headers are secrets: none of them appears in a message, even where the server
    repeats it.
    """

    def __init__(
        self,
        headers: Mapping[str, str],
        *,
        connect: float,
        idle: float,
        deadline: float,
        keyless: str | None = None,
    ) -> None:
        client = httpx2.Client(
            headers=dict(headers),
            timeout=httpx2.Timeout(idle, connect=connect, pool=None),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            follow_redirects=False,
        )
        self._client = bound(client)
        self._deadline, self._keyless = deadline, keyless
        self._mask = masker(secrets_of(headers))

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def post(self, url: str, body: Any, method: str = "POST") -> Iterator[Received]:
        """The reply as it arrives.

        Raises Trouble where the exchange fails, SystemFailure where no exchange can succeed: a key
        that is refused, an address or a model that is unknown there.
        """
        try:
            with (
                within(self._deadline) as end,
                self._client.stream(method, url, json=body) as reply,
            ):
                received = Received(reply, end)
                if reply.status_code != 200:
                    raise self._refusal(url, reply, self._mask(received.start()))
                yield received
        except Trouble as trouble:
            trouble.message = self._mask(trouble.message)
            raise
        except httpx2.TimeoutException as error:
            raise Trouble("timeout", self._mask(f"{type(error).__name__} at {url}")) from error
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL) as error:
            raise Trouble("unreachable", self._mask(f"{url}: {error}")) from error
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise Trouble(
                "broken_stream", self._mask(f"{type(error).__name__}: {error}")
            ) from error

    def _refusal(self, url: str, reply: httpx2.Response, body: str) -> Trouble | SystemFailure:
        status = reply.status_code
        found = f"HTTP {status}: {body}"
        if status in _KEY:
            return SystemFailure(
                "the server wants a key, and none was sent"
                if self._keyless
                else "the server refuses the key",
                where=url,
                found=found,
                hint=self._keyless
                or "set the environment variable that the system's settings name to a valid key",
            )
        if status == 404:
            return SystemFailure(
                "the server knows no such address or model",
                where=url,
                found=found,
                hint="check url and model in the system's settings",
            )
        if status in _PASSING:
            kind = "rate_limited" if status in (429, 529) else "server_error"
            return Trouble(kind, found, wait=retry_after(reply.headers.get("retry-after")))
        kind = "filtered" if "content_filter" in body else "rejected"  # Azure's filter of prompts
        return Trouble(kind, found, passing=False)


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
                # a stream may have gone astray, a whole body would be as long (and as dear) the
                # next time
                passing = self.kind == "text/event-stream"
                raise Trouble("too_long", f"the body is longer than {MAX_BODY} bytes", passing)
            if time.monotonic() > self._deadline:
                raise Trouble("timeout", "the answer took longer than the deadline")
            yield block

    def lines(self) -> Iterator[bytes]:
        """The body line by line, without line ends."""
        rest: list[bytes] = []
        for block in self.blocks():
            first, *more = block.split(b"\n")
            rest.append(first)
            if more:
                yield b"".join(rest).rstrip(b"\r")
                yield from (line.rstrip(b"\r") for line in more[:-1])
                rest = more[-1:]
        if last := b"".join(rest):
            yield last

    def start(self, limit: int = SHOWN) -> str:
        """The first characters of the body, for messages."""
        text = b""
        for block in self.blocks():
            text += block
            if len(text) >= limit:
                break
        return text[:limit].decode("utf-8", "replace")

    def json(self) -> Any:
        """The whole body as JSON. Raises Trouble where it is none."""
        return parsed(b"".join(self.blocks()))


def parsed(raw: bytes) -> Any:
    """JSON from a server; halves of characters may be in it, which a stream has cut in two.

    Raises Trouble where it is none.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Trouble("bad_answer", f"not JSON: {error}") from error


def retry_after(header: str | None) -> float | None:
    """Seconds to wait, from either form of ``Retry-After`` (RFC 9110, 10.2.3): seconds, or a date.

    None for others.
    """
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124  "nan" is a float to Python


def from_environment(name: str | None, *, required: bool = False) -> str | None:
    """A secret from an environment variable; it is remembered, so that it is hidden everywhere.

    Raises UsageError where it is required and not set.
    """
    value = os.environ.get(name, "") if name else ""
    if required and not value:
        raise UsageError(
            f"the environment variable {name} is not set", hint=f"export {name}=… and run again"
        )
    remember(value)
    return value or None
