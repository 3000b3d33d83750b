"""JSON lines, read as a stream with file and line in every error. They are written by
`evals.core.log`.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from evals.core.errors import DataError
from evals.core.schema import Record

R = TypeVar("R", bound=Record)

MAX_LINE = 4 << 20
"""Longest line that is read, bytes. A longer one is refused before it is parsed."""


def read(path: Path, kind: type[R], *, max_line: int = MAX_LINE) -> Iterator[R]:
    """Stream the records of a JSON-lines file. Blank lines are skipped.

    Raises DataError (file, line, found, expected) for a missing file, a broken or oversized line,
    or wrong types.
    """
    for record, _ in read_numbered(path, kind, max_line=max_line):
        yield record


def read_numbered(
    path: Path, kind: type[R], *, max_line: int = MAX_LINE
) -> Iterator[tuple[R, int]]:
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
                expected=(
                    f"one JSON object per line with the keys {', '.join(kind.__struct_fields__)}"
                ),
            ) from error


def lines(path: Path, *, max_line: int = MAX_LINE) -> Iterator[tuple[int, bytes]]:
    """Stream (line number, bytes) of the non-blank lines; a byte order mark before the first is
    passed over.

    Raises DataError for a missing file or an oversized line.
    """
    try:
        with path.open("rb") as stream:
            number = 0
            while line := stream.readline(max_line + 1):
                number += 1
                if len(line) > max_line:
                    raise DataError(
                        "line too long",
                        where=path,
                        line=number,
                        expected=f"at most {max_line} bytes",
                    )
                if stripped := (line.removeprefix(BOM_UTF8) if number == 1 else line).strip():
                    yield number, stripped
    except FileNotFoundError:
        raise DataError("no such file", where=path) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", where=path) from error
