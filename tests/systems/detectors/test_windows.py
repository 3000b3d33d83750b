from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from systems.detectors.windows import windows


def test_pieces_are_taken_in_order_while_they_fit() -> None:
    assert windows([3, 3, 3, 9, 1], 6) == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert windows([], 6) == []


def test_overlapping_windows_begin_past_half_of_the_one_before() -> None:
    assert windows([2, 2, 2, 2, 2, 2], 8, overlap=True) == [(0, 4), (2, 6)]
    assert windows([6, 1, 1, 1], 8, overlap=True) == [(0, 3), (1, 4)]
    assert windows([9, 9], 8, overlap=True) == [(0, 1), (1, 2)]


@given(st.lists(st.integers(0, 12), max_size=40), st.integers(1, 20), st.booleans())
def test_every_piece_is_in_a_window_and_none_is_too_long(
    lengths: list[int], most: int, overlap: bool
) -> None:
    found = windows(lengths, most, overlap=overlap)
    assert {n for a, b in found for n in range(a, b)} == set(range(len(lengths)))
    assert all(sum(lengths[a:b]) <= most or b == a + 1 for a, b in found)
    assert all(a < c and b <= d for (a, b), (c, d) in pairwise(found))
