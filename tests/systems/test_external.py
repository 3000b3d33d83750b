"""What a company runs already: a callable, a chatbot over HTTP, and a package that adds systems of
its own.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.identity import code_digest, source_digest
from evals.core.interfaces import Setup
from evals.core.normalise import normalised
from evals.core.schema import Request, Response, encode
from systems.external import http_chatbot, python_callable
from systems.template import dig, fill
from tests.systems.faults import serving

HERE = __name__
REQUESTS = [Request("a", "Why?", user="u1"), Request("b", "fail"), Request("c", "When?")]


def shout(request: Request) -> str:
    if request.question == "fail":
        raise ValueError("no idea")
    return request.question.upper()


def with_passages(request: Request) -> Mapping[str, Any]:
    return {
        "text": "x",
        "passages": [{"id": "p", "document": "d", "text": "t"}, {"id": "q", "text": "u"}],
    }


def whole_record(request: Request) -> Response:
    return Response(item="whatever", text="mine")


def today(request: Request) -> str:
    return request.time


def wrong_kind(request: Request) -> Any:
    return 7


class Bot:
    def __init__(self, greeting: str) -> None:
        self.greeting = greeting

    def __call__(self, request: Request) -> str:
        return f"{self.greeting} {request.user}"


def answers(system: Any, setup: Setup, requests: list[Request] = REQUESTS) -> dict[str, Response]:
    system.open(setup)
    try:
        return {r.item: r for r in system.answer(requests, "throughput")}
    finally:
        system.close()


def test_callable_is_asked_and_its_exceptions_stay_with_their_request(setup: Setup) -> None:
    found = answers(python_callable({"target": f"{HERE}:shout"}), setup)
    assert (found["a"].text, found["c"].text) == ("WHY?", "WHEN?")
    assert found["b"].error is not None
    assert "no idea" in found["b"].error.message
    assert found["a"].timings is not None


def test_callable_may_tell_passages_or_a_whole_record(setup: Setup) -> None:
    passages = (
        answers(python_callable({"target": f"{HERE}:with_passages"}), setup)["a"].passages or ()
    )
    assert [(p.document, p.text) for p in passages] == [("d", "t"), ("q", "u")]
    scores = [p.score for p in passages]
    assert scores == sorted(scores, reverse=True)
    assert answers(python_callable({"target": f"{HERE}:whole_record"}), setup)["a"].text == "mine"
    wrong = answers(python_callable({"target": f"{HERE}:wrong_kind"}), setup)["a"]
    assert wrong.error is not None
    assert "not int" in wrong.error.message


def test_factory_gets_its_options(setup: Setup) -> None:
    settings = {"target": f"{HERE}:Bot", "factory": True, "options": {"greeting": "hi"}}
    assert answers(python_callable(settings), setup)["a"].text == "hi u1"
    with pytest.raises(SystemFailure, match="cannot be set up"):
        answers(python_callable({**settings, "options": {"volume": 3}}), setup)


def test_a_module_in_the_current_folder_is_found_and_the_path_is_left_as_it_was(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot_of_this_folder.py").write_text("def ask(request): return 'here'\n")
    before = list(sys.path)
    system = python_callable({"target": "bot_of_this_folder:ask"})
    assert sys.path == before
    assert system.identity(setup)["theirs"]
    assert answers(system, setup)["a"].text == "here"


def test_callable_is_reported_the_date_and_not_the_name_of_the_moment(setup: Setup) -> None:
    assert (
        answers(python_callable({"target": f"{HERE}:today"}), setup)["a"].text
        == setup.pack.times["t1"]
    )


def test_targets_that_do_not_exist_are_reported() -> None:
    for target in ("no_such_module:x", f"{HERE}:nothing", "nonsense", f"{HERE}:HERE"):
        with pytest.raises(UsageError):
            python_callable({"target": target})


@pytest.mark.parametrize("name", ["own_bot.py", "own_bots/__init__.py"])
def test_an_edit_of_ones_own_function_makes_another_system(
    setup: Setup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Or the answers of the old one would be taken for those of the new one."""
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    monkeypatch.syspath_prepend(tmp_path)
    file.write_text("def ask(request): return 'yes'\n")
    system = python_callable({"target": f"{name.partition('.')[0].partition('/')[0]}:ask"})
    before = system.identity(setup)
    assert before["theirs"]
    file.write_text("def ask(request): return 'no'\n")
    for digest in (code_digest, source_digest):
        digest.cache_clear()
    assert system.identity(setup) != before


