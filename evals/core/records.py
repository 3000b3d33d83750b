"""Where records to score come from: JSON lines, a JSON array, CSV or TSV, or standard input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.normalise import clean_json

Located = tuple[int, bytes | Mapping[str, Any], int]
"""Line (or place in an array), record (a JSON line, or a mapping), and bytes."""

STDIN: Final = "-"
MAX_ARRAY: Final = 1 << 30
"""Bytes of a JSON array, which has to be read whole; JSON lines have no bound."""

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "response": ("answer", "output", "prediction"),
    "question": ("query", "input", "prompt", "user_input"),
    "references": ("reference", "ground_truth", "ground_truths", "expected", "expected_output"),
    "contexts": ("retrieved_contexts", "context", "passages"),
}
"""Other names of a record's keys (ragas, promptfoo, data sets of question answering); the first of
the record's own that is there counts.
"""

LISTS: Final = ("references", "contexts")
SEPARATOR: Final = " | "
"""Between several texts in one cell of a table, where it is no JSON list."""


def canonical(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record by our own names, null as if absent, a text where a list is wanted as a list of
    it.
    """
    found = {key: value for key, value in record.items() if value is not None}
    for name, others in ALIASES.items():
        for other in others:
            if name not in found and other in found:
                found[name] = found[other]
    for name in LISTS:
        if isinstance(found.get(name), str):
            found[name] = [found[name]]
    return found


def read_records(source: Path) -> Iterator[Located]:
    """Each record of a file; ``-`` is standard input.

    Raises DataError for what cannot be read at all.
    """
    if source.suffix.lower() in (".csv", ".tsv"):
        yield from _table(source)
    elif str(source) == STDIN:
        yield from _stream(sys.stdin.buffer, source)
    else:
        with source.open("rb") as stream:
            array = stream.read(4096).lstrip()[:1] == b"["
            stream.seek(0)
            if array:
                yield from _stream(stream, source)
                return
        for number, line in jsonl.lines(source):
            yield number, line, len(line) + 1


def _stream(
    stream: IO[bytes], source: Path
) -> Iterator[tuple[int, bytes | Mapping[str, Any], int]]:
    """JSON lines as they come, or an array once it is whole."""
    number = 0
    while line := stream.readline(jsonl.MAX_LINE + 1):
        number += 1
        if number == 1 and line.lstrip()[:1] == b"[":
            yield from _array(line + stream.read(MAX_ARRAY + 1), source)
            return
        if len(line) > jsonl.MAX_LINE:
            raise DataError("line too long", where=source, line=number)
        if line.strip():
            yield number, line.rstrip(b"\r\n"), len(line)


def _array(raw: bytes, source: Path) -> Iterator[Located]:
    if len(raw) > MAX_ARRAY:
        raise DataError(
            "this array is too large", where=source, hint="write one JSON object a line instead"
        )
    try:
        records = clean_json(raw)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not a JSON array: {error}", where=source) from error
    for number, record in enumerate(records, start=1):
        yield number, record, len(raw) // len(records)


def _table(source: Path) -> Iterator[Located]:
    try:
        with source.open(encoding="utf-8-sig", newline="") as stream:
            head = stream.readline(jsonl.MAX_LINE)
            stream.seek(0)
            tabs = source.suffix.lower() == ".tsv"
            delimiter = "\t" if tabs else max(",;", key=head.count)
            for row in (reader := csv.DictReader(stream, delimiter=delimiter, strict=True)):
                if None in row or None in row.values():
                    yield reader.line_num, {"row": "cells and columns differ in number"}, len(row)
                    continue
                cells = {key.strip().lower(): _cell(key, text) for key, text in row.items()}
                yield reader.line_num, cells, sum(map(len, row.values())) + len(row)
    except (csv.Error, UnicodeDecodeError) as error:
        raise DataError(
            f"not a readable table: {error}", where=source, expected="UTF-8, one row a record"
        ) from error


def _cell(key: str, text: str) -> Any:
    """A cell as JSON where it is a list, an object or a truth value, several texts where it holds
    `SEPARATOR`; an empty one is absent.
    """
    text = text.strip()
    if text[:1] in ("[", "{") or text.lower() in ("true", "false"):
        try:
            return json.loads(text.lower() if text[:1] not in ("[", "{") else text)
        except ValueError:
            return text
    names = {n for name in LISTS for n in (name, *ALIASES[name])}
    if key.strip().lower() in names and SEPARATOR in text:
        return text.split(SEPARATOR)
    return text or None
