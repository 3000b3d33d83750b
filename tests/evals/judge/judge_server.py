"""An OpenAI-compatible server with a judge of plain rules behind it, on a free port of 127.0.0.1.

It reads ragas's prompts as a model would: by the schema that the reply must have and the input at
the end. A statement is supported where it occurs word for word in the context.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT = re.compile(r"input: (\{.*\})\s*Output:\s*\Z", re.DOTALL)


def sentences(text: str) -> list[str]:
    return [s.strip() for s in re.split(r"(?<=\.)\s+", text) if s.strip()]


def _nli(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "statements": [
            {"statement": s, "reason": "looked", "verdict": int(s in given["context"])}
            for s in given["statements"]
        ]
    }


def _recall(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "classifications": [
            {"statement": s, "reason": "looked", "attributed": int(s in given["context"])}
            for s in sentences(given["answer"])
        ]
    }


REPLIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "StatementGeneratorOutput": lambda given: {"statements": sentences(given["answer"])},
    "NLIStatementOutput": _nli,
    "AnswerRelevanceOutput": lambda given: {
        "question": "How long may I keep it?",
        "noncommittal": 0,
    },
    "ContextPrecisionOutput": lambda given: {
        "reason": "looked",
        "verdict": int(given["answer"] in given["context"]),
    },
    "ContextRecallOutput": _recall,
    "ClaimDecompositionOutput": lambda given: {"claims": sentences(given["response"])},
    "RubricScoreOutput": lambda given: {
        "feedback": "fine",
        "score": 4 if "reference" in given else 2,
    },
}


def judge(prompt: str) -> str:
    """What a good judge replies to a prompt of ragas."""
    title = next(name for name in REPLIES if f'"title": "{name}"' in prompt)
    found = INPUT.search(prompt)
    assert found is not None, prompt[-500:]
    return f"```json\n{json.dumps(REPLIES[title](json.loads(found[1])))}\n```"


def prefer(word: str) -> Callable[[str], str]:
    """A pairwise judge that wants a word."""

    def reply(prompt: str) -> str:
        one, two = (
            word in prompt.partition(f"<answer_{n}>")[2].partition(f"</answer_{n}>")[0]
            for n in (1, 2)
        )
        better = "tie" if one == two else "1" if one else "2"
        return json.dumps({"why": "it has the word", "better": better})

    return reply


class JudgeServer(ThreadingHTTPServer):
    """``reply`` maps a prompt to the text of a reply; ``faults`` are committed first, one an
    exchange.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, reply: Callable[[str], str] = judge, faults: tuple[str, ...] = (), always: str = ""
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply, self.faults, self.always = reply, list(faults), always
        self.lock = threading.Lock()
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.now = self.most = 0
        self.delay = 0.0
        self.finish = "stop"

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1#rules-1"

    def fault(self) -> str:
        with self.lock:
            return self.faults.pop(0) if self.faults else self.always


class Handler(BaseHTTPRequestHandler):
    server: JudgeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.keys.append(str(self.headers.get("authorization")))
            self.server.now += 1
            self.server.most = max(self.server.most, self.server.now)
        try:
            time.sleep(self.server.delay)
            self._answer(body, self.server.fault())
        except (BrokenPipeError, ConnectionResetError):
            pass
        finally:
            with self.server.lock:
                self.server.now -= 1

    def _answer(self, body: dict[str, Any], fault: str) -> None:
        if fault == "hang":
            time.sleep(3)
            self.close_connection = True
        elif fault.isdigit():
            self._send(int(fault), {"error": {"message": "as asked"}})
        elif fault == "no max_tokens" and "max_tokens" in body:
            self._send(
                400,
                {
                    "error": {
                        "message": (
                            "Unsupported parameter: 'max_tokens', use 'max_completion_tokens'"
                        )
                    }
                },
            )
        elif fault in ("no max_tokens", "no schema") and "response_format" in body:
            self._send(400, {"error": {"message": "response_format is not supported"}})
        elif fault == "html":
            self._raw(200, "text/html", b"<html>all is well</html>")
        elif self.path.endswith("/embeddings"):
            rows = [
                [float(text.lower().count(c)) for c in "abcdefghijklmnopqrstuvwxyz"]
                for text in body["input"]
            ]
            data = [
                {"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)
            ]
            self._send(
                200,
                {"object": "list", "model": "rules", "data": data, "usage": {"prompt_tokens": 3}},
            )
        else:
            text = (
                "I would rather not say."
                if fault == "garbage"
                else self.server.reply(body["messages"][-1]["content"])
            )
            self._send(
                200,
                {
                    "id": "c1",
                    "object": "chat.completion",
                    "created": 0,
                    "model": "rules",
                    "choices": [
                        {
                            "index": 0,
                            "finish_reason": self.server.finish,
                            "message": {"role": "assistant", "content": text},
                        }
                    ],
                    "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
                },
            )

    def _send(self, status: int, table: dict[str, Any]) -> None:
        self._raw(status, "application/json", json.dumps(table).encode())

    def _raw(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving(
    reply: Callable[[str], str] = judge, *faults: str, always: str = ""
) -> Iterator[JudgeServer]:
    """The server, running beside the block."""
    server = JudgeServer(reply, faults, always)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
