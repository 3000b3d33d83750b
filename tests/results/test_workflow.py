"""The scripts of the GitHub action and of the GitLab template, run as they stand on the reference
runs.
"""

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
GITHUB = ROOT / ".github"
GITLAB = ROOT / "docs" / "examples" / "gitlab-ci.yml"


def script(host: str) -> list[str]:
    """The command that the host runs."""
    if host == "github":
        return ["bash", str(GITHUB / "actions" / "gate" / "gate.sh")]
    (line,) = read(GITLAB)["adaptbench gate"]["script"]
    return ["bash", "-eo", "pipefail", "-c", line]


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


def decide(
    host: str, folder: Path, candidate: str, policy: str
) -> subprocess.CompletedProcess[str]:
    """Run the host's script in ``folder``."""
    given = {
        "CANDIDATE": candidate,
        "BASELINE": "rag",
        "POLICY": policy,
        "RESULTS": str(REFERENCE),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(folder / "output"),
        "GITHUB_STEP_SUMMARY": str(folder / "summary"),
    }
    return subprocess.run(
        script(host),
        cwd=folder,
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("host", ["github", "gitlab"])
def test_the_verdict_is_the_exit_code_and_the_artifacts(host: str, tmp_path: Path) -> None:
    done = decide(host, tmp_path, "base", "default")
    assert done.returncode == 10, done.stderr
    assert (tmp_path / "gate.md").read_text().startswith("# REJECT: base")
    assert {"gate.md", "gate.xml", "gate.json"} <= {file.name for file in tmp_path.iterdir()}
    if host == "github":
        assert (tmp_path / "summary").read_text().startswith("# REJECT: base")
        assert (tmp_path / "output").read_text() == "verdict=REJECT\n"
        assert "::warning title=answer got worse::" in done.stdout


@pytest.mark.parametrize("host", ["github", "gitlab"])
@pytest.mark.parametrize(("candidate", "policy"), [("nobody", "default"), ("base", "nothing")])
def test_wrong_usage_keeps_its_exit_code(
    host: str, tmp_path: Path, candidate: str, policy: str
) -> None:
    done = decide(host, tmp_path, candidate, policy)
    assert done.returncode == 2
    assert "error: " in done.stderr


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    action = read(GITHUB / "actions" / "gate" / "action.yml")
    steps = read(GITHUB / "workflows" / "gate.yml")["jobs"]["gate"]["steps"]
    (used,) = (step for step in steps if step.get("uses") == "./.github/actions/gate")
    required = {name for name, about in action["inputs"].items() if about.get("required")}
    assert required <= set(used["with"]) <= set(action["inputs"])
