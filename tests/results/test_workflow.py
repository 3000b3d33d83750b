"""The example workflow's steps, run as they stand on the reference runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.results.test_reference import REFERENCE

ROOT = REFERENCE.parents[1]


def steps() -> dict[str, dict[str, Any]]:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "gate.yml").read_text())
    return {step["name"]: step for step in workflow["jobs"]["gate"]["steps"] if "name" in step}


def decide(folder: Path, candidate: str, policy: str) -> subprocess.CompletedProcess[str]:
    (folder / "gate-results").symlink_to(REFERENCE)
    (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
    given = {
        "CANDIDATE": candidate,
        "BASELINE": "rag",
        "POLICY": policy,
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    command = ["bash", "-eo", "pipefail", "-c", steps()["Decide"]["run"]]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_verdict_is_the_exit_code_the_summary_and_the_artifacts(tmp_path: Path) -> None:
    done = decide(tmp_path, "base", "default")
    assert done.returncode == 10, done.stderr
    assert (tmp_path / "summary").read_text().startswith("# REJECT: base")
    assert {file.name for file in tmp_path.glob("gate.*")} == {"gate.md", "gate.xml", "gate.json"}


@pytest.mark.parametrize(("candidate", "policy"), [("nobody", "default"), ("base", "nothing")])
def test_wrong_usage_keeps_its_exit_code(tmp_path: Path, candidate: str, policy: str) -> None:
    done = decide(tmp_path, candidate, policy)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
