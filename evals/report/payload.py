"""The answers inside the file: one compressed index for searching, and blocks that are read when an
item is opened.

A block is deflated JSON in base64: inert text to a browser until the page's own script inflates it.
Passages that several answers share are stored once.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from evals.core.schema import Passage
from evals.report.answers import NOT_ASKED, Answers
from evals.report.detail import cut

INDEXED: Final = 600
"""Characters of a question or an answer that the search inside the file sees."""
PER_BLOCK: Final = 48
PASSAGES_PER_BLOCK: Final = 192


@dataclass
class Payload:
    """Named blocks, how many answers they carry and how many there are."""

    shown: int
    total: int
    blocks: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes of all blocks in the file."""
        return sum(map(len, self.blocks.values()))


@dataclass
class _Passages:
    """Numbers the passages in order of first use."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    known: list[list[str]] = field(default_factory=list)

    def intern(self, passage: Passage) -> int:
        key = (passage.id, passage.text)
        number = self.numbers.setdefault(key, len(self.known))
        if number == len(self.known):
            self.known.append([passage.id, passage.document, cut(passage.text)])
        return number


def pack_answers(answers: Answers, limit: int, budget: int) -> Payload:
    """Blocks of at most ``limit`` answers and about ``budget`` bytes; a smaller sample where they
    do not fit.
    """
    while True:
        rows = answers.sample(limit)
        payload = _pack(answers, rows)
        if payload.size <= budget or len(rows) <= 1:
            return payload
        limit = int(payload.shown * 0.95 * budget / payload.size)


def _pack(answers: Answers, rows: list[int]) -> Payload:
    passages = _Passages()
    blocks: dict[str, str] = {}
    texts: dict[str, list[str]] = {label: [] for label in answers.labels}
    questions: list[str | None] = []
    for start in range(0, len(rows), PER_BLOCK):
        details = [answers.detail(row, passages.intern) for row in rows[start : start + PER_BLOCK]]
        blocks[f"d{start // PER_BLOCK}"] = compress(details)
        for detail in details:
            question = detail["item"].get("question")
            questions.append(question if question is None else question[:INDEXED])
            for label, answer in zip(answers.labels, detail["answers"], strict=True):
                texts[label].append("" if answer is None else answer["text"][:INDEXED])
    for start in range(0, len(passages.known), PASSAGES_PER_BLOCK):
        blocks[f"p{start // PASSAGES_PER_BLOCK}"] = compress(
            passages.known[start : start + PASSAGES_PER_BLOCK]
        )
    index = _index(answers, rows, questions, texts)
    shown = sum(code != NOT_ASKED for column in index["outcome"] for code in column)
    return Payload(shown, answers.total, {"index": compress(index), **blocks})


def _index(
    answers: Answers, rows: list[int], questions: list[str | None], texts: dict[str, list[str]]
) -> dict[str, Any]:
    return {
        "id": [answers.ids[row] for row in rows],
        "suite": [answers.suite_of[row] for row in rows],
        "track": [answers.track_of[row] for row in rows],
        "question": questions,
        "text": [texts[label] for label in answers.labels],
        "outcome": [[answers.outcomes[label][row] for row in rows] for label in answers.labels],
        "cause": [[answers.causes[label][row] for row in rows] for label in answers.labels],
    }


def compress(value: object) -> str:
    """Deflated JSON in base64."""
    return base64.b64encode(zlib.compress(msgspec.json.encode(value), 9)).decode()
