"""Runs are found by name, and tampering shows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from evals.core.errors import DataError, UsageError
from evals.core.registry import SystemConfig
from evals.core.store import (
    SCORES,
    StoredRun,
    find_run,
    open_run,
    stored_runs,
    unreadable_runs,
    write_manifest,
)
from evals.run.execute import RunSpec, execute
from tests.fakes import TinyPack


@pytest.fixture
def run(tmp_path: Path, fake_registry: None) -> StoredRun:
    return execute(RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), tmp_path, ("fake_suite",)))


def test_found_by_name_prefix_system_and_folder(run: StoredRun, tmp_path: Path) -> None:
    for reference in (run.name, run.name[:8], "fake", str(run.path)):
        assert find_run(tmp_path, reference).name == run.name
    with pytest.raises(UsageError, match="no run is named"):
        find_run(tmp_path, "other")


def test_edited_score_is_noticed(run: StoredRun) -> None:
    path = run.path / SCORES
    path.write_bytes(path.read_bytes().replace(b'"value":', b'"value":0', 1))
    assert run.tampering() == [f"{SCORES}: edited after the run was finished"]


def test_edited_manifest_is_noticed(run: StoredRun) -> None:
    write_manifest(run.path, msgspec.structs.replace(run.manifest, profile="full"))
    assert open_run(run.path).tampering() == ["manifest.json: differs from its seal"]


def test_damaged_manifest(run: StoredRun, tmp_path: Path) -> None:
    (run.path / "manifest.json").write_text("{")
    with pytest.raises(DataError, match="damaged manifest"):
        open_run(run.path)
    with pytest.raises(DataError, match="not a run"):
        open_run(tmp_path)


def test_an_unreadable_run_is_left_out_and_reported_but_refused_where_it_is_named(
    run: StoredRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "runs" / "broken-123"
    bad.mkdir()
    (bad / "manifest.json").write_text("{")
    assert (
        [r.name for r in stored_runs(tmp_path)]
        == [r.name for r in stored_runs(tmp_path)]
        == [run.name]
    )
    (message,) = capsys.readouterr().err.splitlines()
    assert message.startswith("warning: run broken-123 left out: damaged manifest")
    assert [f"warning: {note}" for note in unreadable_runs(tmp_path)] == [message]
    assert find_run(tmp_path, "fake").name == run.name
    for reference in ("broken-123", "broken", str(bad)):
        with pytest.raises(DataError, match="damaged manifest"):
            find_run(tmp_path, reference)
