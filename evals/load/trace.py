"""Arrival traces: CSV files of time, tokens in and tokens out, read as a stream."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from evals.core.errors import DataError

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "time": ("timestamp", "time", "arrival", "arrived_at", "arrival_time"),
    "tokens_in": ("contexttokens", "tokens_in", "prompt_tokens", "input_tokens"),
    "tokens_out": ("generatedtokens", "tokens_out", "completion_tokens", "output_tokens"),
}
"""Accepted header names (any case). The first group of names are those of Azure's public LLM
inference trace.
"""


class Arrival(NamedTuple):
    """One request of a trace: seconds since an arbitrary origin, and its token counts."""

    time: float
    tokens_in: int
    tokens_out: int


def read_trace(path: Path) -> Iterator[Arrival]:
    """Stream the arrivals of a CSV file with a header. Time is seconds or an ISO 8601 moment;
    tokens are counts ≥ 0.

    Raises DataError (file, line, found, expected) for a missing file or column, a value that cannot
    be read, or a time before the one above it.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.reader(stream)
            places = _places(path, next(rows, []))
            before = float("-inf")
            for row in rows:
                if not row:
                    continue
                arrival = _arrival(path, rows.line_num, row, places)
                if arrival.time < before:
                    raise DataError(
                        "time goes back", where=path, line=rows.line_num, found=row[places[0]]
                    )
                before = arrival.time
                yield arrival
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"not a readable CSV file: {error}", where=path) from error


def _places(path: Path, header: list[str]) -> tuple[int, int, int]:
    known = {name.strip().lower(): n for n, name in enumerate(header)}
    found = [
        next((known[name] for name in names if name in known), -1) for names in COLUMNS.values()
    ]
    if -1 in found:
        raise DataError(
            f"a trace needs a column for {list(COLUMNS)[found.index(-1)]}",
            where=path,
            line=1,
            found=", ".join(header) or "nothing",
            expected="; ".join("one of " + ", ".join(names) for names in COLUMNS.values()),
        )
    return found[0], found[1], found[2]


def _arrival(path: Path, line: int, row: list[str], places: tuple[int, int, int]) -> Arrival:
    try:
        time, tokens_in, tokens_out = (row[place].strip() for place in places)
        arrival = Arrival(_seconds(time), int(tokens_in), int(tokens_out))
        if min(arrival.tokens_in, arrival.tokens_out) < 0 or abs(arrival.time) > 1e12:
            raise ValueError("out of range")
    except (ValueError, IndexError) as error:
        raise DataError(
            f"not an arrival: {error}",
            where=path,
            line=line,
            found=",".join(row),
            expected="seconds or an ISO 8601 moment, and two whole token counts",
        ) from error
    return arrival


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return datetime.fromisoformat(text).timestamp()
    if math.isnan(value):
        raise ValueError("not a number")
    return value
