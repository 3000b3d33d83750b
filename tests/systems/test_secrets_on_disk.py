"""No secret reaches the results folder or the terminal, whichever way it comes in and goes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from evals.cli.main import run
from evals.core import secrets
from evals.core.schema import Request
from tests import fakes
from tests.systems.faults import serving

SECRET = 'hu"nter\\22-sécret'
PLAIN = "hunter22-secret"
pytestmark = [pytest.mark.enable_socket, pytest.mark.usefixtures("fake_registry")]


def telling(**options: Any) -> Any:
    """A bot that repeats its settings in every second answer and fails with them in the others."""

    def ask(request: Request) -> Any:
        if int(request.id[-1]) % 2:
            raise ValueError(f"refused: {next(iter(options.values()))}")
        passages = [{"id": str(options), "text": str(next(iter(options.values())))}]
        return {"text": f"I was made with {next(iter(options.values()))}", "passages": passages}

    return ask


def failing(**options: Any) -> Any:
    raise ValueError(f"no access with {options}")


def engine(**options: Any) -> dict[str, Any]:
    fast = {"idle": 2.0, "deadline": 4.0, "tries": 1, **options}
    return {"kind": "adapted", "model": "m", "engine": {"kind": "endpoint", "options": fast}}


def http(**settings: Any) -> dict[str, Any]:
    return {"kind": "http", "answer": "reply.text", "tries": 1, **settings}


def python(name: str, **options: Any) -> dict[str, Any]:
    return {"kind": "python", "target": f"{__name__}:{name}", "factory": True, "options": options}


WAYS = {
    "a callable's key": python("telling", api_key=PLAIN),
    "a callable's awkward key": python("telling", api_key=SECRET),
    "a callable's table of keys": python("telling", credentials={"prod": [PLAIN]}),
    "a callable's address": python("telling", url=f"https://user:{PLAIN}@db.example/x"),
    "a callable's address with a key": python("telling", url=f"https://a.example/?api_key={PLAIN}"),
    "a factory that fails": python("failing", password=PLAIN),
    "an engine's key": engine(key_env="SHOP_KEY", url="{url}"),
    "an engine's extra body": engine(extra={"api_key": PLAIN}, url="{url}"),
    "an engine's address": engine(url=f"http://user:{PLAIN}@127.0.0.1:1/v1"),
    "an engine's address with a key": engine(url=f"http://127.0.0.1:1/v1?key={PLAIN}"),
    "a chatbot's header": http(headers={"Authorization": f"Bearer {PLAIN}"}, url="{url}"),
    "a chatbot's own header": http(headers={"x-shop": PLAIN}, url="{url}"),
    "a chatbot's secret header": http(secret_headers={"x-shop": "SHOP_KEY"}, url="{url}"),
    "a chatbot's address": http(url=f"http://127.0.0.1:1/v1?token={PLAIN}"),
}


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_known", set())
    monkeypatch.setenv("SHOP_KEY", PLAIN)


@pytest.mark.parametrize("fault", ["401", "400", "500", "echo"])
@pytest.mark.parametrize("way", WAYS)
def test_no_secret_is_stored_or_shown(
    way: str,
    fault: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("evals.core.registry.open_pack", lambda *_: fakes.TinyPack(4))
    settings = WAYS[way]
    if "{url}" not in str(settings) and fault != "401":
        pytest.skip("asks no server")
    if fault == "echo" and way == "a chatbot's own header":
        pytest.skip("a header that is named like no secret is hidden in errors, not in answers")
    results = tmp_path / "results"
    echo = fault == "echo"
    with serving(faults=() if echo else (fault,), share=float(not echo)) as server:
        server.echoes = True
        server.message = {"content": f"my key is {PLAIN}"} if echo else None
        text = tomli_w.dumps(settings).replace("{url}", server.url)
        (tmp_path / "bot.toml").write_text(text, encoding="utf-8")
        asked = ["run", str(tmp_path / "bot.toml"), "--suite", "fake_suite", "--profile", "full"]
        run([*asked, "--results", str(results)])
        run(["report", "--results", str(results), "--out", str(results / "report.md")])
        run(["show", "bot", "--results", str(results)])
    shown = "".join(capfd.readouterr())
    assert shown
    for secret in (PLAIN, SECRET, json.dumps(SECRET, ensure_ascii=False)[1:-1]):
        assert secret not in shown
        for file in results.rglob("*"):
            assert not file.is_file() or secret.encode() not in file.read_bytes(), file.name
