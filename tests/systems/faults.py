"""A chat server that misbehaves on purpose, on a free port of 127.0.0.1."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FAULTS = ("429", "500", "hang", "cut", "broken json", "wrong type", "endless", "close", "no end")


class FaultServer(ThreadingHTTPServer):
    """Answers ``echo <question>``, but commits a fault on a share of the exchanges.

    ``plan`` gives the faults of the first exchanges in order; later ones draw from ``faults`` with
    odds ``share``. ``refuses`` are keys of a body that are refused by name, ``message`` is the
    whole answer's message where one is set, ``echoes`` puts the request's headers into every error.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, *, plan: tuple[str, ...] = (), share: float = 0.0, faults: tuple[str, ...] = FAULTS
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan, self.share, self.faults = list(plan), share, faults
        self.random = random.Random(7)
        self.lock = threading.Lock()
        self.seen: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.headers: list[dict[str, str]] = []
        self.bodies: list[dict[str, Any]] = []
        self.delay = 0.0
        self.now = self.most = 0
        self.refuse_above = 10_000
        self.refuses: tuple[str, ...] = ()
        self.message: dict[str, Any] | None = None
        self.finish = "stop"
        self.echoes = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def fault(self) -> str:
        with self.lock:
            if self.plan:
                return self.plan.pop(0)
            return self.random.choice(self.faults) if self.random.random() < self.share else ""


class Handler(BaseHTTPRequestHandler):
    server: FaultServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.headers.append({k.lower(): v for k, v in self.headers.items()})
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
            crowded = self.server.now > self.server.refuse_above
        try:
            time.sleep(self.server.delay)
            self._answer(body, "429" if crowded else self.server.fault())
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.server.lock:
                self.server.now -= 1

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        question = body["messages"][-1]["content"] if "messages" in body else body["question"]
        self.server.seen[question] += 1
        refused = next((name for name in self.server.refuses if name in body), None)
        if refused is not None:
            error = {"message": f"{refused!r} is not supported with this model", "param": refused}
            self._whole(400, "application/json", json.dumps({"error": error}).encode(), {})
        elif fault.isdigit():
            message = dict(self.headers.items()) if self.server.echoes else "as asked"
            self._whole(
                int(fault),
                "application/json",
                json.dumps({"error": message}).encode(),
                {"retry-after": "0"},
            )
        elif fault == "hang":
            time.sleep(2.5)
            self.close_connection = True
        elif fault == "close":
            self.close_connection = True
        elif fault == "wrong type":
            self._whole(200, "text/html", b"<html>all is well</html>", {})
        elif self.server.message is not None:
            choice = {
                "index": 0,
                "message": self.server.message,
                "finish_reason": self.server.finish,
            }
            self._whole(200, "application/json", json.dumps({"choices": [choice]}).encode(), {})
        elif "messages" not in body:
            reply = {
                "reply": {"text": f"echo {question}"},
                "sources": [{"doc": "d1", "body": "first"}, "second"],
            }
            self._whole(
                200,
                "application/json",
                b"{" if fault == "broken json" else json.dumps(reply).encode(),
                {},
            )
        else:
            self._stream(question, fault)

    def _stream(self, question: str, fault: str) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.close_connection = True
        self.end_headers()
        for piece in ("echo", " ", question):
            self._event(
                {
                    "choices": [
                        {"delta": {"content": piece}, "logprobs": {"content": [{"logprob": -0.25}]}}
                    ]
                }
            )
            if fault == "cut":
                return
            if fault == "broken json":
                self.wfile.write(b"data: {nonsense\n\n")
                return
        while fault == "endless":
            self.wfile.write(b": " + b"x" * 65536 + b"\n")
        if fault == "no end":
            return
        self._event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        usage = {
            "prompt_tokens": 11,
            "completion_tokens": 3,
            "prompt_tokens_details": {"cached_tokens": 4},
        }
        self._event({"choices": [], "usage": usage})
        self.wfile.write(b"data: [DONE]\n\n")
        with self.server.lock:
            self.server.answered[question] += 1

    def _event(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def _whole(self, status: int, kind: str, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {
            "content-type": kind,
            "content-length": str(len(body)),
            **headers,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(**settings: Any) -> Iterator[FaultServer]:
    """The server, running beside the block."""
    server = FaultServer(**settings)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
