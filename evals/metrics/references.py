"""Is a free-form answer right, given reference answers? No model: typed values, names with aliases, word overlap."""

from __future__ import annotations

from collections.abc import Sequence

from evals.metrics.phrases import standing
from evals.metrics.text import words


def matches(question: str, answer: str, references: Sequence[str]) -> bool:
    """Whether the answer states any of the references."""
    tokens = words(answer)
    return any(standing(tokens, phrase) >= 0 for r in references if (phrase := words(r)))
