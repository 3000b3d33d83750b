"""Waits as servers ask for them, tries within a budget, and no secret in any message."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from email.utils import formatdate

import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.secrets import MASK, masked
from evals.http.retries import LONGEST_ASKED, Retries
from evals.http.secrets import check_address, masker
from evals.http.transport import Transport, Trouble, retry_after
from tests.systems.faults import serving


@pytest.mark.parametrize(("header", "seconds"), [("3", 3), ("0.5", 0.5), ("-3", 0)])
def test_retry_after_in_seconds(header: str, seconds: float) -> None:
    assert retry_after(header) == seconds


@pytest.mark.parametrize(("ahead", "least", "most"), [(36_000, 30_000, 36_001), (-3600, 0, 0)])
def test_retry_after_as_a_date(ahead: float, least: float, most: float) -> None:
    found = retry_after(formatdate(time.time() + ahead, usegmt=True))
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize(
    "header", [None, "", "soon", "nan", "Mon, 99 Foo 2026 25:61:00 GMT", "1e999x"]
)
def test_a_retry_after_that_says_nothing(header: str | None) -> None:
    assert retry_after(header) is None


def test_retries_have_a_budget_and_follow_the_server() -> None:
    retries = Retries(tries=3, reserve=3, share=0.0)
    assert retries.wait("k", 1, 7.0) == 7.0
    assert (retries.wait("k", 2, None) or 0) < 1.0
    assert retries.wait("k", 1, 1e9) == LONGEST_ASKED
    assert retries.wait("k", 1, None) is None, "the budget is spent"
    assert Retries(tries=3, reserve=9, share=0).wait("k", 3, None) is None, "its tries are spent"


def test_only_passing_troubles_are_tried_again() -> None:
    def attempt() -> str:
        troubles = [Trouble("server_error", "once"), Trouble("rejected", "for good", passing=False)]
        if calls < len(troubles):
            raise troubles[calls]
        return "answer"

    calls = 0
    retries = Retries(tries=5, reserve=5, share=1.0, first=0.001)
    with pytest.raises(Trouble, match="server_error"):
        Retries(tries=1, reserve=5, share=1.0).run("k", attempt)
    calls = 2
    assert retries.run("k", attempt) == "answer"
    calls = 1
    with pytest.raises(Trouble, match="rejected"):
        retries.run("k", attempt)


@pytest.mark.enable_socket
def test_a_prompt_that_a_filter_refused_is_a_trouble_of_its_own() -> None:
    with serving(plan=("400",)) as server:
        server.echoes = True
        transport = Transport({"accept": "content_filter"}, connect=5, idle=5, deadline=5)
        with pytest.raises(Trouble) as found, transport.post(server.url, {"question": "q"}):
            pass
        transport.close()
    assert (found.value.kind, found.value.passing) == ("filtered", False)


@pytest.mark.enable_socket
@pytest.mark.parametrize("status", ["400", "401", "404", "500"])
def test_a_key_that_the_server_repeats_is_masked(status: str) -> None:
    with serving(plan=(status,)) as server:
        server.echoes = True
        headers = {
            "authorization": "Bearer se5am3-open",
            "x-api-key": "an0ther-one",
            "accept": "application/json",
        }
        transport = Transport(headers, connect=5, idle=5, deadline=5)
        with (
            pytest.raises((Trouble, SystemFailure)) as found,
            transport.post(server.url, {"question": "q"}),
        ):
            pass
        transport.close()
    message = str(found.value)
    assert MASK in message
    assert "se5am3" not in message and "an0ther" not in message


@pytest.mark.parametrize(
    "text", ["Bearer abcdef123456", "key sk-abcdefghijklmnop", "pass hunter22 on"]
)
def test_what_looks_like_a_key_is_masked_too(text: str) -> None:
    assert MASK in masker(["hunter22"])(text)
    assert masker([])("a plain sentence, keys unnamed") == "a plain sentence, keys unnamed"


def test_settings_named_like_secrets_are_masked() -> None:
    given = {
        "api_key": "x",
        "headers": {"Authorization": "y", "accept": "z"},
        "max_tokens": 8,
        "all": [{"token": "t"}],
    }
    expected = {"api_key": MASK, "headers": {"Authorization": MASK, "accept": "z"}, "max_tokens": 8}
    assert masked(given) == {**expected, "all": [{"token": MASK}]}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://host/v1",
        "http://",
        "http://user:pass@host/v1",
        "https://token@host",
        "https://host/v1?api_key=abcdefgh",
        "http://[::",
        "http://[x]/",
        "http://host:99999",
    ],
)
def test_an_address_without_host_or_with_a_secret_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as found:
        check_address(url, "an endpoint", "name the key's variable")
    assert "pass" not in str(found.value)


@pytest.mark.enable_socket
@pytest.mark.parametrize("part", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_server_that_drips_ends_with_the_deadline(part: bytes) -> None:
    """A byte of headers or body every 50 ms: each read is in time, the whole is not."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def drip() -> None:
        with listener.accept()[0] as connection, suppress(OSError):
            connection.sendall(part)
            while not done.wait(0.05):
                connection.sendall(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    transport = Transport({}, connect=5, idle=5, deadline=0.5)
    began = time.monotonic()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(Trouble) as found, transport.post(url, {}) as received:
        received.json()
    assert (found.value.kind, time.monotonic() - began < 3) == ("timeout", True)
    done.set()
    transport.close()
    thread.join()
    listener.close()