def test_version_is_part_of_the_identity(setup: Setup) -> None:
    one, two = ({"target": f"{HERE}:shout", "version": v} for v in ("1", "2"))
    assert python_callable(one).identity(setup) != python_callable(two).identity(setup)


@pytest.mark.enable_socket
def test_chatbot_behind_http_is_mapped_by_template(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "sesame")
    with serving() as server:
        settings = {
            "url": f"{server.url}/chat",
            "body": {
                "question": "{question}",
                "meta": {"asker": "{user}", "today": "{time}", "version": 2},
            },
            "answer": "reply.text",
            "passages": "sources",
            "passage_id": "doc",
            "passage_text": "body",
            "secret_headers": {"x-token": "BOT_TOKEN"},
        }
        system = http_chatbot(settings)
        found = answers(system, setup)
        assert "sesame" not in str(system.identity(setup))
    assert found["a"].text == "echo Why?"
    assert [(p.document, p.text) for p in found["a"].passages or ()] == [
        ("d1", "first"),
        ("1", "second"),
    ]
    asked = next(b for b in server.bodies if b["question"] == "Why?")
    assert asked["meta"] == {"asker": "u1", "today": setup.pack.times["t1"], "version": 2}
    assert server.headers[0]["x-token"] == "sesame"


@pytest.mark.enable_socket
def test_chatbot_faults_are_retried_and_reported(setup: Setup) -> None:
    with serving(plan=("500", "429", "broken json")) as server:
        settings = {"url": server.url, "answer": "reply.text", "idle": 2.0}
        found = answers(http_chatbot(settings), setup)
        assert {r.text for r in found.values()} == {"echo Why?", "echo fail", "echo When?"}
        lost = answers(http_chatbot({**settings, "answer": "reply.words"}), setup)["a"]
    assert lost.error is not None
    assert lost.error.kind == "bad_answer"
    with (
        serving(share=1.0, faults=("401",)) as locked,
        pytest.raises(SystemFailure, match="name the header"),
    ):
        answers(http_chatbot({"url": locked.url}), setup)


@pytest.mark.enable_socket
def test_a_chatbot_that_stops_answering_ends_the_run_and_loses_nothing(setup: Setup) -> None:
    settings = {
        "concurrency": 2,
        "tries": 1,
        "body": {"question": "{question}"},
        "answer": "reply.text",
    }
    with serving(plan=("",) * 6, share=1.0, faults=("500",)) as server:
        system = http_chatbot({**settings, "url": server.url})
        system.open(setup)
        stored: list[Response] = []
        with pytest.raises(SystemFailure, match="the chatbot has stopped answering"):
            for response in system.answer(
                (Request(str(i), f"q{i}") for i in range(12)), "throughput"
            ):
                stored.append(response)
        system.close()
    assert len(stored) >= 4
    assert all(response.error is None for response in stored)


def test_http_settings_are_checked(setup: Setup) -> None:
    with pytest.raises(UsageError, match="address"):
        http_chatbot({"url": "ftp://x"})
    with pytest.raises(UsageError, match="unknown placeholder"):
        http_chatbot({"url": "http://127.0.0.1:1", "body": {"q": "{quesiton}"}})
    with pytest.raises(UsageError, match="NO_SUCH_TOKEN is not set"):
        http_chatbot({"url": "http://127.0.0.1:1", "secret_headers": {"a": "NO_SUCH_TOKEN"}}).open(
            setup
        )


