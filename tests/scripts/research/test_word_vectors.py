from __future__ import annotations

import numpy as np
import pytest

from scripts.research.word_vectors import word_vectors


@pytest.mark.real
def test_words_of_one_meaning_are_near_each_other() -> None:
    words = ["undisclosed", "unspecified", "refund", "refunds", "yellow"]
    found = word_vectors(words)
    assert list(found) == words and {v.shape for v in found.values()} == {(576,)}

    def near(a: str, b: str) -> float:
        return float(found[a] @ found[b] / np.linalg.norm(found[a]) / np.linalg.norm(found[b]))

    assert near("refund", "refunds") > near("refund", "yellow")
    assert near("undisclosed", "unspecified") > near("undisclosed", "yellow")
    assert np.allclose(sum(found.values()), 0, atol=1e-9)
