"""`adaptbench run` of a bot that fails: stored all the same, told in one line, exit code 5 where
all of it failed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evals.cli.main import run
from evals.core.errors import EXIT_OK, EXIT_SYSTEM
from evals.core.schema import Request
from tests import fakes

pytestmark = pytest.mark.usefixtures("fake_registry")

Command = Callable[[str], int]


def raising(request: Request) -> str:
    raise ValueError("no idea")


def silent(request: Request) -> Any:
    return None


async def later(request: Request) -> str:
    return "yes"


def bare_passages(request: Request) -> Any:
    return {"text": "yes", "passages": ["a page", "another"]}


def moody(request: Request) -> str:
    if request.id == "item0000":
        raise ValueError("not that one")
    return "yes"


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """`adaptbench run` of a function of this module on a small pack; returns the exit code."""
    monkeypatch.setattr("evals.core.registry.open_pack", lambda *_: fakes.TinyPack())

    def command(function: str) -> int:
        file = tmp_path / "bot.toml"
        file.write_text(f'kind = "python"\ntarget = "{__name__}:{function}"\n')
        return run(
            [
                "run",
                str(file),
                "--suite",
                "fake_suite",
                "--profile",
                "full",
                "--results",
                str(tmp_path / "results"),
            ]
        )

    return command


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@pytest.mark.parametrize(
    ("function", "why"),
    [
        ("raising", "ValueError: no idea"),
        ("silent", "not NoneType"),
        ("later", "not coroutine"),
        ("bare_passages", "a passage is a table with 'id' and 'text', not str"),
    ],
)
def test_a_bot_that_always_fails_is_no_success(
    ask: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str], function: str, why: str
) -> None:
    for _ in range(2):  # the second time nothing is asked again, and it is no success either
        assert ask(function) == EXIT_SYSTEM
        shown = capsys.readouterr()
        (message,) = [line for line in shown.err.splitlines() if line.startswith("error: ")]
        assert message.startswith("error: 40 of 40 answers failed; the first with ")
        assert why in message
        assert "is stored in" in shown.out
    (folder,) = (tmp_path / "results" / "runs").glob("bot-*")
    assert f"adaptbench show {folder.name} --item item00" in message
    item = message.partition("--item ")[2].split()[0]
    assert (
        run(["show", folder.name, "--item", item, "--results", str(tmp_path / "results")])
        == EXIT_OK
    )
    assert why in capsys.readouterr().out


def test_a_damaged_run_beside_it_does_not_stand_in_the_way(
    ask: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results"
    (results / "runs" / "old-1").mkdir(parents=True)
    (results / "runs" / "old-1" / "manifest.json").write_text("not JSON")
    assert ask("moody") == EXIT_OK
    assert "warning: run old-1 left out: damaged manifest" in capsys.readouterr().err
    for command in (
        ["leaderboard"],
        ["show", "bot"],
        ["report", "--out", str(tmp_path / "report.md")],
    ):
        assert run([*command, "--results", str(results)]) == EXIT_OK
        assert command[0] == "report" or "old-1" not in capsys.readouterr().err, "told once"
    for file in (results / "leaderboard.md", tmp_path / "report.md"):
        assert "run old-1 left out" in file.read_text().replace("\\", "")


def test_some_failed_answers_are_a_warning(
    ask: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask("moody") == EXIT_OK
    message = capsys.readouterr().err.splitlines()[-1]
    assert message.startswith(
        "warning: 1 of 40 answers failed; the first with exception: ValueError: not that one"
    )
