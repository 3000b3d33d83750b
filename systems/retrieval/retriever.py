"""From requests to passages: sparse and dense rankings, fused; private records only for the one who
asks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol, cast

import numpy as np

from evals.core.errors import UsageError
from evals.core.interfaces import Setup
from evals.core.registry import load
from evals.core.schema import Passage, Request
from systems import models
from systems.retrieval.chunks import cut
from systems.retrieval.dense import Precision, embed, similarity
from systems.retrieval.fuse import fuse, reserve
from systems.retrieval.index import Index, open_index
from systems.retrieval.ranks import top
from systems.settings import Settings, as_table

Reranker = Callable[[str, Sequence[Passage]], Sequence[float]]
"""A question and its candidates -> a score for each, higher is better."""


class RetrieverSettings(Settings, frozen=True):
    """``[retriever]``: how many passages (``k``), at least ``user_k`` of them the asker's own where
    there are any.

    ``chunk`` and ``overlap`` are characters; ``precision`` is what texts are embedded in:
    ``float64`` gives the same passages on every machine, ``float32`` takes half the time and may
    swap near ties. ``depth`` is how many candidates each ranking contributes; ``reranker`` is a
    ``module:attribute`` of type `Reranker`. ``gold`` hands out the gold documents (privileged).
    """

    kind: Literal["hybrid", "bm25", "dense", "gold"] = "hybrid"
    k: int = 3
    user_k: int = 1
    chunk: int = 450
    overlap: int = 0
    embedder: str = models.DEFAULT_EMBEDDER
    precision: Precision = "float64"
    depth: int = 50
    rrf: int = 60
    exact_below: int = 200_000
    reranker: str | None = None

    def __post_init__(self) -> None:
        if (
            self.k < 1
            or self.user_k < 0
            or self.depth < self.k
            or self.chunk < 50
            or not 0 <= self.overlap < self.chunk
        ):
            raise ValueError(
                "k >= 1, user_k >= 0, depth >= k, chunk >= 50 and 0 <= overlap < chunk are needed"
            )


class Retriever(Protocol):
    """Finds passages for requests."""

    def identity(self) -> Mapping[str, Any]: ...
    def open(self, setup: Setup) -> None: ...
    def search(self, requests: Sequence[Request]) -> list[tuple[Passage, ...]]:
        """For each request its passages, best first."""


def make_retriever(settings: RetrieverSettings) -> Retriever:
    """The retriever that the settings describe."""
    return GoldRetriever(settings) if settings.kind == "gold" else HybridRetriever(settings)


class HybridRetriever:
    """BM25 and dense search over the documents as of a request's moment, fused by rank."""

    def __init__(self, settings: RetrieverSettings) -> None:
        self.settings = settings
        self._setup: Setup | None = None
        self._indexes: dict[str, Index] = {}
        self._reranker = (
            cast(Reranker, load(settings.reranker, "reranker")) if settings.reranker else None
        )

    def identity(self) -> Mapping[str, Any]:
        """Settings and embedder. The corpus is part of the pack's identity."""
        embedder = (
            models.identity(self.settings.embedder, "embedder")
            if self.settings.kind != "bm25"
            else None
        )
        return {**as_table(self.settings), "embedder": embedder}

    def open(self, setup: Setup) -> None:
        """Remember the pack. Indexes are opened with the first request of each moment."""
        self._setup = setup

    def search(self, requests: Sequence[Request]) -> list[tuple[Passage, ...]]:
        """As `Retriever.search`. Requests of one moment are embedded and searched together."""
        found: dict[int, tuple[Passage, ...]] = {}
        for time in sorted({r.time for r in requests}):
            places = [i for i, r in enumerate(requests) if r.time == time]
            found |= zip(
                places, self._search(self.index(time), [requests[i] for i in places]), strict=True
            )
        return [found[i] for i in range(len(requests))]

    def index(self, time: str) -> Index:
        """The index of the documents that are dated no later than the moment ``time``."""
        if self._setup is None:
            raise UsageError("the retriever was asked before it was opened")
        if time not in self._indexes:
            s, setup = self.settings, self._setup
            self._indexes[time] = open_index(
                cut(setup.pack.documents(time), s.chunk, s.overlap),
                setup.cache,
                sparse=s.kind != "dense",
                embedder=s.embedder if s.kind != "bm25" else None,
                precision=s.precision,
                exact_below=s.exact_below,
                progress=setup.progress,
            )
        return self._indexes[time]

    def _search(self, index: Index, requests: Sequence[Request]) -> list[tuple[Passage, ...]]:
        questions = [query(r) for r in requests]
        sparse = (
            index.sparse.search(questions, self.settings.depth)
            if index.sparse
            else [None] * len(requests)
        )
        vectors = (
            embed(questions, self.settings.embedder, precision=self.settings.precision)
            if index.dense
            else None
        )
        dense = (
            index.dense.search(vectors, self.settings.depth)
            if index.dense and vectors is not None
            else sparse
        )
        answers = []
        for i, request in enumerate(requests):
            own = index.owned.get(request.user) if request.user is not None else None
            rankings = [] if sparse[i] is None else [cast(Any, sparse[i])[0].tolist()]
            if vectors is not None:
                rankings.append(self._with_own(index, cast(Any, dense[i]), vectors[i], own))
            if own is not None and index.private_sparse:
                rankings.append(
                    (index.private_sparse.among(questions[i], own)[0] + index.public).tolist()
                )
            ranked = fuse(rankings, self.settings.rrf)
            mine = frozenset() if own is None else frozenset((own + index.public).tolist())
            answers.append(self._pick(index, request, ranked, mine))
        return answers

    def _with_own(self, index: Index, public: Any, vector: Any, own: Any) -> list[int]:
        """The dense ranking of public chunks with the asker's own ones at their places."""
        rows, scores = public
        if own is None or index.private_vectors is None:
            return cast(list[int], rows.tolist())
        rows = np.concatenate([rows, own + index.public])
        scores = np.concatenate([scores, similarity(index.private_vectors[own], vector)])
        return cast(list[int], top(scores, self.settings.depth, rows)[0].tolist())

    def _pick(
        self, index: Index, request: Request, ranked: list[tuple[int, float]], own: frozenset[int]
    ) -> tuple[Passage, ...]:
        if self._reranker is not None:
            head = ranked[: self.settings.depth]
            scores = self._reranker(
                query(request), [_passage(index, row, score) for row, score in head]
            )
            numbers, best = top(
                np.array(scores, np.float64),
                len(head),
                np.array([row for row, _ in head], np.int64),
            )
            ranked = list(zip(numbers.tolist(), best.tolist(), strict=True))
        kept = reserve(ranked, own, self.settings.k, self.settings.user_k)
        passages = tuple(_passage(index, row, score) for row, score in kept)
        for row, _ in kept:
            if index.chunks[row].user not in (None, request.user):
                raise AssertionError(
                    f"a private passage of another user was about to leave: {index.chunks[row].id}"
                )
        return passages


