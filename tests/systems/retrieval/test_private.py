"""One customer's records never reach another."""

from __future__ import annotations

import pytest

from evals.core.interfaces import Setup
from evals.core.schema import Request
from systems.retrieval.retriever import HybridRetriever, RetrieverSettings

ASKERS = ("u1", "u2", "u3", "nobody", "", None)


@pytest.mark.parametrize("user", ASKERS)
@pytest.mark.parametrize("k", [1, 3, 50])
def test_only_the_askers_own_records_are_retrievable(
    setup: Setup, user: str | None, k: int
) -> None:
    retriever = HybridRetriever(RetrieverSettings(kind="bm25", k=k, user_k=k))
    retriever.open(setup)
    owners = {d.id: d.user for d in setup.pack.documents()}
    for question in (
        "How many Vim lamps did Ana order?",
        "order of Bob",
        "gold member",
        "lamps March",
    ):
        (found,) = retriever.search([Request("r", question, user=user)])
        assert {owners[p.document] for p in found} <= {None, user}


def test_a_slot_is_kept_for_own_records(setup: Setup) -> None:
    question = "What does the Ro kettle cost?"
    for user_k, expected in ((0, False), (1, True)):
        retriever = HybridRetriever(RetrieverSettings(kind="bm25", k=2, user_k=user_k))
        retriever.open(setup)
        (found,) = retriever.search([Request("r", question + " and which lamps, Ana?", user="u1")])
        assert (any(p.document.startswith("ana") for p in found)) >= expected
        assert len(found) == 2


def test_batches_and_single_requests_agree(setup: Setup) -> None:
    retriever = HybridRetriever(RetrieverSettings(kind="bm25", k=3))
    retriever.open(setup)
    requests = [
        Request("a", "kettle cost", user="u1"),
        Request("b", "order of lamps", user="u2"),
        Request("c", "kettle cost", time="t0"),
        Request("d", "returns"),
    ]
    assert retriever.search(requests) == [retriever.search([r])[0] for r in requests]


def test_documents_of_later_moments_are_not_found(setup: Setup) -> None:
    retriever = HybridRetriever(RetrieverSettings(kind="bm25", k=5))
    retriever.open(setup)
    now, then = retriever.search(
        [Request("a", "Ro kettle cost"), Request("b", "Ro kettle cost", time="t0")]
    )
    assert {p.document for p in now} >= {"kettle-1", "kettle-2"}
    assert "kettle-2" not in {p.document for p in then}
