"""Whole runs of a system behind a server that fails: one message, a documented exit code, and
nothing lost or twice.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from evals.cli.main import run
from evals.core import jsonl
from evals.core.errors import EXIT_OK, EXIT_SYSTEM
from evals.core.schema import Response
from tests import fakes
from tests.systems.faults import FaultServer, serving

pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("fake_registry"), pytest.mark.slow]
ITEMS = 60

Command = Callable[..., int]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`adaptbench run` of an endpoint system on a pack of ``ITEMS`` questions; returns the exit
    code.
    """
    monkeypatch.setattr("evals.core.registry.open_pack", lambda *_: fakes.TinyPack(ITEMS))

    def ask(url: str, **options: Any) -> int:
        fast = {
            "url": url,
            "key_env": "SHOP_KEY",
            "idle": 1.0,
            "deadline": 6.0,
            "connect": 5.0,
            **options,
        }
        engine = {"kind": "endpoint", "options": fast}
        file = tmp_path / "shop.toml"
        file.write_text(tomli_w.dumps({"kind": "adapted", "model": "tiny", "engine": engine}))
        asked = [
            "run",
            str(file),
            "--suite",
            "fake_suite",
            "--profile",
            "full",
            "--results",
            str(tmp_path),
        ]
        return run(asked)

    return ask


def stored(results: Path) -> list[Response]:
    """The responses of the only run."""
    (folder,) = (results / "runs").glob("shop-*")
    return list(jsonl.read(folder / "responses.jsonl", Response))


def messages(shown: str) -> int:
    return sum(line.startswith("error: ") for line in shown.splitlines())


def refuse(server: FaultServer, *faults: str) -> None:
    """From now on every exchange is one of these faults; without any, all is well."""
    server.faults, server.share = faults, 1.0 if faults else 0.0


def test_a_fifth_of_faults_over_eight_connections(command: Command, tmp_path: Path) -> None:
    with serving(share=0.2) as server:
        assert command(server.url, concurrency=8, most=8, tries=8) == EXIT_OK
    answers = stored(tmp_path)
    assert len(answers) == len({a.item for a in answers}) == ITEMS
    assert all(a.error is None for a in answers)
    assert sum(server.seen.values()) > ITEMS, "there were faults"
    assert server.most > 2, "requests were under way at once"
    assert sum(a.usage.prompt for a in answers if a.usage) == 11 * ITEMS, (
        "tokens of broken tries are not counted"
    )


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("401", "the server wants a key, and none was sent"),
        ("404", "the server knows no such address or model"),
        ("500", "the server has stopped answering"),
        ("hang", "the server has stopped answering"),
    ],
)
def test_what_was_answered_is_kept_and_the_rest_is_asked_again(
    command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str], fault: str, message: str
) -> None:
    with serving(plan=("",) * 12, share=1.0, faults=(fault,)) as server:
        how: dict[str, Any] = {"concurrency": 2, "most": 2, "tries": 2, "idle": 0.3}
        assert command(server.url, **how) == EXIT_SYSTEM
        shown = capsys.readouterr().err
        assert messages(shown) == 1
        assert message in shown
        assert "hint:" in shown
        kept = stored(tmp_path)
        assert 10 <= len(kept) <= 12
        assert all(a.error is None for a in kept)
        refuse(server)
        before = Counter(server.answered)
        assert command(server.url, **how) == EXIT_OK
    answers = stored(tmp_path)
    assert len(answers) == len({a.item for a in answers}) == ITEMS
    assert all(a.error is None for a in answers)
    assert answers[: len(kept)] == kept
    assert sum((server.answered - before).values()) == ITEMS - len(kept), (
        "nothing that was stored is asked again"
    )


@pytest.mark.parametrize(
    ("fault", "hint"),
    [
        ("401", "export SHOP_KEY=…, which is not set"),
        ("500", "look into the server's own log"),
        ("wrong type", "check the address"),
    ],
)
def test_the_hint_fits_what_the_server_does(
    command: Command, capsys: pytest.CaptureFixture[str], fault: str, hint: str
) -> None:
    with serving(share=1.0, faults=(fault,)) as server:
        assert command(server.url, concurrency=2, most=2, tries=1) == EXIT_SYSTEM
    shown = capsys.readouterr().err
    assert f"hint:     {hint}" in shown
    assert "start it" not in shown


def test_a_key_that_is_sent_is_refused(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_KEY", "wrong")
    with serving(share=1.0, faults=("401",)) as server:
        assert command(server.url) == EXIT_SYSTEM
    assert "the server refuses the key" in capsys.readouterr().err


def test_a_server_that_is_down(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert command(f"http://127.0.0.1:{port}/v1", tries=2) == EXIT_SYSTEM
    shown = capsys.readouterr().err
    assert messages(shown) == 1
    assert "the server does not answer" in shown


def test_a_key_that_is_needed_and_not_set(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("http://127.0.0.1:1/v1", key_required=True) == 2
    assert "SHOP_KEY is not set" in capsys.readouterr().err
