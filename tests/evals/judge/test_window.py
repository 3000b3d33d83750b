from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from evals.core.errors import DataError
from evals.judge.window import in_order


@pytest.mark.parametrize("workers", [1, 4])
def test_results_come_in_order(workers: int) -> None:
    assert list(in_order(lambda n: n * n, range(50), workers)) == [n * n for n in range(50)]
    assert list(in_order(str, [], workers)) == []


def test_no_more_at_a_time_than_allowed() -> None:
    lock, now, most, taken = threading.Lock(), 0, 0, 0

    def work(n: int) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.01)
        with lock:
            now -= 1
        return n

    def things() -> Iterator[int]:
        nonlocal taken
        for n in range(1000):
            taken += 1
            yield n

    found = in_order(work, things(), 3)
    assert [next(found) for _ in range(9)] == list(range(9))
    assert taken <= 9 + 2 * 3
    found.close()  # type: ignore[attr-defined]
    assert 2 <= most <= 3


@pytest.mark.parametrize("workers", [1, 4])
def test_what_came_before_a_break_is_handed_back_first(workers: int) -> None:
    def things() -> Iterator[int]:
        yield from range(5)
        raise DataError("broken")

    got = []
    with pytest.raises(DataError):
        for n in in_order(lambda n: n, things(), workers):
            got.append(n)
    assert got == list(range(5))


def test_what_work_raises_is_raised_in_its_place() -> None:
    got = []
    with pytest.raises(ZeroDivisionError):
        for n in in_order(lambda n: 1 / (3 - n), range(10), 4):
            got.append(n)
    assert len(got) == 3
