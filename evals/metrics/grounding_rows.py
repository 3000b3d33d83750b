"""The rows of numbers that the models behind `groundedness` read: of an answer, and of each of its sentences.

Without a model's evidence they hold the deterministic features (`grounding`), with it those of its words too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.metrics import grounding_words
from evals.metrics.grounding import NAMES, PIECE_NAMES, Piece, features
from evals.metrics.grounding_context import prepare
from evals.metrics.likelihood import Evidence, shown


@dataclass(frozen=True)
class Rows:
    """One answer's row, its sentences, and their rows."""

    answer: list[float]
    pieces: list[Piece]
    sentences: list[list[float]]


def names(*, heard: bool) -> tuple[str, ...]:
    """The columns of an answer's row; ``heard``: with a model's evidence."""
    return NAMES + tuple(f"word_{n}" for n in grounding_words.WORD_NAMES) if heard else NAMES


def piece_names(*, heard: bool) -> tuple[str, ...]:
    """The columns of a sentence's row."""
    return PIECE_NAMES + tuple(f"word_{n}" for n in grounding_words.WORD_PIECE_NAMES) if heard else PIECE_NAMES


def rows(question: str, answer: str, contexts: Sequence[str], evidence: Evidence | None = None) -> Rows:
    """All rows of one answer."""
    vector, pieces = features(question, answer, tuple(contexts))
    if evidence is None:
        return Rows(vector, pieces, [p.vector() for p in pieces])
    spoken = grounding_words.read(shown(answer), question, prepare(tuple(contexts)), evidence)
    places = [(p.start, p.end) for p in pieces]
    heard = [grounding_words.sentence_features(spoken, a, b) for a, b in places]
    return Rows(
        vector + grounding_words.answer_features(spoken, places),
        pieces,
        [p.vector() + extra for p, extra in zip(pieces, heard, strict=True)],
    )
