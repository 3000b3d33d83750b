"""What a person meets first: groups in the help, doctor, init, defaults, and ``--json``
everywhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer

from evals.cli.doctor import findings
from evals.cli.main import build_app, run
from evals.cli.shared.grouped import GROUPS, with_stdout
from evals.core.registry import COMMANDS

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "results" / "reference"
SCHEMAS = ROOT / "docs" / "schemas" / "commands"


def test_every_command_of_ours_stands_in_one_group(capsys: pytest.CaptureFixture[str]) -> None:
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == COMMANDS.names()
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n{title}:\n" in text for title in GROUPS)
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in grouped)


def options() -> dict[str, set[str]]:
    """The long options of every command, nested ones too."""
    root = typer.main.get_command(build_app())
    found: dict[str, set[str]] = {}

    def walk(name: str, command: Any) -> None:
        for child, inner in getattr(command, "commands", {}).items():
            walk(f"{name} {child}".strip(), inner)
        if not hasattr(command, "commands"):
            found[name] = {opt for p in command.params for opt in p.opts if opt.startswith("--")}

    walk("", root)
    return found


def test_one_thing_has_one_option_name() -> None:
    for command, names in options().items():
        assert "--output" not in names or "--out" in names, command
        assert not names & {"--json-file", "--result", "--silent", "--force"}, command


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ([], []),
        (["--json"], ["--json", "-"]),
        (["--json", "--full"], ["--json", "-", "--full"]),
        (["--json", "a.json"], ["--json", "a.json"]),
        (["--json", "-"], ["--json", "-"]),
        (["rag", "--json", "-q"], ["rag", "--json", "-", "-q"]),
    ],
)
def test_json_stands_alone_or_before_a_file(given: list[str], read: list[str]) -> None:
    assert with_stdout(given) == read


ANSWERED = {
    "compare": ["compare", "rag", "hybrid"],
    "cost": ["cost", "hybrid"],
    "doctor": ["doctor", "--no-gpu"],
    "gate": ["gate", "--candidate", "hybrid", "--baseline", "rag"],
    "label": ["label", "hybrid", "--summary"],
    "ladder": ["ladder"],
    "leaderboard": ["leaderboard"],
    "list": ["list", "suites"],
    "plan": ["plan", "--profile", "quick"],
    "run": ["run", "always_abstain", "--suite", "hallucination", "--limit", "4"],
    "show": ["show", "hybrid", "--wrong"],
}
"""Each command that prints figures with ``--json``; without arguments: needs runs of more seeds."""


def test_every_command_with_json_has_a_published_schema() -> None:
    with_json = {name for name, opts in options().items() if "--json" in opts and " " not in name}
    assert with_json == set(ANSWERED) == {path.name.split(".")[0] for path in SCHEMAS.iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("command", [name for name, given in ANSWERED.items() if given])
def test_json_is_all_that_is_printed_and_fits_its_schema(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    if command != "run":
        (tmp_path / "results" / "runs").symlink_to(REFERENCE / "runs")
    assert run([*ANSWERED[command], "--json"]) in (0, 4, 10, 20)
    found = json.loads(capsys.readouterr().out)
    schema = json.loads((SCHEMAS / f"{command}.schema.json").read_text())
    jsonschema.validate(found, schema)
    assert found


def test_version_names_the_commit(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert re.fullmatch(
        r"adaptbench \d+\.\d+\.\d+ \(([0-9a-f]{12}(\+changes)?|unknown commit)\)\n",
        capsys.readouterr().out,
    )


@pytest.mark.slow
def test_help_is_there_within_a_third_of_a_second_of_processor_time() -> None:
    def once() -> float:
        before, start = os.times(), time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "adaptbench", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        after = os.times()
        used = after.children_user + after.children_system
        return min(time.monotonic() - start, used - before.children_user - before.children_system)

    assert min(once() for _ in range(3)) < 0.3


MACHINE = {"cores": 8, "threads": 8, "native_bfloat16": True, "accelerators": ["H100"]}
MEASURED = {"disk_free_gib": 90.0, "memory_free_gib": 60.0, "load": 0.0, "device": "H100"}


@pytest.mark.parametrize(
    ("about", "measured", "models", "expected"),
    [
        ({}, {}, ["smollm2-135m"], []),
        ({"threads": 2}, {}, ["m"], ["6 of 8 cores idle"]),
        ({"threads": 16}, {}, ["m"], ["16 threads share 8 cores"]),
        ({}, {"disk_free_gib": 0.1}, ["m"], ["of disk are free"]),
        ({}, {"memory_free_gib": 1.0}, ["m"], ["of memory are free"]),
        ({}, {"load": 7.0}, ["m"], ["latencies would be wrong"]),
        ({}, {"device": "cpu"}, ["m"], ["does not use it"]),
        ({"accelerators": []}, {"device": "cpu"}, ["m"], ["no GPU"]),
        ({}, {}, [], ["no model is on disk"]),
    ],
)
def test_doctor_names_what_bounds_a_machine(
    about: dict[str, Any], measured: dict[str, Any], models: list[str], expected: list[str]
) -> None:
    found = findings({**MACHINE, **about}, {**MEASURED, **measured}, models)
    assert len(found) == len(expected)
    assert all(part in problem for (_, problem, _), part in zip(found, expected, strict=True))


@pytest.mark.slow
def test_a_new_project_runs_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "shop"
    assert run(["init", str(folder)]) == 0
    assert run(["init", str(folder)]) == 2, "a folder that holds files"
    (folder / "bot.toml").write_text((folder / "bot.toml").read_text().replace("our bot", "mine"))
    assert run(["init", str(folder), "--yes"]) == 0
    assert "mine" in (folder / "bot.toml").read_text(), "an edited file is left alone"
    monkeypatch.chdir(folder)
    capsys.readouterr()
    assert run(["run", "bot.toml"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert "profile full" in shown[0], "adaptbench.toml sets the profile"
    assert len(shown) < 15
    assert max(map(len, shown)) <= 80


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[run", "not a readable TOML file"),
        ('[runn]\nprofile = "full"', "did you mean [run]?"),
        ('[list]\nresult = "x"', "did you mean results?"),
        ("run = 3", "no table of a command"),
    ],
)
def test_a_mistake_in_the_defaults_is_named(
    text: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "adaptbench.toml").write_text(text)
    assert run(["list", "runs"]) == 2
    message = capsys.readouterr().err
    assert "adaptbench.toml" in message
    assert said in message


def test_what_is_typed_wins_over_the_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "adaptbench.toml").write_text(f'[defaults]\nresults = "{REFERENCE}"\n')
    assert run(["list", "runs"]) == 0
    assert "hybrid-" in capsys.readouterr().out
    assert run(["list", "runs", "--results", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
