"""A server with known service times, for calibration: it answers after exactly as long as its clock
says.

    python -m tests.evals.load.calibrated SPEC.json   prints its port, logs one JSON line per
    request at the end

``single``: one request is served at a time, first come first served; otherwise every request has a
server of its own. Completion times are computed on a virtual clock, so a late wake-up delays one
answer and never the ones behind it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

import httptools
import uvloop


class Calibrated:
    """Service times in order of arrival (cycled), an optional stall (start, seconds after the first
    request).
    """

    def __init__(self, spec: dict[str, Any]) -> None:
        self.service: deque[float] = deque(spec["service"])
        self.single: bool = spec.get("single", False)
        self.stall: tuple[float, float] | None = tuple(spec["stall"]) if spec.get("stall") else None
        self.tokens: int = spec.get("tokens", 0)
        self.keep_log: bool = spec.get("log", True)
        self.free_at = 0.0
        self.first: float | None = None
        self.log: list[dict[str, float]] = []

    def completion(self, now: float) -> float:
        self.first = now if self.first is None else self.first
        service = self.service[0]
        self.service.rotate(-1)
        start = max(now, self.free_at) if self.single else now
        if self.stall is not None:
            begin, length = self.first + self.stall[0], self.stall[1]
            if begin <= start < begin + length:
                start = begin + length
            elif start < begin < start + service:
                service += length
        self.free_at = start + service
        return self.free_at


class Wire(asyncio.Protocol):
    def __init__(self, server: Calibrated) -> None:
        self.server = server
        self.parser = httptools.HttpRequestParser(self)
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        now = time.monotonic()
        due = self.server.completion(now)
        if due <= now:
            self.answer(now, due)
        elif self.server.tokens:
            asyncio.get_running_loop().create_task(self.stream(now, due))
        else:
            asyncio.get_running_loop().call_at(_loop_time(due), self.answer, now, due)

    def answer(self, arrived: float, due: float) -> None:
        body = (
            b'{"choices":[{"message":{"content":"ok"}}],'
            b'"usage":{"prompt_tokens":1,"completion_tokens":1}}'
        )
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )
        if self.server.keep_log:
            self.server.log.append({"arrived": arrived, "due": due, "done": time.monotonic()})

    async def stream(self, arrived: float, due: float) -> None:
        """``tokens`` chunks, evenly spaced, the last one at ``due``."""
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding:"
            b" chunked\r\n\r\n"
        )
        n, sent = self.server.tokens, []
        for token in range(1, n + 1):
            while (wait := arrived + (due - arrived) * token / n - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            sent.append(time.monotonic())
            self.event(b'{"choices":[{"delta":{"content":"w "}}]}')
        usage = {
            "prompt_tokens": 7,
            "completion_tokens": n,
            "prompt_tokens_details": {"cached_tokens": 3},
        }
        self.event(json.dumps({"choices": [], "usage": usage}).encode())
        self.event(b"[DONE]")
        self.transport.write(b"0\r\n\r\n")
        self.server.log.append(
            {
                "arrived": arrived,
                "due": due,
                "first": sent[0],
                "last": sent[-1],
                "done": time.monotonic(),
            }
        )

    def event(self, payload: bytes) -> None:
        data = b"data: %b\n\n" % payload
        self.transport.write(b"%x\r\n%b\r\n" % (len(data), data))


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + moment - time.monotonic()


async def serve(spec: dict[str, Any]) -> None:
    server = Calibrated(spec)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: Wire(server), "127.0.0.1", 0, backlog=1024)
    print(listener.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)  # until the parent closes our input
    listener.close()
    Path(spec["log_file"]).write_text(json.dumps(server.log))


if __name__ == "__main__":
    uvloop.run(serve(json.loads(Path(sys.argv[1]).read_text())))
