"""Which version this is: the package's, with the commit that it was built or is run from."""

from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path
from typing import Final

_BUILT: Final = Path(__file__).with_name("commit.txt")
"""Written by ``setup.py`` into a built package; no checkout holds it."""


def version() -> str:
    """``0.1.0 (1a2b3c4d5e6f)``; ``(unknown commit)`` where neither git nor the build knows it."""
    return f"{importlib.metadata.version('adaptbench')} ({commit() or 'unknown commit'})"


def commit() -> str:
    """The commit's first twelve digits, ``+changes`` after it where the checkout was edited; empty
    where it is unknown.
    """
    if _BUILT.exists():
        return _BUILT.read_text(encoding="ascii").strip()
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    try:
        found = [
            subprocess.run(
                ["git", "-C", str(root), *arguments],
                capture_output=True,
                text=True,
                timeout=5,
                check=True,
            ).stdout.strip()
            for arguments in (
                ("rev-parse", "--short=12", "HEAD"),
                ("status", "--porcelain", "--untracked-files=no"),
            )
        ]
    except (OSError, subprocess.SubprocessError):
        return ""
    return found[0] + ("+changes" if found[1] else "")
