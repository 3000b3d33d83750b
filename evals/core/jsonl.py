"""JSON lines: read as a stream with file and line in every error, appended so that a crash loses no finished line."""

from __future__ import annotations

import os
import time
from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import msgspec

from evals.core.errors import DataError, EnvironmentProblem
from evals.core.schema import Record, encode

R = TypeVar("R", bound=Record)

MAX_LINE = 4 << 20
"""Longest line that is read, bytes. A longer one is refused before it is parsed."""


def read(path: Path, kind: type[R], *, max_line: int = MAX_LINE) -> Iterator[R]:
    """Stream the records of a JSON-lines file. Blank lines are skipped.

    Raises DataError (file, line, found, expected) for a missing file, a broken or oversized line, or wrong types.
    """
    for record, _ in read_numbered(path, kind, max_line=max_line):
        yield record


def read_numbered(path: Path, kind: type[R], *, max_line: int = MAX_LINE) -> Iterator[tuple[R, int]]:
    """As `read`, with the 1-based line number of each record."""
    decoder = msgspec.json.Decoder(kind)
    for number, line in lines(path, max_line=max_line):
        try:
            yield decoder.decode(line), number
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise DataError(
                f"not a valid {kind.__name__} record: {error}",
                where=path,
                line=number,
                found=line[:200].decode("utf-8", "replace"),
                expected=f"one JSON object per line with the keys {', '.join(kind.__struct_fields__)}",
            ) from error


def lines(path: Path, *, max_line: int = MAX_LINE) -> Iterator[tuple[int, bytes]]:
    """Stream (line number, bytes) of the non-blank lines; a byte order mark before the first is passed over.

    Raises DataError for a missing file or an oversized line.
    """
    try:
        with path.open("rb") as stream:
            number = 0
            while line := stream.readline(max_line + 1):
                number += 1
                if len(line) > max_line:
                    raise DataError("line too long", where=path, line=number, expected=f"at most {max_line} bytes")
                if stripped := (line.removeprefix(BOM_UTF8) if number == 1 else line).strip():
                    yield number, stripped
    except FileNotFoundError:
        raise DataError("no such file", where=path) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from error


def mend(path: Path) -> int:
    """Cut off a last line that a crash left without its newline; return how many bytes were dropped."""
    if not path.exists():
        return 0
    with path.open("r+b") as stream:
        size = end = stream.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - 65536)
            stream.seek(start)
            block = stream.read(end - start)
            if (cut := block.rfind(b"\n")) >= 0:
                end = start + cut + 1
                break
            end = start
        if end < size:
            stream.truncate(end)
        return size - end


class Appender:
    """Appends records as lines, each whole in one write; flushed to disk at least every ``sync_every`` seconds."""

    def __init__(self, path: Path, *, sync_every: float = 1.0) -> None:
        self.path = path
        self.sync_every = sync_every
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise self._problem(error) from error
        self._synced = time.monotonic()

    def append(self, record: Record) -> None:
        """Write one record. Raises EnvironmentProblem (disk full, ...), leaving no partial line behind."""
        data = encode(record) + b"\n"
        before = os.fstat(self._file).st_size
        try:
            if os.write(self._file, data) != len(data):
                raise OSError(28, "No space left on device")
        except OSError as error:
            os.ftruncate(self._file, before)
            raise self._problem(error) from error
        now = time.monotonic()
        if now - self._synced >= self.sync_every:
            os.fsync(self._file)
            self._synced = now

    def close(self) -> None:
        os.fsync(self._file)
        os.close(self._file)

    def __enter__(self) -> Appender:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _problem(self, error: OSError) -> EnvironmentProblem:
        return EnvironmentProblem(
            f"cannot be written: {error.strerror or error}",
            where=self.path,
            way_out="free some space or mend permissions; the same command then resumes where it stopped",
        )
