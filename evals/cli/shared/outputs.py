"""The files that a command is asked to write, looked at before the work rather than after it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

STDOUT: Final = "-"
"""The name of a file that stands for standard output."""


def require_outputs(*files: Path | None, folder: Path | None = None) -> None:
    """Make sure that every file named can be a file and ``folder`` a folder; what is None was not
    asked for.

    Nothing is written. Raises UsageError for a folder in a file's place, a file in a folder's
    place, or a name given twice. Permissions and space show when the file is written.
    """
    from evals.core.errors import UsageError

    named = [path for path in files if path is not None and str(path) != STDOUT]
    for path in named:
        if path.is_dir():
            raise UsageError("a file is to be written here, and this is a folder", where=path)
    for path in [*(path.parent for path in named), *([folder] if folder is not None else [])]:
        there = next(p for p in (path, *path.parents) if p.exists())
        if not there.is_dir():
            raise UsageError(
                "files are to be written into this folder, and it is a file", where=there
            )
    places = [path.resolve() for path in named]
    if len(set(places)) < len(places):
        raise UsageError(
            "two outputs have the same name", found=", ".join(str(path) for path in named)
        )


def console_beside(json: Path | None, quiet: bool = False) -> Console:
    """The console for people; silent where standard output is for programs, or on request."""
    from rich.console import Console

    return Console(quiet=quiet or (json is not None and str(json) == STDOUT))


def write_json(path: Path | None, found: object) -> None:
    """Write a result as indented JSON, to standard output where ``path`` is ``-``; None: not at
    all.
    """
    import msgspec

    from evals.core.paths import write_atomic

    if path is None:
        return
    text = msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"
    if str(path) == STDOUT:
        sys.stdout.write(text.decode())
    else:
        write_atomic(path, text)
