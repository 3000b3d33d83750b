from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.core.errors import UsageError
from evals.core.interfaces import Setup
from evals.core.schema import Document, Passage, Request
from systems.retrieval import dense
from systems.retrieval.chunks import cut
from systems.retrieval.dense import Dense
from systems.retrieval.fuse import fuse, reserve
from systems.retrieval.index import corpus_digest, open_index
from systems.retrieval.retriever import HybridRetriever, RetrieverSettings
from systems.retrieval.sparse import Sparse, tokenize

LONG = Document("d", "Title", "One sentence here. " * 60, "page", "2025-01-02")


def test_short_documents_stay_whole_and_long_ones_are_cut() -> None:
    short = Document("s", "Title", "Body.", "page", "2025-01-02", user="u")
    (chunk,) = cut([short], 100)
    assert (chunk.id, chunk.user, chunk.text) == ("s", "u", "[2025-01-02] Title\nBody.")
    chunks = list(cut([LONG], 200))
    assert [c.id for c in chunks] == [f"d#{i}" for i in range(len(chunks))]
    assert all(len(c.text) <= 200 + len("[2025-01-02] Title\n") for c in chunks)
    body = "".join(c.text.removeprefix("[2025-01-02] Title\n") for c in chunks)
    assert body.replace(" ", "") == LONG.text.replace(" ", "")


def test_title_is_not_shown_twice() -> None:
    (chunk,) = cut([Document("s", "Title", "Title\nBody.", "page", "2025-01-02")], 100)
    assert chunk.text == "[2025-01-02] Title\nBody."


def test_reciprocal_rank_fusion_by_hand() -> None:
    fused = dict(fuse([[7, 3], [3, 9]], c=60))
    assert fused == pytest.approx({3: 1 / 62 + 1 / 61, 7: 1 / 61, 9: 1 / 62})
    assert [row for row, _ in fuse([[5, 4]])] == [5, 4]
    assert [row for row, _ in fuse([[5], [4]])] == [4, 5]


def test_reserve_replaces_the_last_public_row() -> None:
    ranked = [(1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6)]
    assert reserve(ranked, frozenset({4}), 2, 1) == [(1, 0.9), (4, 0.6)]
    assert reserve(ranked, frozenset({1}), 2, 1) == ranked[:2]
    assert reserve(ranked, frozenset(), 2, 1) == ranked[:2]
    assert reserve(ranked, frozenset({3, 4}), 1, 3) == [(3, 0.7)]


def test_words_are_stemmed_and_numbers_kept() -> None:
    assert tokenize(["The lamps cost 5 dollars"]) == [["lamp", "cost", "5", "dollar"]]


def test_bm25_agrees_with_its_formula() -> None:
    texts = ["red lamp lamp", "blue lamp", "green kettle stands here"]
    words = [t.split() for t in texts]
    mean = sum(map(len, words)) / 3

    def score(query: str, row: int) -> float:
        total = 0.0
        for term in query.split():
            df = sum(term in w for w in words)
            tf = words[row].count(term)
            norm = 1.5 * (0.25 + 0.75 * len(words[row]) / mean)
            total += np.log(1 + (3 - df + 0.5) / (df + 0.5)) * tf / (tf + norm)
        return float(total)

    index = Sparse.build(texts)
    ((rows, scores),) = index.search(["red lamp"], 3)
    assert rows.tolist() == [0, 1]
    assert scores.tolist() == pytest.approx([score("red lamp", 0), score("red lamp", 1)], rel=1e-4)
    only, _ = index.among("red lamp", np.array([1, 2]))
    assert only.tolist() == [1]


def test_bm25_over_nothing_finds_nothing() -> None:
    assert Sparse.build([]).search(["x"], 3)[0][0].tolist() == []
    assert Sparse.build(["lamp"]).search(["zebra"], 3)[0][0].tolist() == []
    assert Sparse.build(["lamp"]).among("zebra", np.array([0]))[0].tolist() == []


def clustered(rows: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, 48))
    points = centres[rng.integers(0, 40, rows)] + 0.5 * rng.normal(size=(rows, 48))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True), np.float32)


