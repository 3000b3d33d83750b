"""Retrieval at size: build time, memory, queries per second, recall against exact search; bm25s
beside our use of it.

    python scripts/bench_retrieval.py [--passages 1000000] [--queries 500]

First the default pack is indexed as a run does it, and timed. Vectors at size are then spread like
the real embedder's: a mean and covariance are fit to the pack's embedded passages, and to its
embedded questions, and vectors and queries drawn from those, since embedding a million texts is no
part of the question. The bm25s part indexes synthetic texts with a Zipf vocabulary and runs the
same queries through bm25s alone and through `Sparse`, in turns; the ratio is that of medians.
Prints a table and one JSON line. A million passages take about 15 minutes (the graph alone ten) and
6 GB.
"""

from __future__ import annotations

import argparse
import functools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from evals.core.interfaces import Pack
from evals.core.paths import cache_dir
from evals.core.registry import open_pack
from systems.models import DEFAULT_EMBEDDER
from systems.retrieval.chunks import cut
from systems.retrieval.dense import Dense, embed
from systems.retrieval.index import open_index
from systems.retrieval.retriever import RetrieverSettings
from systems.retrieval.sparse import Sparse, tokenize
from systems.runtime import prepare

K = 10
TURNS = 5


def main() -> None:
    """Measure both parts and print them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=500)
    asked = parser.parse_args()
    prepare(offline=True)
    pack = open_pack("default", cache_dir())
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "pack": lambda: indexed(pack),
        "dense": lambda: dense(pack, asked.passages, asked.queries),
        "sparse": lambda: sparse(asked.passages, asked.queries),
    }
    report: dict[str, Any] = {"passages": asked.passages, "queries": asked.queries}
    for part, measure in parts.items():
        report[part] = measure()
        for name, value in report[part].items():
            print(f"{part:<8}{name:<28}{value}", flush=True)
    print(json.dumps(report))


def indexed(pack: Pack) -> dict[str, Any]:
    """The time of indexing the pack as `rag` does, in an empty folder; the embedder is loaded
    before.
    """
    chunks = list(cut(pack.documents(), RetrieverSettings().chunk))
    embed(["warm"], DEFAULT_EMBEDDER)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter(), time.process_time()
        open_index(chunks, Path(folder), sparse=True, embedder=DEFAULT_EMBEDDER, exact_below=10**9)
        wall, processor = time.perf_counter() - began[0], time.process_time() - began[1]
    return {
        "passages": len(chunks),
        "seconds": round(wall, 1),
        "processor seconds": round(processor, 1),
    }


def dense(pack: Pack, passages: int, queries: int) -> dict[str, Any]:
    """Exact search, inverted lists and a graph, on vectors with the moments of the pack's passages
    and questions.
    """
    chunks = cut(pack.documents(), RetrieverSettings().chunk)
    vectors = spread([c.text for c in chunks])(passages, 1)
    asked = spread([i.question for i in pack.items()])(queries, 2)
    truth = Dense.build(vectors, exact_below=passages + 1).search(asked, K)
    kinds: dict[str, Callable[[], Dense]] = {
        "exact": lambda: Dense.build(vectors, exact_below=passages + 1),
        "lists": lambda: Dense.build(vectors, exact_below=1),
        "graph": lambda: graph(vectors),
    }
    report: dict[str, Any] = {}
    for kind, build in kinds.items():
        index, built, memory = timed(build)
        found, batched, _ = timed(functools.partial(index.search, asked, K))
        alone = statistics.median(
            timed(functools.partial(index.search, one[None], K))[1] for one in asked[:50]
        )
        hits = [
            len(set(t.tolist()) & set(f.tolist())) / K
            for (t, _), (f, _) in zip(truth, found, strict=True)
        ]
        report |= {
            f"{kind} build s": round(built, 1),
            f"{kind} memory MB": round(memory),
            f"{kind} queries/s": round(queries / batched),
            f"{kind} ms alone": round(alone * 1000, 1),
            f"{kind} recall@{K}": round(float(np.mean(hits)), 4),
        }
    return report


def graph(vectors: NDArray[np.float32]) -> Dense:
    """What the lists are compared with: faiss's HNSW with 32 links, efConstruction 80 and efSearch
    128.
    """
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 128
    index.add(vectors)
    return Dense(vectors, index)


def spread(real: Sequence[str]) -> Callable[[int, int], NDArray[np.float32]]:
    """Draws unit vectors with the first two moments of the embedded texts."""
    sample = embed(real, DEFAULT_EMBEDDER)
    mean, factor = (
        sample.mean(0),
        np.linalg.cholesky(np.cov(sample.T) + 1e-6 * np.eye(sample.shape[1])),
    )

    def draw(rows: int, seed: int) -> NDArray[np.float32]:
        rng = np.random.default_rng(seed)
        points = np.empty((rows, len(mean)), np.float32)
        for start in range(0, rows, 50_000):
            block = rng.standard_normal((min(50_000, rows - start), len(mean)))
            points[start : start + len(block)] = mean + block @ factor.T
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        return points

    return draw


def sparse(passages: int, queries: int) -> dict[str, Any]:
    """bm25s alone and through `Sparse`, the same queries in turns."""
    import bm25s

    corpus, asked = texts(passages, 4), texts(queries, 5, words=6)
    ours, build, memory = timed(lambda: Sparse.build(corpus))
    theirs = bm25s.BM25()
    theirs.index([words or [""] for words in tokenize(corpus)], show_progress=False)

    def plain() -> Any:
        return theirs.retrieve(tokenize(asked), k=K, show_progress=False)

    rounds = [(timed(plain)[1], timed(lambda: ours.search(asked, K))[1]) for _ in range(TURNS)]
    alone, through = (statistics.median(r[i] for r in rounds) for i in (0, 1))
    same = all(
        np.array_equal(row[score > 0], ranked[0])
        for row, score, ranked in zip(*plain(), ours.search(asked, K), strict=True)
    )
    return {
        "build s": round(build, 1),
        "memory MB": round(memory),
        "bm25s queries/s": round(queries / alone),
        "ours queries/s": round(queries / through),
        "overhead": f"{through / alone - 1:+.1%}",
        "same results": same,
    }


def texts(count: int, seed: int, *, words: int = 30, vocabulary: int = 50_000) -> list[str]:
    """Texts of words whose frequencies follow Zipf's law."""
    rng = np.random.default_rng(seed)
    drawn = (rng.zipf(1.2, size=(count, words)) - 1) % vocabulary
    return [" ".join(f"w{n}" for n in row) for row in drawn]


def timed(call: Callable[[], Any]) -> tuple[Any, float, float]:
    """A result, its seconds, and by how many megabytes the process grew."""
    process = psutil.Process()
    before, began = process.memory_info().rss, time.perf_counter()
    result = call()
    return result, time.perf_counter() - began, (process.memory_info().rss - before) / 2**20


if __name__ == "__main__":
    main()
