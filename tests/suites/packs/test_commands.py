from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.core.errors import AdaptbenchError, UsageError
from suites.packs.commands import app
from suites.packs.reader import FolderPack, open_pack

runner = CliRunner()


def test_new_makes_a_small_pack_that_is_sound(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    assert runner.invoke(app, ["new", str(target)]).exit_code == 0
    assert {"README.md", "schemas", "pack.toml", "items.jsonl"} <= {
        p.name for p in target.iterdir()
    }
    assert str(target) in (target / "README.md").read_text()
    result = runner.invoke(app, ["validate", str(target)])
    assert result.exit_code == 0
    pack = open_pack(target)
    assert {i.suite for i in pack.items()} == {"domain_accuracy", "hallucination", "brand_tone"}
    assert sum(1 for _ in pack.documents()) < 150
    again = runner.invoke(app, ["new", str(target)])
    assert isinstance(again.exception, UsageError)
    assert runner.invoke(app, ["new", str(target), "--replace"]).exit_code == 0


def test_generate_takes_seed_and_scale(tmp_path: Path) -> None:
    for seed in (1, 2):
        result = runner.invoke(
            app, ["generate", str(tmp_path / str(seed)), "--seed", str(seed), "--scale", "0.1"]
        )
        assert result.exit_code == 0
    assert open_pack(tmp_path / "1").company["name"] != open_pack(tmp_path / "2").company["name"]
    assert isinstance(
        runner.invoke(app, ["generate", str(tmp_path / "3"), "--scale", "0"]).exception, UsageError
    )


def test_validate_prints_findings_and_exits_with_the_data_code(tmp_path: Path) -> None:
    target = tmp_path / "mine"
    runner.invoke(app, ["new", str(target)])
    with (target / "users.jsonl").open("a") as stream:
        stream.write("{broken\n")
    result = runner.invoke(app, ["validate", str(target)])
    assert result.exit_code == 3
    assert "[broken_line]" in result.output
    lines = runner.invoke(app, ["validate", str(target), "--json"]).stdout.splitlines()
    assert {"kind": "broken_line"}.items() <= json.loads(lines[0]).items()


def test_stats_and_sample(pack: FolderPack) -> None:
    found = json.loads(runner.invoke(app, ["stats", str(pack.root), "--json"]).stdout)
    assert found["documents"]["total"] == sum(1 for _ in pack.documents())
    assert found["items"]["domain_accuracy"]["freshness"]["changed"] == 36
    assert "by_kind" in runner.invoke(app, ["stats", str(pack.root)]).stdout
    options = ["sample", str(pack.root), "-n", "3", "--track", "freshness"]
    shown = runner.invoke(app, options).stdout
    assert shown.count("question") >= 3
    assert runner.invoke(app, options).stdout == shown
    assert runner.invoke(app, [*options, "--seed", "1"]).stdout != shown
    assert (
        json.loads(runner.invoke(app, [*options, "--json"]).stdout.splitlines()[0])["track"]
        == "freshness"
    )
    assert isinstance(
        runner.invoke(app, ["sample", str(pack.root), "--suite", "none"]).exception, UsageError
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate", "nowhere"],
        ["import", "target"],
        ["import", "target", "--set", "pubmedqq"],
        ["import", "target", "--set", "pubmedqa", "--data", "nowhere"],
        ["import", "target", "--set", "longtailqa", "--hub"],
        ["import", "target", "--questions", "nowhere.csv", "--documents", "nowhere"],
        ["import", "target", "--questions", "q.csv", "--documents", "d", "--column", "question"],
        ["import", "target", "--questions", "q.csv", "--documents", "d", "--date", "soon"],
    ],
)
def test_wrong_usage_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    result = runner.invoke(app, arguments)
    assert isinstance(result.exception, AdaptbenchError)
    assert not (tmp_path / "target").exists()


def test_import_of_own_files(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# Hours\n\nWe open at 09:30.\n")
    (tmp_path / "q.csv").write_text("question,answer\nWhen do you open?,09:30\n")
    result = runner.invoke(
        app,
        [
            "import",
            str(tmp_path / "p"),
            "--questions",
            str(tmp_path / "q.csv"),
            "--documents",
            str(tmp_path / "docs"),
        ],
    )
    assert result.exit_code == 0
    assert "gold documents found for 1 of 1" in result.stdout
