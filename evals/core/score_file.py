"""A file of scores with what made them beside it: a resume keeps only what would come out the same.

``<output>.state`` holds what the scores are made with on its first line, then for every line of
scores the hash of that line and the hash of its record. Neither file needs the other to be whole: a
line of scores that the state does not know is scored again. Memory is constant: hashes and places
of the lines are kept on disk (`ScoreIndex`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final, Self

import msgspec

from evals.core.errors import DataError, UsageError
from evals.core.identity import hash64
from evals.core.jsonl import lines
from evals.core.log import Log
from evals.core.paths import atomic_path
from evals.core.schema import encode
from evals.core.score_index import ScoreIndex

_WAY_OUT: Final = "name another --output, or add --restart to begin anew"


class ScoreFile:
    """Scores by the hash of their record. Close it; nothing is written before the first
    `append`.
    """

    def __init__(
        self, path: Path, made_with: Mapping[str, Any], index: ScoreIndex, restart: bool = False
    ) -> None:
        """Read what a former command left, unless ``restart`` replaces it, and tell the ``index``,
        an empty one.

        Raises UsageError where its scores were made with something else or it is not known with
        what.
        """
        self.path = path
        self.state = path.with_name(f"{path.name}.state")
        self._head = msgspec.json.encode(made_with)
        self.index = index
        self._lines = 0
        self._source: IO[bytes] | None = None
        goes_on = not restart and path.exists() and path.stat().st_size > 0
        if goes_on and not self.state.exists():
            raise UsageError(
                "it is not known what these scores were made with",
                where=self.path,
                expected=f"{self.state.name} beside them",
                hint=_WAY_OUT,
            )
        self._scores, self._beside = (
            Log(path, restart=not goes_on),
            Log(self.state, restart=not goes_on),
        )
        if goes_on:
            self._read()

    def find(self, record: int) -> dict[str, Any] | None:
        """The stored line of a record; None where there is none."""
        start = self.index.start(record)
        if start is None:
            return None
        self._source = self._source or self.path.open("rb")
        self._source.seek(start)
        return msgspec.json.decode(self._source.readline(), type=dict[str, Any])

    def append(self, record: int, scores: Mapping[str, Any]) -> None:
        """Add a record's line; it replaces an earlier one when the file is closed with `settle`.

        Raises EnvironmentProblem.
        """
        if self._beside.end == 0:
            self._beside.append(msgspec.Raw(self._head))
        self._beside.append((_hash(encode(scores) + b"\n"), record))
        self.index.put(record, self._scores.append(scores))
        self._lines += 1

    def settle(self) -> int:
        """Leave one line for each record the index was asked to want, in their order; how many
        others were dropped.
        """
        self.close()
        gone = self.index.unwanted()
        if self._lines == self.index.wanted and self._in_order():
            return gone
        with (
            self.path.open("rb") as stream,
            atomic_path(self.path) as output,
            output.open("wb") as scores,
            atomic_path(self.state) as beside,
            beside.open("wb") as state,
        ):
            state.write(self._head + b"\n")
            for record, start in self.index.starts():
                stream.seek(start)
                line = stream.readline()
                scores.write(line)
                state.write(_known(line, record))
        return gone

    def _in_order(self) -> bool:
        """Whether the lines of the file stand in the order of the input."""
        before = -1
        for _, start in self.index.starts():
            if start < before:
                return False
            before = start
        return True

    def close(self) -> None:
        """Flush to disk and close. Raises EnvironmentProblem."""
        if self._source is not None:
            self._source.close()
        self._source = None
        self._beside.close()
        self._scores.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        self.index.know(self._known())
        start = 0
        with self.path.open("rb") as stream:
            for line in stream:
                record = self.index.record_of(_hash(line))
                if record is not None:
                    self.index.put(record, start)
                start += len(line)
                self._lines += 1

    def _known(self) -> Iterator[tuple[int, int]]:
        """Each line of scores and its record, as hashes. Raises UsageError where they were made
        with other things.
        """
        try:
            for number, line in lines(self.state):
                if number == 1:
                    self._check(msgspec.json.decode(line, type=dict[str, Any]))
                else:
                    yield msgspec.json.decode(line, type=tuple[int, int])
        except msgspec.DecodeError as error:
            raise DataError(
                f"not the state of a file of scores: {error}", where=self.state, hint=_WAY_OUT
            ) from error

    def _check(self, stored: Mapping[str, Any]) -> None:
        asked = msgspec.json.decode(self._head, type=dict[str, Any])
        other = [key for key in {**asked, **stored} if asked.get(key) != stored.get(key)]
        if other:
            raise UsageError(
                f"the output holds other scores, made with another {', '.join(other)}",
                where=self.path,
                found="; ".join(_summary(key, stored) for key in other),
                expected="; ".join(_summary(key, asked) for key in other),
                hint=_WAY_OUT,
            )


def _known(line: bytes, record: int) -> bytes:
    return msgspec.json.encode((_hash(line), record)) + b"\n"


def _hash(line: bytes) -> int:
    return hash64(line.decode("utf-8", "replace"))


def _summary(key: str, made_with: Mapping[str, Any]) -> str:
    value = made_with.get(key)
    if value is None:
        return f"{key} none"
    return f"{key} {value if isinstance(value, str) else msgspec.json.encode(value).decode()}"
