"""An index of one corpus: built once, kept under its content hash, opened memory-mapped
afterwards.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from evals.core.errors import EnvironmentProblem
from evals.core.identity import short
from evals.core.paths import ensure_dir
from systems import models
from systems.retrieval.chunks import Chunk
from systems.retrieval.dense import Dense, Precision, Vectors, embed
from systems.retrieval.sparse import Sparse

_DONE = "complete.json"
_FORMAT = 2


@dataclass(frozen=True)
class Index:
    """Public chunks come first; private ones follow and are only ever reached through ``owned``."""

    chunks: Sequence[Chunk]
    public: int
    owned: Mapping[str, NDArray[np.int64]]
    """User id -> rows of their private chunks, counted from the first private chunk."""
    sparse: Sparse | None
    private_sparse: Sparse | None
    dense: Dense | None
    private_vectors: Vectors | None


def corpus_digest(chunks: Iterable[Chunk]) -> str:
    """sha256 (hex) over ids, owners and texts, in order."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(msgspec.json.encode(chunk.key))
    return state.hexdigest()


def open_index(
    chunks: Iterable[Chunk],
    cache: Path,
    *,
    sparse: bool,
    embedder: str | None,
    exact_below: int,
    precision: Precision = "float64",
    progress: Callable[[str], None] = lambda message: None,
) -> Index:
    """The index over these chunks, built where it is not in ``cache`` yet. Interrupted builds leave
    nothing behind.

    Raises EnvironmentProblem where the disk or the embedder is in the way.
    """
    every = list(chunks)
    ordered = [c for c in every if c.user is None] + [c for c in every if c.user is not None]
    public = sum(c.user is None for c in ordered)
    model = models.identity(embedder, "embedder") if embedder else None
    what: dict[str, Any] = {
        "format": _FORMAT, "corpus": corpus_digest(ordered), "sparse": sparse, "embedder": model,
        "exact_below": exact_below, "precision": precision,
    }  # fmt: skip
    folder = ensure_dir(cache / "indexes") / short(what, 24)
    with FileLock(folder.with_suffix(".lock")):
        if not (folder / _DONE).is_file():
            progress(f"indexing {len(ordered)} passages")
            began = time.perf_counter()
            _build(
                folder,
                ordered,
                public,
                embedding=(embedder, precision),
                sparse=sparse,
                about=what,
                progress=progress,
            )
            progress(f"indexed them in {time.perf_counter() - began:.1f} s")
        return _load(
            folder,
            ordered,
            public,
            sparse=sparse,
            exact_below=exact_below,
            dense=bool(embedder),
            progress=progress,
        )


def _build(
    folder: Path,
    chunks: Sequence[Chunk],
    public: int,
    *,
    sparse: bool,
    embedding: tuple[str | None, Precision],
    about: Mapping[str, Any],
    progress: Callable[[str], None],
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    work = folder.with_suffix(".partial")
    shutil.rmtree(work, ignore_errors=True)
    texts = [c.text for c in chunks]
    try:
        work.mkdir()
        if sparse:
            Sparse.build(texts[:public]).save(work / "bm25")
            Sparse.build(texts[public:]).save(work / "bm25_private")
        embedder, precision = embedding
        if embedder:
            np.save(
                work / "vectors.npy", embed(texts, embedder, precision=precision, progress=progress)
            )
        (work / _DONE).write_bytes(msgspec.json.encode(about))
        work.rename(folder)
    except OSError as error:
        raise EnvironmentProblem(
            f"the index cannot be stored: {error.strerror or error}",
            where=folder,
            hint="free some space",
        ) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _load(
    folder: Path,
    chunks: Sequence[Chunk],
    public: int,
    *,
    sparse: bool,
    dense: bool,
    exact_below: int,
    progress: Callable[[str], None],
) -> Index:
    owned: dict[str, list[int]] = {}
    for row, chunk in enumerate(chunks[public:]):
        owned.setdefault(str(chunk.user), []).append(row)
    vectors = np.load(folder / "vectors.npy", mmap_mode="r") if dense else None
    return Index(
        chunks=chunks,
        public=public,
        owned={user: np.array(rows, np.int64) for user, rows in owned.items()},
        sparse=Sparse.load(folder / "bm25", public) if sparse else None,
        private_sparse=(
            Sparse.load(folder / "bm25_private", len(chunks) - public) if sparse else None
        ),
        dense=(
            None
            if vectors is None
            else Dense.build(
                vectors[:public],
                exact_below=exact_below,
                save=folder / "lists.faiss",
                progress=progress,
            )
        ),
        private_vectors=None if vectors is None else vectors[public:],
    )
