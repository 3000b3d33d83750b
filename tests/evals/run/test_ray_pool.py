"""How requests are cut into chunks: shrinking to the end, in order, never more in sight than
wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from evals.core.schema import Request
from evals.run.ray_pool import Backlog


def requests(count: int) -> list[Request]:
    return [Request(id=f"{n}", question="?") for n in range(count)]


def test_chunks_shrink_to_the_end() -> None:
    backlog = Backlog(requests(100), lookahead=64)
    sizes = []
    while chunk := backlog.take(2):
        sizes.append(len(chunk))
    assert sizes[:3] == [16, 16, 16]
    assert sizes[-2:] == [1, 1]
    assert sum(sizes) == 100


def test_the_stream_is_pulled_no_further_than_in_sight() -> None:
    pulled = 0

    def stream() -> Iterator[Request]:
        nonlocal pulled
        for request in requests(1000):
            pulled += 1
            yield request

    backlog = Backlog(stream(), lookahead=10)
    assert len(backlog.take(1)) == 5
    assert pulled == 10


@given(count=st.integers(0, 60), workers=st.integers(1, 5), lost=st.sets(st.integers(0, 30)))
def test_what_is_given_back_comes_again_once(count: int, workers: int, lost: set[int]) -> None:
    backlog, got, turn = Backlog(requests(count), lookahead=16), [], 0
    while chunk := backlog.take(workers):
        if turn in lost:
            backlog.give_back(chunk)
        else:
            got += [request.id for request in chunk]
        turn += 1
    assert got == [str(n) for n in range(count)]
    assert not backlog
