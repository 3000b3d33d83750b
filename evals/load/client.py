"""The open-loop client, a process of its own so that no model's interpreter lock can bend its
clock.

    python -m evals.load.client SPEC.json PLAN.jsonl OUT.jsonl REPORT.json

Requests leave when the plan says so, whether or not earlier ones were answered; latency counts from
that moment.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

import msgspec
import uvloop

from evals.core import jsonl
from evals.core.errors import EXIT_SYSTEM, SystemFailure
from evals.core.schema import encode
from evals.core.secrets import remember
from evals.load.exchange import Connection, Exchange, body_of
from evals.load.records import ClientReport, ClientSpec, Observed, Planned
from evals.load.trend import Trend

SWEEP: Final = 0.25
"""Seconds between looks at time-outs and the trend."""

TICK: Final = 0.001
"""Shortest sleep, seconds: timers count milliseconds, and a client that spins takes the processor
from the server.
"""

GRACE: Final = 0.2
"""Seconds between opening the first connections and the start of the schedule."""

READY: Final = 8
"""Connections opened before the start."""


class OpenLoop:
    """Sends a plan to one server and writes what it saw, a line per request, as answers end."""

    def __init__(self, spec: ClientSpec, plan: Iterator[Planned], out: IO[bytes]) -> None:
        self.spec, self.plan, self.out = spec, plan, out
        url = urlsplit(spec.url)
        self.host, self.tls = url.hostname or "127.0.0.1", url.scheme == "https"
        self.port = url.port or (443 if self.tls else 80)
        self.head = _head(
            f"{url.path.rstrip('/')}/chat/completions",
            url.netloc.rpartition("@")[2],
            spec.key_variable,
        )
        self.idle: dict[Connection, None] = {}
        self.waiting: deque[tuple[Exchange, bytes]] = deque()
        self.busy: dict[str, tuple[Exchange, Connection | None]] = {}
        self.open = 0
        self.planned = self.seen = 0
        self.trend = Trend(spec.stop.slope) if spec.stop is not None else None
        self.missed = 0
        self.stopped: str | None = None
        self.origin = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> ClientReport:
        """The whole schedule; returns when every request has an answer, an error or a time-out.

        Raises SystemFailure where the server cannot be reached at the start.
        """
        await self._prepare()
        self.origin = time.monotonic() + GRACE
        sweeper = asyncio.create_task(self._sweep())
        cpu, began = time.process_time(), time.monotonic()
        for request in self.plan:
            while (wait := self.origin + request.at - time.monotonic()) > 0:
                await asyncio.sleep(max(wait, TICK))
            if self.stopped is not None:
                break
            self.planned += 1
            self._send(request)
        while self.busy:
            await asyncio.sleep(0.01)
        sweeper.cancel()
        for connection in self.idle:
            if connection.transport is not None:
                connection.transport.close()
        wall, used = time.monotonic() - began, time.process_time() - cpu
        return ClientReport(self.planned, self.seen, wall, used, self.stopped)

    def _send(self, request: Planned) -> None:
        exchange = Exchange(request, self.origin)
        body = body_of(request, self.spec)
        data = b"%bContent-Length: %d\r\n\r\n%b" % (self.head, len(body), body)
        if self.idle:
            connection, _ = self.idle.popitem()
            self.busy[request.id] = exchange, connection
            connection.send(exchange, data)
            return
        self.busy[request.id] = exchange, None
        self.waiting.append((exchange, data))
        self._open_more()

    def _open_more(self) -> None:
        """Open a connection for a waiting request, unless the most are open; then the next free one
        takes it.
        """
        if self.waiting and self.open < self.spec.connections:
            self.open += 1
            task = asyncio.create_task(self._connect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        try:
            connection = await self._dial()
        except OSError as error:
            self.open -= 1
            if self.waiting:
                exchange, _ = self.waiting.popleft()
                self._done(exchange.record(None, f"cannot connect: {error.strerror or error}"))
                self._open_more()
            return
        self._free(connection)

    async def _dial(self) -> Connection:
        loop = asyncio.get_running_loop()
        made = await loop.create_connection(
            lambda: Connection(self._free, self._done, self._lost),
            self.host,
            self.port,
            ssl=self.tls or None,
        )
        return made[1]

    async def _prepare(self) -> None:
        try:
            for _ in range(min(READY, self.spec.connections)):
                self.idle[await self._dial()] = None
                self.open += 1
        except OSError as error:
            raise SystemFailure(
                f"the server cannot be reached: {error.strerror or error}", where=self.spec.url
            ) from error

    def _free(self, connection: Connection) -> None:
        """A connection has nothing to do: it takes the oldest request that waits for one, or
        rests.
        """
        while self.waiting:
            exchange, data = self.waiting.popleft()
            if exchange.request.id in self.busy:
                self.busy[exchange.request.id] = exchange, connection
                connection.send(exchange, data)
                return
        self.idle[connection] = None

    def _lost(self, connection: Connection) -> None:
        self.open -= 1
        self.idle.pop(connection, None)
        self._open_more()

    def _done(self, seen: Observed) -> None:
        if self.busy.pop(seen.id, None) is None:
            return
        self.seen += 1
        self.out.write(encode(seen) + b"\n")
        if self.trend is not None and seen.e2e is not None:
            self.trend.add(seen.scheduled, seen.e2e)
        stop = self.spec.stop
        if stop is not None and stop.start <= seen.scheduled < stop.end:
            self.missed += not stop.goals.met(seen)

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP)
            now = time.monotonic()
            for exchange, connection in list(self.busy.values()):
                began = exchange.sent or self.origin + exchange.request.at
                if now - began > self.spec.timeout or self.stopped is not None:
                    self._give_up(exchange, connection)
            self.stopped = self.stopped or self._hopeless(now - self.origin)

    def _hopeless(self, since: float) -> str | None:
        """Why the rest of the plan is not worth sending, ``since`` seconds after the start; None
        where it is.
        """
        stop = self.spec.stop
        if self.trend is None or stop is None or since <= stop.start:
            return None
        waiting = [(e.request.at, since - e.request.at) for e, _ in self.busy.values()]
        bound = stop.goals.e2e
        missed = self.missed + sum(
            bound is not None and age > bound and stop.start <= at < stop.end for at, age in waiting
        )
        if missed > stop.misses:
            return f"{missed} requests missed the goals, {stop.misses} may"
        return "overload" if self.trend.overloaded(waiting) else None

    def _give_up(self, exchange: Exchange, connection: Connection | None) -> None:
        problem = (
            f"stopped: {self.stopped}"
            if self.stopped
            else f"no whole answer within {self.spec.timeout:g} s"
        )
        if connection is not None:
            connection.fail(problem)
        else:
            self._done(exchange.record(None, problem))


def _head(path: str, host: str, key_variable: str | None) -> bytes:
    """Request line and headers that all requests share. Raises SystemFailure where the named key is
    not set.
    """
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        "Accept: */*",
    ]
    if key_variable is not None:
        key = os.environ.get(key_variable, "")
        if not key or not key.isprintable():
            raise SystemFailure(
                "the variable that should hold the key is empty or unprintable", found=key_variable
            )
        remember(key)
        lines.append(f"Authorization: Bearer {key}")
    return "".join(f"{line}\r\n" for line in lines).encode()


def _follow_parent() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(EXIT_SYSTEM)


def main(arguments: list[str]) -> int:
    """Run one client, which ends with its standard input. Exit code 5 where the server cannot be
    reached.
    """
    threading.Thread(target=_follow_parent, daemon=True).start()
    spec_file, plan_file, out_file, report_file = map(Path, arguments)
    spec = msgspec.json.decode(spec_file.read_bytes(), type=ClientSpec)
    plan = iter(list(jsonl.read(plan_file, Planned)))
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        with out_file.open("wb", buffering=1 << 20) as out:
            report = uvloop.run(OpenLoop(spec, plan, out).run())
    except SystemFailure as error:
        print(error, file=sys.stderr)
        return EXIT_SYSTEM
    report_file.write_bytes(encode(report))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
