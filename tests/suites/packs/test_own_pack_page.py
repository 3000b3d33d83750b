"""The page that leads from one's own pack to a decision: its commands are run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from evals.analysis.policy import read_policy

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "own-pack.md").read_text(encoding="utf-8")
BASH = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
TOML = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def run(script: str, folder: Path) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, timeout=900,
        check=False, env={**os.environ, "PATH": path},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def copied(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    return tmp_path


@pytest.mark.slow
def test_a_better_bot_is_promoted_and_one_that_invents_rejected(tmp_path: Path) -> None:
    made = run(BASH[0], copied(tmp_path))
    assert "gold documents found for 183 of 183 answerable questions" in made
    assert "0 errors" in run("adaptbench pack validate parts 2>&1", tmp_path / "shop")
    decided = run(BASH[1], tmp_path / "shop")
    assert "PROMOTE: new" in decided
    assert "REJECT: worse" in decided
    assert "fabrication" in decided.partition("REJECT: worse")[2]


@pytest.mark.slow
@pytest.mark.real
def test_the_four_families_climb_a_ladder_on_it(tmp_path: Path) -> None:
    run(BASH[0], copied(tmp_path))
    script = BASH[2].replace("--limit 40", "--limit 6")
    assert script != BASH[2]
    shown = run(script, tmp_path / "shop")
    for step in ("base", "rag", "finetuned", "hybrid"):
        assert step in shown
    assert "hybrid" in (tmp_path / "shop" / "report.html").read_text(encoding="utf-8")


def test_it_takes_at_most_eight_commands() -> None:
    lines = [line for block in BASH for line in block.splitlines() if "adaptbench" in line]
    assert 0 < len(lines) <= 8


def test_the_policy_of_the_page_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(TOML[0])
    policy = read_policy(str(tmp_path / "mine.toml"))
    assert policy.can_promote
    assert len(policy.axis) == len(tomllib.loads(TOML[0])["axis"])
