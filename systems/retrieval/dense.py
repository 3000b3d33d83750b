"""Dense vectors (sentence-transformers) and their nearest neighbours (faiss: exact below a size, inverted lists above).

Inverted lists (Sivic and Zisserman 2003; faiss's IVF) search the nearest quarter of about √n clusters. Over a million
vectors they are built many times faster than an HNSW graph and miss far fewer of the true neighbours
(``scripts/bench_retrieval.py``, docs/systems.md): a comparison of systems needs the passages more than the speed.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.errors import EnvironmentProblem
from systems import models
from systems.retrieval.sparse import Ranking
from systems.runtime import prepare

Vectors = NDArray[np.float32]
"""Unit vectors, shape (texts, dimensions)."""

BLOCK: Final = 512
"""Texts embedded between two looks at the clock; the embedder sorts each block by length, so padding stays small."""

TOLD_EVERY: Final = 10.0
"""Seconds between two lines of progress."""

PROBED: Final = 4
"""One in so many inverted lists is searched."""

TRAINED_ON: Final = 64
"""Vectors per list that the clusters are fit to, at most; in `ROUNDS` rounds of k-means."""

ROUNDS: Final = 10

_embedders: dict[tuple[str, str], Any] = {}
_loading = threading.Lock()


def embed(
    texts: Sequence[str],
    embedder: str,
    *,
    device: str = "auto",
    batch: int = 64,
    progress: Callable[[str], None] = lambda message: None,
) -> Vectors:
    """Unit vectors of the texts, in their order. The model is loaded once per process.

    ``progress`` is told every `TOLD_EVERY` seconds how far it has come. Raises EnvironmentProblem where the model
    cannot be had.
    """
    model, parts = _embedder(embedder, device), []
    began = told = time.monotonic()
    for start in range(0, max(1, len(texts)), BLOCK):
        parts.append(
            model.encode(
                list(texts[start : start + BLOCK]),
                batch_size=batch,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        )
        done, now = start + BLOCK, time.monotonic()
        if done < len(texts) and now - told >= TOLD_EVERY:
            told, rate = now, done / (now - began)
            progress(f"embedded {done}/{len(texts)}, {rate:.0f} passages/s, {(len(texts) - done) / rate:.0f} s left")
    return np.ascontiguousarray(np.concatenate(parts), np.float32)


def _embedder(reference: str, device: str) -> Any:
    with _loading:
        if (reference, device) not in _embedders:
            folder = models.ready(reference, "embedder")
            prepare(offline=models.describe(reference, "embedder").hub is None)
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()
            try:
                loaded = SentenceTransformer(
                    str(folder), device=None if device == "auto" else device, local_files_only=True
                )
            except (OSError, ValueError, KeyError) as error:
                raise EnvironmentProblem(f"the embedder {reference} cannot be loaded: {error}", where=folder) from error
            _embedders[reference, device] = loaded
        return _embedders[reference, device]


class Dense:
    """Nearest neighbours by inner product. Row i is vector i."""

    def __init__(self, vectors: Vectors, index: Any) -> None:
        self.vectors, self._index = vectors, index

    @classmethod
    def build(
        cls,
        vectors: Vectors,
        *,
        exact_below: int,
        save: Path | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> Dense:
        """Index the vectors: flat (exact) where there are fewer than ``exact_below``, else by inverted lists."""
        prepare(offline=False)
        import faiss

        size = vectors.shape[1]
        if len(vectors) < exact_below:
            flat = faiss.IndexFlatIP(size)
            flat.add(np.ascontiguousarray(vectors))
            return cls(vectors, flat)
        if save is not None and save.is_file():
            return cls(vectors, faiss.read_index(str(save)))  # with its nprobe
        if progress is not None:
            progress(f"clustering {len(vectors)} vectors")
        lists = max(1, 2 ** round(math.log2(math.sqrt(len(vectors)))))
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(size), size, lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.niter, index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = ROUNDS, 1, TRAINED_ON
        index.nprobe = -(-lists // PROBED)
        index.train(np.ascontiguousarray(vectors))
        index.add(np.ascontiguousarray(vectors))
        if save is not None:
            partial = save.with_suffix(".partial")
            faiss.write_index(index, str(partial))
            partial.replace(save)
        return cls(vectors, index)

    def search(self, queries: Vectors, k: int) -> list[Ranking]:
        """The ``k`` nearest rows of each query vector, with cosine similarities."""
        if not len(self.vectors) or not len(queries):
            return [(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in queries]
        scores, rows = self._index.search(np.ascontiguousarray(queries), min(k, len(self.vectors)))
        return [(r[r >= 0], s[r >= 0]) for r, s in zip(rows, scores, strict=True)]
