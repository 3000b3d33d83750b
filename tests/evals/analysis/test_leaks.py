"""The check for leaked questions finds the pack of a run wherever it is asked from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

import adaptbench
from evals.analysis.leaks import training_questions
from evals.core.store import stored_runs
from suites.packs.commands import app


def silent(request: object) -> str:
    return "I don't know."


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack and a run on it, made by relative paths."""
    home = tmp_path / "project"
    home.mkdir()
    monkeypatch.chdir(home)
    assert CliRunner().invoke(app, ["new", "shop"]).exit_code == 0
    adaptbench.evaluate(silent, "shop", results="results")
    return home


def test_from_another_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = stored_runs(project / "results")
    monkeypatch.chdir(tmp_path)
    assert list(training_questions(run) or ())


def test_after_the_project_was_moved(project: Path, tmp_path: Path) -> None:
    shutil.move(project, tmp_path / "moved")
    (run,) = stored_runs(tmp_path / "moved" / "results")
    assert list(training_questions(run) or ())


def test_a_pack_that_is_gone_or_another_one_is_not_taken(project: Path) -> None:
    (run,) = stored_runs(project / "results")
    with (project / "shop" / "train.jsonl").open("a") as stream:
        stream.write("\n")
    assert training_questions(run) is None
    shutil.rmtree(project / "shop")
    assert training_questions(run) is None
