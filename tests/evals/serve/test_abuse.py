"""A thousand malformed, oversized and abandoned requests: every answer is proper, nothing leaks,
service goes on.
"""

from __future__ import annotations

import http.client
import json
import socket
import time

import psutil
import pytest

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.interfaces import Setup
from evals.serve.server import serve
from evals.serve.wire import MAX_BODY
from tests.evals.serve.conftest import Served
from tests.evals.serve.talker import Talker
from tests.fakes import TinyPack

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.slow]

PATH = "/v1/chat/completions"
JSON = "Content-Type: application/json\r\n"
FINE = json.dumps(
    {"model": "talker", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
).encode()


def _raw(port: int, data: bytes) -> tuple[int, bytes]:
    """Send bytes, read one whole answer: its status and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def _leave(port: int, data: bytes, *, look: bool = False) -> None:
    """Send bytes and hang up, perhaps after the first bytes of the answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(data)
        if look:
            connection.recv(64)


def _post(body: bytes, *, kind: str = JSON, length: int | None = None, path: str = PATH) -> bytes:
    size = len(body) if length is None else length
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{kind}Content-Length: {size}\r\n\r\n".encode()
        + body
    )


BAD: list[tuple[bytes, int]] = [
    (_post(b"{"), 400),
    (_post(b"\xff" * 100), 400),
    (_post(b"[" * 10_000), 400),
    (_post(b'{"model": "talker", "messages": 5}'), 400),
    (_post(FINE, kind="Content-Type: text/plain\r\n"), 415),
    (_post(FINE, path="/v1/nothing"), 404),
    (f"DELETE {PATH} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(), 405),
    (_post(b"x" * 100, length=MAX_BODY + 1), 413),
    (b"\x16\x03\x01 this is not HTTP\r\n\r\n", 400),
]
NOT_HTTP = len(BAD) - 1


@pytest.mark.parametrize("case", range(len(BAD)))
def test_bad_requests_get_proper_errors(talker: Served, case: int) -> None:
    data, expected = BAD[case]
    status, body = _raw(talker.port, data)
    assert status == expected
    if case != NOT_HTTP:
        assert set(json.loads(body)["error"]) == {"message", "type", "param", "code"}


def test_a_body_that_grows_too_large_is_cut(talker: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", talker.port, timeout=10)
    parts = (b" " * 65536 for _ in range(2 * MAX_BODY // 65536))
    try:
        connection.request(
            "POST", PATH, parts, {"Content-Type": "application/json"}, encode_chunked=True
        )
    except (BrokenPipeError, ConnectionResetError):
        return  # the server had answered and closed before everything was sent
    assert connection.getresponse().status == 413


def _hang_up(port: int, n: int) -> None:
    """Leave before the headers are whole, before the body is, while waiting, or in the middle of
    the stream.
    """
    if n % 4 == 0:
        _leave(port, b"POST /v1/chat")
    elif n % 4 == 1:
        _leave(port, _post(FINE[:20], length=len(FINE)))
    elif n % 4 == 2:
        _leave(port, _post(FINE))
    else:
        _leave(port, _post(FINE), look=True)


def _quiet(port: int) -> None:
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        state = json.loads(_raw(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")[1])
        if state["waiting"] == state["in_flight"] == 0:
            return
        time.sleep(0.1)
    pytest.fail("requests of clients that have gone are still there")


def test_a_thousand_bad_requests_leak_nothing(talker: Served) -> None:
    process = psutil.Process(talker.pid)
    for n in range(200):
        _raw(talker.port, BAD[n % len(BAD)][0])
    _quiet(talker.port)
    before = process.memory_info().rss, process.num_threads(), process.num_fds()
    for n in range(1000):
        if n % 5 == 0:
            _hang_up(talker.port, n // 5)
        else:
            _raw(talker.port, BAD[n % len(BAD)][0])
    _quiet(talker.port)
    time.sleep(0.3)
    after = process.memory_info().rss, process.num_threads(), process.num_fds()
    assert after[0] - before[0] < 8 << 20
    assert after[1] <= before[1]
    assert after[2] <= before[2] + 2
    assert _raw(talker.port, _post(FINE))[0] == 200


def test_what_may_not_be_served() -> None:
    setup = Setup(TinyPack(), TinyPack().root)
    with pytest.raises(UsageError, match="needs the gold"):
        serve(Talker(privileged=True), setup)
    with pytest.raises(UsageError, match="every user's records"):
        serve(Talker(), setup, host="0.0.0.0")
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(EnvironmentProblem, match="cannot be served on"),
    ):
        serve(Talker(), setup, port=taken.getsockname()[1])