class GoldRetriever:
    """Hands out an item's gold documents: the retrieval that cannot miss, as an upper bound
    (privileged).
    """

    def __init__(self, settings: RetrieverSettings) -> None:
        self.settings = settings
        self._texts: dict[str, list[Passage]] = {}
        self._setup: Setup | None = None

    def identity(self) -> Mapping[str, Any]:
        return {"kind": "gold", "k": self.settings.k, "chunk": self.settings.chunk}

    def open(self, setup: Setup) -> None:
        """Raises UsageError where the system was given no gold."""
        if setup.gold is None:
            raise UsageError("a gold retriever needs a system that is declared privileged")
        self._setup = setup
        wanted = {d for item in setup.gold.values() for d in item.documents}
        documents = (d for d in setup.pack.documents() if d.id in wanted)
        for chunk in cut(documents, self.settings.chunk, self.settings.overlap):
            self._texts.setdefault(chunk.document, []).append(
                Passage(chunk.id, chunk.document, 1.0, chunk.text)
            )

    def search(self, requests: Sequence[Request]) -> list[tuple[Passage, ...]]:
        gold = self._setup.gold if self._setup is not None else None
        items = [(gold or {}).get(r.id) for r in requests]
        found = [
            [p for d in (item.documents if item else ()) for p in self._texts.get(d, [])]
            for item in items
        ]
        return [tuple(passages[: max(self.settings.k, 3)]) for passages in found]


def _passage(index: Index, row: int, score: float) -> Passage:
    chunk = index.chunks[row]
    return Passage(id=chunk.id, document=chunk.document, score=round(score, 6), text=chunk.text)


def query(request: Request) -> str:
    """What is looked for: the question, behind the user's turn before it, which says what "it"
    is.
    """
    asked = [turn.content for turn in request.history if turn.role == "user"]
    return "\n".join([*asked[-1:], request.question])
