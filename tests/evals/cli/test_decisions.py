from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.cli.main import run as cli
from tests.evals.analysis.families import run


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    for k, system in enumerate(("base", "rag", "finetuned", "hybrid")):
        run(root, system, {"accuracy": 0.6 + 0.1 * k}, clusters=60)
    run(root, "better", {"accuracy": 0.93})
    run(root, "plain")
    return root


def test_gate_exit_codes_and_files(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {kind: tmp_path / f"gate.{kind}" for kind in ("markdown", "junit", "json")}
    options = [part for kind, file in files.items() for part in (f"--{kind}", str(file))]
    there = ["--results", str(results)]
    assert cli(["gate", "--candidate", "better", "--baseline", "plain", *there, *options]) == 0
    assert json.loads(files["json"].read_text())["outcome"] == "PROMOTE"
    assert all(file.stat().st_size for file in files.values())
    assert cli(["gate", "--candidate", "plain", "--baseline", "better", *there]) == 10
    assert cli(["gate", "--candidate", "plain", "--baseline", "plain", *there]) == 20
    assert cli(["gate", "--candidate", "plain", *there]) == 2
    assert cli(["gate", "--candidate", "nobody", "--baseline", "plain", *there]) == 2
    assert cli(["gate", "--explain"]) == 0
    assert "PROMOTE       exit 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["ladder", "--json", "{folder}"],
        ["ladder", "--plots", "{file}"],
        ["compare", "base", "rag", "--json", "{folder}"],
        ["compare", "base", "rag", "--markdown", "{file}/page.md"],
        ["gate", "--candidate", "better", "--baseline", "plain", "--json", "{folder}"],
        [
            "gate",
            "--candidate",
            "better",
            "--baseline",
            "plain",
            "--json",
            "{new}",
            "--junit",
            "{new}",
        ],
        ["cost", "base", "--plot", "{folder}"],
    ],
)
def test_impossible_outputs_are_refused_before_the_work(
    arguments: list[str], results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("kept")
    places = {"folder": tmp_path, "file": tmp_path / "file", "new": tmp_path / "new.xml"}
    assert cli([a.format(**places) for a in arguments] + ["--results", str(results)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: ")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_compare_and_ladder_write_files(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = ["--results", str(results)]
    page, data = tmp_path / "c.md", tmp_path / "c.json"
    assert (
        cli(
            [
                "compare",
                "base",
                "rag",
                "hybrid",
                *there,
                "--markdown",
                str(page),
                "--json",
                str(data),
            ]
        )
        == 0
    )
    assert len(json.loads(data.read_text())) == 2
    ladder = [
        "ladder",
        *there,
        "--markdown",
        str(tmp_path / "l.md"),
        "--plots",
        str(tmp_path / "p"),
    ]
    assert cli(ladder) == 0
    assert "](p/ladder_values.svg)" in (tmp_path / "l.md").read_text()
    assert cli(["compare", "base", "plain", *there]) == 3
    assert "cannot be compared" in capsys.readouterr().err
