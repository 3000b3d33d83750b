"""Fitting the reader of refusals for `abstention`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from evals.scorers.abstention.model import AbstentionModel, Floats, ngrams
from evals.text.words import words

SHRUNK: Final = 0.5
"""What marks are multiplied by in the fit, which penalises their weights the more."""


def fit(
    texts: Sequence[str],
    marked: Sequence[Sequence[float]],
    target: Sequence[bool],
    fit_on: dict[str, int],
    vectors: Mapping[str, Floats],
) -> AbstentionModel:
    """Fit on cleaned answers; ``vectors`` has one for each word of the lexicon, all of one width. Deterministic; the
    settings were chosen on folds of the fit sets."""
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    known = sorted(vectors)
    table = np.array([vectors[word] for word in known])
    lexicon = TfidfVectorizer(analyzer=words, sublinear_tf=True, vocabulary=known)
    vectorizer = TfidfVectorizer(analyzer=ngrams, sublinear_tf=True, min_df=2, max_features=8000)
    parts = [vectorizer.fit_transform(texts), lexicon.fit_transform(texts) @ table, np.array(marked) * SHRUNK]
    rows = sparse.hstack([sparse.csr_matrix(part) for part in parts], format="csr")
    model: Any = LogisticRegression(C=4.0, max_iter=3000).fit(rows, np.array(target))
    grams, direction, own = np.split(model.coef_[0], np.cumsum([part.shape[1] for part in parts[:2]]))
    return AbstentionModel(
        {gram: _pair(vectorizer.idf_[at], grams[at]) for gram, at in sorted(vectorizer.vocabulary_.items())},
        {word: _pair(idf, like) for word, idf, like in zip(known, lexicon.idf_, table @ direction, strict=True)},
        tuple(float(f"{w * SHRUNK:.5g}") for w in own),
        float(f"{model.intercept_[0]:.5g}"),
        fit_on,
    )


def _pair(idf: float, weight: float) -> tuple[float, float]:
    return float(f"{idf:.4g}"), float(f"{weight:.4g}")
