"""BM25 over stemmed words (bm25s, PyStemmer), kept on disk and memory-mapped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from systems.retrieval.ranks import Ranking, nothing, top

_WORDS = r"(?u)\b\w+\b"


@cache
def _stemmer() -> Any:
    import Stemmer

    return Stemmer.Stemmer("english")


def tokenize(texts: Sequence[str]) -> list[list[str]]:
    """Stemmed lower-case words of each text without English stop words; numbers and single letters
    stay.
    """
    import bm25s

    words: list[list[str]] = bm25s.tokenize(
        list(texts),
        token_pattern=_WORDS,
        stopwords="en",
        stemmer=_stemmer(),
        return_ids=False,
        show_progress=False,
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
        return [_positive(self._scores(words), k) for words in tokenize(queries)] if queries else []

    def among(self, query: str, rows: NDArray[np.int64]) -> Ranking:
        """The given rows alone, ranked; those that share no word with the query are left out."""
        scores = self._scores(tokenize([query])[0]) if len(rows) else None
        return _positive(None if scores is None else scores[rows], len(rows), rows)

    def _scores(self, words: Sequence[str]) -> NDArray[np.float32] | None:
        """The BM25 score of every row, shape (rows,); None where no row can have one.

        bm25s adds each word's precomputed column in the order of words, so the sums are equal on
        every machine. Its own selection of the best is not (see `ranks`) and is not used.
        """
        known = [w for w in words if w in self._index.vocab_dict] if self.rows else []
        return np.asarray(self._index.get_scores(known)) if known else None


def _positive(
    scores: NDArray[np.float32] | None, k: int, rows: NDArray[np.int64] | None = None
) -> Ranking:
    if scores is None:
        return nothing()
    found, values = top(scores, min(k, len(scores)), rows)
    return found[values > 0], values[values > 0]
