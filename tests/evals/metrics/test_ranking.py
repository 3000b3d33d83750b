"""Documents that state the same answer count as the gold one; multi-hop items need each of
theirs.
"""

from __future__ import annotations

import pytest

from evals.core.metric import Answer
from evals.core.schema import Item, Passage, Response
from evals.metrics.ranking import measure


def recall(
    documents: tuple[str, ...], also: tuple[str, ...], retrieved: tuple[str, ...]
) -> float | None:
    item = Item("i", "s", "t", "q", "c", documents=documents, also=also)
    passages = tuple(Passage(f"{d}#0", d, 1.0, "text") for d in retrieved)
    return measure("set_recall", Answer(item, Response("i", passages=passages))).value


@pytest.mark.parametrize(
    ("documents", "also", "retrieved", "expected"),
    [
        (("a",), (), ("b", "a"), 1.0),
        (("a",), ("b",), ("b",), 1.0),
        (("a",), ("b",), ("c",), 0.0),
        (("a", "b"), ("c",), ("a", "c"), 0.5),
        (("a",), (), (), 0.0),
    ],
)
def test_recall(
    documents: tuple[str, ...], also: tuple[str, ...], retrieved: tuple[str, ...], expected: float
) -> None:
    assert recall(documents, also, retrieved) == expected
