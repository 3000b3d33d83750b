"""Writes a pack folder, whole or not at all, one line at a time."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final

import msgspec
from filelock import FileLock

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.paths import ensure_dir
from evals.core.schema import Record, encode
from suites.packs.layout import FILES, PACK_FILE, REQUIRED, PackFile

_BLOCK: Final = 1 << 20
_NAMES: Final = {kind: name for name, kind in FILES.items()}


@contextmanager
def atomic_folder(target: Path, *, replace: bool = False) -> Iterator[Path]:
    """A temporary sibling of ``target`` that takes its place when the block ends well and vanishes
    when it does not.

    Raises UsageError where ``target`` exists and may not be replaced, EnvironmentProblem where it
    cannot be written.
    """
    if target.exists() and not replace:
        raise UsageError(
            "this folder exists already", where=target, hint="name another one, or use --replace"
        )
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        partial.mkdir(parents=True)
        yield partial
        if target.exists():
            shutil.rmtree(target)
        partial.replace(target)
    except OSError as error:
        raise EnvironmentProblem(
            f"the pack cannot be written: {error.strerror or error}", where=target,
            hint="free some space or mend permissions, then run the same command again",
        ) from error  # fmt: skip
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def made_once(target: Path, make: Callable[[Path], object]) -> Path:
    """``target``, made by ``make`` where it is not whole yet; of several processes that ask at once
    only one makes it.

    Raises EnvironmentProblem where its folder cannot be written to, and whatever ``make`` raises.
    """
    ensure_dir(target.parent)
    if not (target / PACK_FILE).exists():
        with FileLock(target.with_name(f".{target.name}.lock")):
            if not (target / PACK_FILE).exists():
                make(target)
    return target


class PackWriter:
    """Takes records of any kind in any order and appends each to its file below ``folder``.

    Files that get no record are not made, except documents.jsonl and items.jsonl. ``counts`` holds
    lines by file.
    """

    def __init__(self, folder: Path, settings: PackFile) -> None:
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self._stack = ExitStack()
        self._open: dict[type[Record], BinaryIO] = {}
        (folder / PACK_FILE).write_bytes(settings_text(settings).encode())
        for name in REQUIRED:
            self._file(FILES[name])

    def add(self, record: Record) -> None:
        """Append one record. Raises OSError (disk full, ...)."""
        kind = type(record)
        (self._open.get(kind) or self._file(kind)).write(encode(record) + b"\n")
        self.counts[_NAMES[kind]] += 1

    def add_all(self, records: Iterable[Record]) -> None:
        """Append every record."""
        for record in records:
            self.add(record)

    def _file(self, kind: type[Record]) -> BinaryIO:
        path = self.folder / _NAMES[kind]
        self._open[kind] = stream = self._stack.enter_context(path.open("wb", buffering=_BLOCK))
        return stream

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


def settings_text(settings: PackFile) -> str:
    """pack.toml of the settings, empty entries left out."""
    import tomli_w

    return tomli_w.dumps(_filled(msgspec.to_builtins(settings)))


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    nested = {
        key: _filled(value) if isinstance(value, dict) else value for key, value in table.items()
    }
    return {key: value for key, value in nested.items() if value not in (None, "", {}, [], ())}
