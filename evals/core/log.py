"""The one log that is appended to and resumed: of answers and scores in runs, of scores and
verdicts in `ScoreFile`.

A line is whole or absent: each is one write, undone where the disk is full, and a half-written one
that a crash left is cut off when the log is opened. So a crash loses what is in flight, nothing
else.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from evals.core.errors import EnvironmentProblem
from evals.core.identity import hash64
from evals.core.jsonl import lines, read
from evals.core.schema import Record, encode

_BLOCK: Final = 1 << 16


class Log:
    """One JSON-lines file.

    Nothing is created before the first line; flushed to disk every ``sync_every`` seconds.
    """

    def __init__(self, path: Path, *, restart: bool = False, sync_every: float = 1.0) -> None:
        """Cut off a half-written last line; with ``restart``, the first line replaces all that is
        there.

        Raises EnvironmentProblem where the file cannot be read or mended.
        """
        self.path, self.sync_every = path, sync_every
        self._restart, self._file, self._synced = restart, -1, time.monotonic()
        self.end = 0
        """Where the next line begins, bytes."""
        if path.exists() and not restart:
            try:
                self.end = _mended(path)
            except OSError as error:
                raise self._problem(error) from error

    def append(self, record: Any) -> int:
        """Write one record; returns the byte at which its line begins.

        Raises EnvironmentProblem, and leaves no partial line behind.
        """
        data = encode(record) + b"\n"
        start = self.end
        try:
            self._open()
            if os.write(self._file, data) != len(data):
                raise OSError(28, "No space left on device")
            self.end += len(data)
            now = time.monotonic()
            if now - self._synced >= self.sync_every:
                os.fsync(self._file)
                self._synced = now
        except OSError as error:
            if self._file >= 0:
                os.ftruncate(self._file, start)
                self.end = start
            raise self._problem(error) from error
        return start

    def count(self) -> int:
        """How many lines there are. Raises DataError for an oversized one."""
        return sum(1 for _ in lines(self.path)) if self.path.exists() else 0

    def ids(self, kind: type[Record]) -> Ids:
        """The ids (``item``) of all records.

        Raises DataError with the line of one that is no ``kind``.
        """
        found = read(self.path, kind) if self.path.exists() else ()
        return Ids(np.fromiter((hash64(getattr(r, "item")) for r in found), dtype=np.int64))  # noqa: B009  any record

    def close(self) -> None:
        """Flush to disk and close. Raises EnvironmentProblem."""
        file, self._file = self._file, -1
        if file < 0:
            return
        try:
            os.fsync(file)
        except OSError as error:
            raise self._problem(error) from error
        finally:
            with suppress(OSError):  # what fsync could not write is reported by it
                os.close(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> None:
        if self._file < 0:
            replace = os.O_TRUNC if self._restart else 0
            self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | replace, 0o644)
            self._restart = False

    def _problem(self, error: OSError) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"cannot be written: {error.strerror or error}",
            where=self.path,
            hint=(
                "free some space or mend permissions; the same command then resumes where it"
                " stopped"
            ),
        )


class Ids:
    """A set of ids by their hashes: 8 bytes an id, however long it is."""

    def __init__(self, hashes: np.ndarray[Any, np.dtype[np.int64]]) -> None:
        self._hashes = np.sort(hashes)

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, ident: object) -> bool:
        key = hash64(str(ident))
        place = int(np.searchsorted(self._hashes, key))
        return place < len(self._hashes) and bool(self._hashes[place] == key)


def _mended(path: Path) -> int:
    """Cut off a last line without its newline; the length of what is left. Raises OSError."""
    with path.open("r+b") as stream:
        size = end = stream.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - _BLOCK)
            stream.seek(start)
            if (cut := stream.read(end - start).rfind(b"\n")) >= 0:
                end = start + cut + 1
                break
            end = start
        if end < size:
            stream.truncate(end)
    return end
