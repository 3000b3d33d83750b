"""Dense vectors (sentence-transformers) and their nearest neighbours (faiss: exact below a size,
inverted lists above).

Rankings are the same on every machine. Texts are embedded in double precision, whose error (about
1e-15) is far below the single precision that is kept, so the stored vectors are equal to the bit
whatever the processor, the threads and the batch. faiss proposes candidates, and these are scored
again in double precision (see `ranks`).

Inverted lists (Sivic and Zisserman 2003; faiss's IVF) search the nearest quarter of about √n
clusters. Over a million vectors they are built many times faster than an HNSW graph and miss far
fewer of the true neighbours (``scripts/bench_retrieval.py``, docs/systems.md): a comparison of
systems needs the passages more than the speed.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from evals.core.errors import EnvironmentProblem
from systems import models
from systems.retrieval.ranks import DIGITS, Ranking, nothing, top
from systems.runtime import prepare

Vectors = NDArray[np.float32]
"""Unit vectors, shape (texts, dimensions)."""

Precision = Literal["float64", "float32"]
"""What texts are embedded in. Single precision takes half the time, and may swap neighbours between
machines.
"""

BLOCK: Final = 512
"""Texts embedded between two looks at the clock; the embedder sorts each block by length, so
padding stays small.
"""

REPORT_EVERY: Final = 10.0
"""Seconds between two lines of progress."""

PROBED: Final = 4
"""One in so many inverted lists is searched."""

TRAINED_ON: Final = 64
"""Vectors per list that the clusters are fit to, at most; in `ROUNDS` rounds of k-means."""

ROUNDS: Final = 10

ASSIGNED: Final = 8192
"""Vectors whose nearest cluster is looked for at a time."""

SPARE: Final = 16
"""Candidates that faiss is asked for beyond those wanted."""

ERROR: Final = 1e-5
"""More than single precision can err in the inner product of two unit vectors."""

_embedders: dict[tuple[str, str, Precision], Any] = {}
_loading = threading.Lock()


def embed(
    texts: Sequence[str],
    embedder: str,
    *,
    precision: Precision = "float64",
    device: str = "auto",
    batch: int = 64,
    progress: Callable[[str], None] = lambda message: None,
) -> Vectors:
    """Unit vectors of the texts, in their order. The model is loaded once per process.

    Every `REPORT_EVERY` seconds ``progress`` is called with how far it has come. Raises
    EnvironmentProblem where the model cannot be had.
    """
    model, parts = _embedder(embedder, device, precision), []
    began = reported = time.monotonic()
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
        if done < len(texts) and now - reported >= REPORT_EVERY:
            reported, rate = now, done / (now - began)
            progress(
                f"embedded {done}/{len(texts)}, {rate:.0f} passages/s,"
                f" {(len(texts) - done) / rate:.0f} s left"
            )
    return np.ascontiguousarray(np.concatenate(parts), np.float32)


def _embedder(reference: str, device: str, precision: Precision) -> Any:
    with _loading:
        if (reference, device, precision) not in _embedders:
            folder = models.ready(reference, "embedder")
            prepare(offline=models.describe(reference, "embedder").hub is None)
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()
            try:
                loaded = SentenceTransformer(
                    str(folder),
                    device=_place(device, precision),
                    local_files_only=True,
                    model_kwargs={"dtype": getattr(torch, precision)},
                )
            except (OSError, ValueError, KeyError) as error:
                raise EnvironmentProblem(
                    f"the embedder {reference} cannot be loaded: {error}", where=folder
                ) from error
            _embedders[reference, device, precision] = loaded
        return _embedders[reference, device, precision]


def _place(device: str, precision: Precision) -> str | None:
    """The device for sentence-transformers, None to let it choose. Apple's GPUs know no double
    precision.
    """
    import torch

    if device == "auto" and precision == "float64" and not torch.cuda.is_available():
        return "cpu"
    return None if device == "auto" else device


def similarity(vectors: Vectors, query: Vectors) -> NDArray[np.float64]:
    """Inner products of ``vectors``, shape (n, d), with ``query``, shape (d,), in double
    precision.
    """
    return np.asarray(vectors, np.float64) @ np.asarray(query, np.float64)


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
        progress: Callable[[str], None] = lambda message: None,
    ) -> Dense:
        """Index the vectors: flat (exact) where there are fewer than ``exact_below``, else by
        inverted lists.
        """
        prepare(offline=False)
        import faiss

        if len(vectors) < exact_below:
            flat = faiss.IndexFlatIP(vectors.shape[1])
            flat.add(np.ascontiguousarray(vectors))
            return cls(vectors, flat)
        if save is not None and save.is_file():
            return cls(vectors, faiss.read_index(str(save)))  # with its nprobe
        index = _inverted_lists(vectors, progress)
        if save is not None:
            partial = save.with_suffix(".partial")
            faiss.write_index(index, str(partial))
            partial.replace(save)
        return cls(vectors, index)

    def search(self, queries: Vectors, k: int) -> list[Ranking]:
        """The ``k`` nearest rows of each query vector, with cosine similarities; equal ones by row
        number.
        """
        if not len(self.vectors) or not len(queries):
            return [nothing() for _ in queries]
        k = min(k, len(self.vectors))
        found = self._candidates(np.ascontiguousarray(queries), k + SPARE)
        return [self._ranked(query, k, *near) for query, near in zip(queries, found, strict=True)]

    def _ranked(
        self, query: Vectors, k: int, rows: NDArray[np.int64], scores: NDArray[np.float32]
    ) -> Ranking:
        """The candidates in their true order; more are fetched while one that is missing could
        belong among them.
        """
        wanted = len(rows)
        while True:
            best = top(similarity(self.vectors[rows], query), k, rows)
            complete = len(rows) < wanted or len(rows) == len(self.vectors)
            if complete or scores[-1] < best[1][-1] - ERROR:
                return best
            wanted = 2 * len(rows)
            ((rows, scores),) = self._candidates(np.ascontiguousarray(query[None]), wanted)

    def _candidates(
        self, queries: Vectors, k: int
    ) -> list[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """What faiss finds nearest, best first, as far as single precision can tell."""
        k = min(k, len(self.vectors))
        if hasattr(self._index, "nlist"):
            lists = self._index.quantizer.reconstruct_n(0, self._index.nlist)
            near = [top(similarity(lists, query), self._index.nprobe) for query in queries]
            keys = np.stack([rows for rows, _ in near])
            scores, rows = self._index.search_preassigned(
                queries, k, keys, np.stack([s for _, s in near]).astype(np.float32)
            )
        else:
            scores, rows = self._index.search(queries, k)
        return [(r[r >= 0], s[r >= 0]) for r, s in zip(rows, scores, strict=True)]


def _inverted_lists(vectors: Vectors, progress: Callable[[str], None]) -> Any:
    """faiss's inverted lists over spherical k-means (Dhillon and Modha 2001), computed here in
    double precision.

    faiss's own k-means sums in single precision and in an order of its threads, so that a vector
    near a border could stand in another list on another machine.
    """
    import faiss

    progress(f"clustering {len(vectors)} vectors")
    count = max(1, 2 ** round(math.log2(math.sqrt(len(vectors)))))
    sample = np.asarray(vectors[_evenly(len(vectors), TRAINED_ON * count)], np.float64)
    centres = sample[_evenly(len(sample), count)]
    for _ in range(ROUNDS):
        sums = np.zeros_like(centres)
        np.add.at(sums, _nearest(sample, centres), sample)  # in the order of rows
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        centres = np.where(norms > 0, sums / np.where(norms > 0, norms, 1), centres)
    kept = np.ascontiguousarray(centres, np.float32)
    quantizer = faiss.IndexFlatIP(vectors.shape[1])
    quantizer.add(kept)
    index: Any = faiss.IndexIVFFlat(quantizer, vectors.shape[1], count, faiss.METRIC_INNER_PRODUCT)
    index.is_trained, index.nprobe = True, -(-count // PROBED)
    for start in range(0, len(vectors), ASSIGNED):
        block = np.ascontiguousarray(vectors[start : start + ASSIGNED])
        lists = _nearest(block, kept)
        index.add_core(len(block), faiss.swig_ptr(block), None, faiss.swig_ptr(lists))
    return index


def _evenly(rows: int, count: int) -> NDArray[np.int64]:
    """At most ``count`` row numbers, spread evenly over ``rows``."""
    return np.arange(min(rows, count)) * rows // min(rows, count)


def _nearest(vectors: NDArray[Any], centres: NDArray[Any]) -> NDArray[np.int64]:
    """For each vector the centre with the largest inner product, the first of equals."""
    transposed = np.asarray(centres, np.float64).T
    parts = [
        np.argmax(
            np.round(np.asarray(vectors[i : i + ASSIGNED], np.float64) @ transposed, DIGITS), axis=1
        )
        for i in range(0, len(vectors), ASSIGNED)
    ]
    return np.ascontiguousarray(np.concatenate(parts), np.int64)