def test_templates_fill_literally_and_dig_safely() -> None:
    fields = {"question": 'say "{user}"', "user": "u"}
    assert fill({"a": ["{question}!", 3, None]}, fields) == {"a": ['say "{user}"!', 3, None]}
    assert dig({"a": [{"b": 1}]}, "a.0.b") == 1
    assert dig({"a": [{"b": 1}]}, "a.7.b") is None
    assert dig("text", "") == "text"
    assert dig("text", "a") is None


def test_a_package_of_somebody_else_adds_a_system(tmp_path: Path) -> None:
    """A worked example: a module, a bundled TOML and three lines of entry points are a system by
    name.
    """
    package = tmp_path / "acme_bots"
    package.mkdir()
    (package / "__init__.py").write_text(
        "class Parrot:\n    privileged = False\n    def __init__(self, settings): self.name ="
        " settings['name']; self.loud = settings.get('loud', False)\n    def identity(self, setup):"
        " return {'kind': 'parrot', 'loud': self.loud}\n    def open(self, setup): pass\n    def"
        " answer(self, requests, mode):\n        from evals.core.schema import Response\n       "
        " for r in requests: yield Response(item=r.id, text=r.question.upper() if self.loud else"
        " r.question)\n    def close(self): pass\n"
    )
    (package / "configs").mkdir()
    (package / "configs" / "__init__.py").write_text("")
    (package / "configs" / "loud_parrot.toml").write_text('kind = "parrot"\nloud = true\n')
    info = tmp_path / "acme_bots-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-bots\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[adaptbench.systems]\nparrot = acme_bots:Parrot\n\n[adaptbench.configs]\nacme ="
        " acme_bots.configs\n"
    )
    script = (
        "from evals.core.registry import system_config, system_names\n"
        "from evals.core.schema import Request\n"
        "assert {'parrot', 'loud_parrot'} <= set(system_names())\n"
        "system = system_config('loud_parrot').build()\n"
        "system.open(None)\n"
        "print([r.text for r in system.answer([Request('a', 'why?')], 'throughput')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['WHY?']"


def _exits(request: Request) -> str:
    sys.exit(0)


def _cancels(request: Request) -> str:
    raise asyncio.CancelledError


def _no_text(request: Request) -> Response:
    return Response(request.id, text=None)  # type: ignore[arg-type]


def _nothing(request: Request) -> str:
    return cast(str, None)


def _no_number(request: Request) -> dict[str, Any]:
    return {
        "text": "9 euros",
        "passages": [{"id": "a", "text": "x", "score": float("nan")}, {"id": "b", "text": "y"}],
    }


def _half(request: Request) -> str:
    return "9 euros \udcff"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (_exits, "exception"),
        (_cancels, "exception"),
        (_nothing, "exception"),
        (_no_text, "bad_answer"),
        (_no_number, None),
        (_half, None),
    ],
)
def test_whatever_a_callable_does_is_stored_and_read_again(
    answer: Any, kind: str | None, setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "_asked", answer, raising=False)
    system = python_callable({"target": f"{__name__}:_asked"})
    system.open(setup)
    found = [
        normalised(r) for r in system.answer([Request("a", "?"), Request("b", "?")], "throughput")
    ]
    assert [msgspec.json.decode(encode(r), type=Response) for r in found] == found
    assert [r.item for r in found] == ["a", "b"]
    assert [r.error.kind if r.error else None for r in found] == [kind, kind]


def test_secrets_in_options_stay_out_of_the_identity(setup: Setup) -> None:
    settings = {"target": f"{__name__}:_half", "options": {"api_key": "se5am3", "mode": "plain"}}
    identity = str(python_callable(settings).identity(setup))
    assert "se5am3" not in identity
    assert "plain" in identity


def test_python_code_can_be_forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADAPTBENCH_NO_PYTHON", "1")
    with pytest.raises(UsageError, match="names Python code"):
        python_callable({"target": f"{HERE}:shout"})
    assert python_callable({"target": shout}).name == "python"
