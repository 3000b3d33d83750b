"""A file of scores with what made them beside it: a resume keeps only what would come out the same.

``<output>.state`` holds what the scores are made with on its first line, then for every line of scores the hash of that
line and the hash of its record. Neither file needs the other to be whole: a line of scores that the state does not know
is scored again. Memory: the hashes and places of the lines, some hundred bytes a record.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec

from evals.errors import DataError, UsageError
from evals.identity import hash64
from evals.jsonl import lines, mend
from evals.paths import atomic_path, write_atomic

_WAY_OUT: Final = "name another --output, or add --restart to begin anew"


class ScoreFile:
    """Scores by the hash of their record. Close it; nothing is written before the first `append`."""

    def __init__(self, path: Path, made_with: Mapping[str, Any], restart: bool = False) -> None:
        """Read what a former command left, unless ``restart`` replaces it.

        Raises UsageError where its scores were made with something else or it is not known with what.
        """
        self.path = path
        self.state = path.with_name(f"{path.name}.state")
        self._head = msgspec.json.encode(made_with)
        self._offsets: dict[int, int] = {}
        self._lines = self._end = 0
        self._sinks: tuple[IO[bytes], IO[bytes]] | None = None
        self._source: IO[bytes] | None = None
        self._goes_on = not restart and path.exists() and path.stat().st_size > 0
        if self._goes_on:
            self._read()

    def __contains__(self, record: int) -> bool:
        return record in self._offsets

    def find(self, record: int) -> dict[str, Any]:
        """The stored line of a record. Raises KeyError."""
        self._source = self._source or self.path.open("rb")
        self._source.seek(self._offsets[record])
        return msgspec.json.decode(self._source.readline(), type=dict[str, Any])

    def append(self, record: int, scores: Mapping[str, Any]) -> None:
        """Add a record's line; it replaces an earlier one when the file is closed with `settle`. Raises OSError."""
        output, state = self._sinks = self._sinks or self._open()
        line = msgspec.json.encode(scores) + b"\n"
        state.write(_known(line, record))
        output.write(line)
        self._add(record, line)

    def flush(self) -> None:
        """Hand what was appended to the system. Raises OSError."""
        for sink in self._sinks or ():
            sink.flush()

    def settle(self, records: array[int]) -> int:
        """Leave one line for each of these records, in their order; returns how many others' lines were dropped."""
        self.close()
        gone = len(self._offsets.keys() - set(records))
        if self._lines == len(records) and list(self._offsets) == list(records):
            return 0
        state = bytearray(self._head + b"\n")
        with self.path.open("rb") as stream, atomic_path(self.path) as partial, partial.open("wb") as sink:
            for record in records:
                stream.seek(self._offsets[record])
                line = stream.readline()
                sink.write(line)
                state += _known(line, record)
        write_atomic(self.state, bytes(state))
        return gone

    def close(self) -> None:
        for stream in (*(self._sinks or ()), self._source):
            if stream is not None:
                stream.close()
        self._sinks = self._source = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> tuple[IO[bytes], IO[bytes]]:
        mode = "ab" if self._goes_on else "wb"
        self._goes_on = True
        state = self.state.open(mode)
        if state.tell() == 0:
            state.write(self._head + b"\n")
            state.flush()
        return self.path.open(mode), state

    def _read(self) -> None:
        if not self.state.exists():
            raise UsageError(
                "it is not known what these scores were made with",
                where=self.path,
                expected=f"{self.state.name} beside them",
                way_out=_WAY_OUT,
            )
        mend(self.state)
        mend(self.path)
        known = self._known()
        with self.path.open("rb") as stream:
            for line in stream:
                self._add(known.get(_hash(line)), line)

    def _add(self, record: int | None, line: bytes) -> None:
        if record is not None:
            self._offsets[record] = self._end
        self._end += len(line)
        self._lines += 1

    def _known(self) -> dict[int, int]:
        """The record behind each line of scores, by hash. Raises UsageError where they were made with other things."""
        found: dict[int, int] = {}
        try:
            for number, line in lines(self.state):
                if number == 1:
                    self._check(msgspec.json.decode(line, type=dict[str, Any]))
                else:
                    scores, record = msgspec.json.decode(line, type=tuple[int, int])
                    found[scores] = record
        except msgspec.DecodeError as error:
            raise DataError(
                f"not the state of a file of scores: {error}", where=self.state, way_out=_WAY_OUT
            ) from error
        return found

    def _check(self, stored: Mapping[str, Any]) -> None:
        asked = msgspec.json.decode(self._head, type=dict[str, Any])
        other = [key for key in {**asked, **stored} if asked.get(key) != stored.get(key)]
        if other:
            raise UsageError(
                f"the output holds other scores, made with another {', '.join(other)}",
                where=self.path,
                found="; ".join(_told(key, stored) for key in other),
                expected="; ".join(_told(key, asked) for key in other),
                way_out=_WAY_OUT,
            )


def _known(line: bytes, record: int) -> bytes:
    return msgspec.json.encode((_hash(line), record)) + b"\n"


def _hash(line: bytes) -> int:
    return hash64(line.decode("utf-8", "replace"))


def _told(key: str, made_with: Mapping[str, Any]) -> str:
    value = made_with.get(key)
    return (
        f"{key} {'none' if value is None else value if isinstance(value, str) else msgspec.json.encode(value).decode()}"
    )
