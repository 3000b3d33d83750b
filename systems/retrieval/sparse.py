"""BM25 over stemmed words (bm25s, PyStemmer), kept on disk and memory-mapped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ranking = tuple[NDArray[np.int64], NDArray[np.float32]]
"""Row numbers and scores of one query's hits, best first."""

_WORDS = r"(?u)\b\w+\b"


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def tokenize(texts: Sequence[str]) -> list[list[str]]:
    """Stemmed lower-case words of each text without English stop words; numbers and single letters stay."""
    import bm25s

    words: list[list[str]] = bm25s.tokenize(
        list(texts), token_pattern=_WORDS, stopwords="en", stemmer=_stemmer(), return_ids=False, show_progress=False
    )
    return words


class Sparse:
    """A BM25 index (Lucene's variant, k1 = 1.5, b = 0.75) over a list of texts; row i is text i."""

    def __init__(self, index: Any, rows: int) -> None:
        self._index, self.rows = index, rows

    @classmethod
    def build(cls, texts: Sequence[str]) -> Sparse:
        """Index the texts; there may be none."""
        import bm25s

        if not texts:
            return cls(None, 0)
        index = bm25s.BM25()
        index.index([words or [""] for words in tokenize(texts)], show_progress=False)
        return cls(index, len(texts))

    def save(self, folder: Path) -> None:
        if self._index is not None:
            self._index.save(folder, show_progress=False)

    @classmethod
    def load(cls, folder: Path, rows: int) -> Sparse:
        import bm25s

        return cls(bm25s.BM25.load(folder, mmap=True, show_progress=False) if rows else None, rows)

    def search(self, queries: Sequence[str], k: int) -> list[Ranking]:
        """The best ``k`` rows of each query; rows that share no word with it are left out."""
        if not self.rows or not queries:
            return [_nothing() for _ in queries]
        found, scores = self._index.retrieve(tokenize(queries), k=min(k, self.rows), show_progress=False)
        return [
            (np.asarray(f[s > 0], np.int64), np.asarray(s[s > 0], np.float32))
            for f, s in zip(found, scores, strict=True)
        ]

    def among(self, query: str, rows: NDArray[np.int64]) -> Ranking:
        """The given rows alone, ranked; those that share no word with the query are left out."""
        words = [w for w in tokenize([query])[0] if w in self._index.vocab_dict] if self.rows and len(rows) else []
        if not words:
            return _nothing()
        scores = self._index.get_scores(words)[rows]
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] > 0]
        return rows[order], np.asarray(scores[order], np.float32)


def _nothing() -> Ranking:
    return np.empty(0, np.int64), np.empty(0, np.float32)
