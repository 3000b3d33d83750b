"""Writes the commit into a built package; all else is in pyproject.toml."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class WithCommit(build_py):
    """As `build_py`, and `evals/core/commit.txt` where the commit is known."""

    def run(self) -> None:
        super().run()
        commit = os.environ.get("ADAPTBENCH_COMMIT", "") or _commit()
        if commit and not self.editable_mode:
            path = Path(self.build_lib) / "evals" / "core" / "commit.txt"
            path.write_text(commit + "\n", encoding="ascii")


def _commit() -> str:
    """The first twelve digits of the checkout's commit; empty outside of one."""
    if not Path(".git").exists():
        return ""
    try:
        return subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


setup(cmdclass={"build_py": WithCommit})
