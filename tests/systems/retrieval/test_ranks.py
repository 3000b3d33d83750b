"""Equal scores stand in the order of rows, whatever selects them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from systems.retrieval.dense import SPARE, Dense
from systems.retrieval.fuse import fuse
from systems.retrieval.ranks import top
from systems.retrieval.sparse import Sparse


@given(
    arrays(np.float32, st.integers(1, 300), elements=st.integers(0, 6).map(float)),
    st.integers(1, 320),
)
def test_the_best_are_those_of_a_stable_sort(scores: np.ndarray, k: int) -> None:
    rows, values = top(scores, min(k, len(scores)))
    assert rows.tolist() == np.argsort(-scores, kind="stable")[:k].tolist()
    assert values.tolist() == scores[rows].tolist()


def test_what_differs_by_the_last_bits_is_equal() -> None:
    sums = np.array([0.1 + 0.2, 0.3, 0.3 - 1e-16, 0.2])
    assert top(sums, 3)[0].tolist() == [0, 1, 2]
    assert top(sums[::-1], 3)[0].tolist() == [1, 2, 3]


def test_rows_may_have_numbers_of_their_own() -> None:
    rows, _ = top(np.array([1.0, 2.0, 2.0]), 2, np.array([7, 9, 4]))
    assert rows.tolist() == [4, 9]


def test_many_equal_texts_are_found_in_their_order() -> None:
    """numpy's own selection returns some of the equal ones, by the processor's instruction set."""
    index = Sparse.build(["a lamp"] * 700 + ["a lamp lamp"])
    ((rows, _),) = index.search(["lamp"], 50)
    assert rows.tolist() == [700, *range(49)]


@pytest.mark.parametrize("exact_below", [10_000, 1])
def test_equal_vectors_are_found_in_their_order(exact_below: int) -> None:
    """More equal neighbours than candidates: more are fetched, until none that is missing could be
    among the best.
    """
    rng = np.random.default_rng(0)
    one = rng.normal(size=16)
    vectors = np.vstack(
        [rng.normal(size=(300, 16)), np.tile(one, (5 * SPARE, 1)), rng.normal(size=(300, 16))]
    )
    kept = np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)
    query = np.asarray(one / np.linalg.norm(one), np.float32)[None]
    ((rows, scores),) = Dense.build(kept, exact_below=exact_below).search(query, 10)
    assert rows.tolist() == list(range(300, 310))
    assert scores == pytest.approx(np.ones(10), abs=1e-6)


def test_batches_of_queries_do_not_change_rankings() -> None:
    rng = np.random.default_rng(1)
    vectors, queries = (rng.normal(size=(n, 24)) for n in (900, 40))
    unit = [
        np.asarray(v / np.linalg.norm(v, axis=1, keepdims=True), np.float32)
        for v in (vectors, queries)
    ]
    for exact_below in (10_000, 1):
        index = Dense.build(unit[0], exact_below=exact_below)
        together = [rows.tolist() for rows, _ in index.search(unit[1], 7)]
        assert together == [index.search(query[None], 7)[0][0].tolist() for query in unit[1]]


def test_equal_sums_of_ranks_are_equal_in_whatever_order_they_were_added() -> None:
    """1/61 + 1/62 + 1/65 and 1/65 + 1/61 + 1/62 differ in the last bit; their rows must not change
    places for that.
    """
    first, second = [9, 3, 0, 1, 2], [8, 9, 4, 5, 3]
    third = [3, 6, 7, 8, 9]
    fused = fuse([first, second, third])
    assert [row for row, _ in fused][:2] == [3, 9]
    assert fused[0][1] == fused[1][1]
