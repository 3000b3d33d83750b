"""Where the scores of a record stand, which records there are, and which ids were met: on disk, not
in memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final, Self

from evals.core.errors import EnvironmentProblem

_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE known (line INTEGER PRIMARY KEY, record INTEGER NOT NULL);
CREATE TABLE place (record INTEGER PRIMARY KEY, start INTEGER NOT NULL);
CREATE TABLE met (id INTEGER PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE wanted (record INTEGER PRIMARY KEY, position INTEGER NOT NULL UNIQUE);
BEGIN;
"""


class ScoreIndex:
    """A private SQLite database that grows on disk and is gone when closed. All keys are 64-bit
    hashes.

    Memory is SQLite's page cache of 2 MB, however many records there are. Use it as a context: the
    sqlite3.Error of a folder of temporary files that is full or cannot be written leaves it as
    EnvironmentProblem.
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)
        self.wanted = 0

    def know(self, lines: Iterable[tuple[int, int]]) -> None:
        """Remember (line of scores, its record); of a line given twice the last counts."""
        self._db.executemany("INSERT OR REPLACE INTO known VALUES (?, ?)", lines)

    def record_of(self, line: int) -> int | None:
        """The record that a line of scores belongs to."""
        return self._one("SELECT record FROM known WHERE line = ?", line)

    def put(self, record: int, start: int) -> None:
        """A record's scores begin at this byte; an earlier place of theirs is forgotten."""
        self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?)", (record, start))

    def start(self, record: int) -> int | None:
        """The byte at which a record's scores begin."""
        return self._one("SELECT start FROM place WHERE record = ?", record)

    def meet(self, ident: int, number: int) -> int:
        """The line number at which an id was met first, which is ``number`` where it is new."""
        self._db.execute("INSERT OR IGNORE INTO met VALUES (?, ?)", (ident, number))
        return self._one("SELECT number FROM met WHERE id = ?", ident) or number

    def want(self, record: int) -> None:
        """The next record of the input."""
        self.wanted += 1
        self._db.execute("INSERT INTO wanted VALUES (?, ?)", (record, self.wanted))

    def starts(self) -> Iterator[tuple[int, int]]:
        """(record, start of its scores) in the order of the input."""
        yield from self._db.execute(
            "SELECT record, start FROM wanted JOIN place USING (record) ORDER BY position"
        )

    def unwanted(self) -> int:
        """How many records have scores but are not in the input."""
        found = self._one(
            "SELECT count(*) FROM place WHERE record NOT IN (SELECT record FROM wanted)"
        )
        return found or 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._db.close()
        if isinstance(error, sqlite3.Error):
            raise EnvironmentProblem(
                f"temporary files cannot be written: {error}",
                hint="free some space, or name another folder in SQLITE_TMPDIR",
            ) from error

    def _one(self, query: str, *keys: int) -> int | None:
        row = self._db.execute(query, keys).fetchone()
        return None if row is None else row[0]