def test_dense_search_is_exact_below_the_size_and_nearly_so_above(tmp_path: Path) -> None:
    vectors, queries = clustered(3000, 1), clustered(50, 2)
    truth = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    exact = Dense.build(vectors, exact_below=5000).search(queries, 10)
    assert [r.tolist() for r, _ in exact] == truth.tolist()
    message: list[str] = []
    for _ in range(2):  # the second time the lists are read from disk
        near = Dense.build(
            vectors, exact_below=100, save=tmp_path / "lists.faiss", progress=message.append
        )
        found = near.search(queries, 10)
        recall = np.mean(
            [
                len(set(r.tolist()) & set(t)) / 10
                for (r, _), t in zip(found, truth.tolist(), strict=True)
            ]
        )
        assert recall >= 0.95
    assert message == ["clustering 3000 vectors"]
    assert [path.name for path in tmp_path.iterdir()] == ["lists.faiss"]


def test_embedding_says_how_far_it_is_and_keeps_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lengths:
        """Stands for an embedder: a text's vector is its length."""

        def encode(self, texts: list[str], **_: object) -> np.ndarray:
            return np.array([[len(t)] for t in texts], np.float32)

    monkeypatch.setattr(dense, "_embedder", lambda reference, device, precision: Lengths())
    monkeypatch.setattr(dense, "BLOCK", 2)
    monkeypatch.setattr(dense, "REPORT_EVERY", 0.0)
    message: list[str] = []
    found = dense.embed(["a", "bb", "ccc", "dddd", "eeeee"], "any", progress=message.append)
    assert found[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert [line.split(",")[0] for line in message] == ["embedded 2/5", "embedded 4/5"]
    assert all(line.endswith(" s left") for line in message)
    dense.embed(["a"], "any", progress=message.append)
    assert len(message) == 2


def test_index_is_kept_by_content(tmp_path: Path) -> None:
    chunks = list(cut([LONG], 200))
    message: list[str] = []
    for _ in range(2):
        index = open_index(
            chunks, tmp_path, sparse=True, embedder=None, exact_below=10, progress=message.append
        )
        assert index.public == len(chunks)
    assert [line.split()[0] for line in message] == ["indexing", "indexed"], (
        "the second time it is read from the cache"
    )
    open_index(
        chunks[:-1], tmp_path, sparse=True, embedder=None, exact_below=10, progress=message.append
    )
    assert len(message) == 4
    assert corpus_digest(chunks) != corpus_digest(chunks[:-1])


def test_interrupted_index_is_built_again(tmp_path: Path) -> None:
    chunks = list(cut([LONG], 200))
    open_index(chunks, tmp_path, sparse=True, embedder=None, exact_below=10)
    (done,) = (tmp_path / "indexes").glob("*/complete.json")
    done.unlink()
    message: list[str] = []
    open_index(
        chunks, tmp_path, sparse=True, embedder=None, exact_below=10, progress=message.append
    )
    assert message


def reverse_alphabet(question: str, passages: list[Passage]) -> list[float]:
    return [float(ord(p.document[0])) for p in passages]


def test_reranker_hook(setup: Setup) -> None:
    settings = RetrieverSettings(kind="bm25", k=2, reranker=f"{__name__}:reverse_alphabet")
    retriever = HybridRetriever(settings)
    retriever.open(setup)
    (found,) = retriever.search([Request("r", "Vim lamp Ro kettle Harbour store")])
    assert found[0].document == "store"
    with pytest.raises(UsageError, match="reranker"):
        HybridRetriever(RetrieverSettings(reranker="no_such_module:x"))


@pytest.mark.real
def test_hybrid_search_with_the_real_embedder(setup: Setup) -> None:
    retriever = HybridRetriever(RetrieverSettings(k=2))
    retriever.open(setup)
    requests = [
        Request("a", "When does the shop by the water open?"),
        Request("b", "refund period"),
        Request("c", "my purchases", user="u1"),
    ]
    shop, refund, mine = retriever.search(requests)
    assert shop[0].document == "store"
    assert refund[0].document == "policy"
    assert any(p.document == "ana-1" for p in mine)
    again = HybridRetriever(RetrieverSettings(k=2))
    again.open(setup)
    assert again.search(requests) == [shop, refund, mine]
