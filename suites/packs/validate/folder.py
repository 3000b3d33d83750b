"""Checks of the folder itself: nothing that leads out of it, nothing that does not belong."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

from suites.packs.layout import FILES, PACK_FILE
from suites.packs.reader import inside
from suites.packs.validate.findings import Findings, relative

_KNOWN: Final = frozenset((PACK_FILE, *FILES))
_TOLERATED: Final = (".md", ".txt", ".json", ".license")
_MAX_FILES: Final = 200


def check_folder(root: Path, findings: Findings) -> None:
    """Links out of the pack and files that are no part of the format (archives, code, pickles)."""
    paths = list(islice(root.rglob("*"), _MAX_FILES + 1))
    if len(paths) > _MAX_FILES:
        findings.add(
            "stray_file", ".", None, f"more than {_MAX_FILES} files; the rest was not looked at"
        )
    for path in sorted(paths[:_MAX_FILES]):
        name = relative(path, root)
        if not inside(path, root):
            findings.add(
                "path_escape", name, None, "this link leads out of the pack, or in a circle"
            )
        elif path.is_file() and name not in _KNOWN and path.suffix.lower() not in _TOLERATED:
            findings.add("stray_file", name, None, "no part of the pack format; nothing reads it")
