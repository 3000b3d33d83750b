"""A bound on the whole time that an exchange may take, from its first byte to its last.

The client's own time-outs bound each read: a server that sends a byte of its headers every second
outlives them. Here every read and write of a connection ends with the exchange's deadline.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore2
import httpx2

_now = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[float]:
    """Bound this thread's exchange; gives the moment (monotonic clock) at which it ends."""
    _now.end = time.monotonic() + seconds
    try:
        yield _now.end
    finally:
        _now.end = None


def bound(client: httpx2.Client) -> httpx2.Client:
    """The client, with connections that keep to `within`. It has no public place for this."""
    for transport in (client._transport, *client._mounts.values()):
        pool: Any = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = _Backend(pool._network_backend)
    return client


def _left(timeout: float | None, late: type[Exception]) -> float | None:
    end: float | None = getattr(_now, "end", None)
    if end is None:
        return timeout
    if (left := end - time.monotonic()) <= 0:
        raise late("the answer took longer than the deadline")
    return left if timeout is None else min(timeout, left)


class _Backend:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def connect_tcp(self, *place: Any, **more: Any) -> _Stream:
        return _Stream(self._inner.connect_tcp(*place, **more))


class _Stream:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def read(self, size: int, timeout: float | None = None) -> Any:
        return self._inner.read(size, _left(timeout, httpcore2.ReadTimeout))

    def write(self, data: bytes, timeout: float | None = None) -> None:
        self._inner.write(data, _left(timeout, httpcore2.WriteTimeout))

    def start_tls(self, *how: Any, **more: Any) -> _Stream:
        return _Stream(self._inner.start_tls(*how, **more))
