from __future__ import annotations

import sqlite3

import pytest

from evals.core.errors import EnvironmentProblem
from evals.core.score_index import ScoreIndex


def test_the_first_meeting_counts() -> None:
    with ScoreIndex() as index:
        assert [index.meet(7, 1), index.meet(-7, 2), index.meet(7, 3)] == [1, 2, 1]


def test_starts_come_in_the_order_of_the_input() -> None:
    with ScoreIndex() as index:
        for record, start in ((5, 0), (1, 10), (9, 20), (5, 30)):
            index.put(record, start)
        for record in (9, 5, 3):
            index.want(record)
        assert list(index.starts()) == [(9, 20), (5, 30)]
        assert (index.wanted, index.unwanted(), index.start(1), index.start(3)) == (3, 1, 10, None)


def test_the_last_of_a_line_given_twice_counts() -> None:
    with ScoreIndex() as index:
        index.know([(1, 10), (2, 20), (1, 30)])
        assert [index.record_of(line) for line in (1, 2, 3)] == [30, 20, None]


def test_a_full_disk_is_the_surroundings_fault() -> None:
    with (
        pytest.raises(EnvironmentProblem, match=r"database or disk is full.*\n.*SQLITE_TMPDIR"),
        ScoreIndex(),
    ):
        raise sqlite3.OperationalError("database or disk is full")
