"""Finding answers among many: filters over the compact table, text by reading the stored files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from evals.core import jsonl
from evals.core.identity import hash64
from evals.core.store import ITEMS, RESPONSES
from evals.report.answers import NOT_ASKED, Answers
from evals.report.outcomes import OUTCOMES
from evals.report.payload import INDEXED

Mask = NDArray[np.bool_]

_RIGHT: Final = 1 + OUTCOMES.index("right")
_UNJUDGED: Final = [1 + OUTCOMES.index(name) for name in ("unscored", "timed")]
FLIPS_SHOWN: Final = 200
"""Items listed per group of flips; the rest is counted."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A filter as the page sends it: positions of suite, track and label in their lists; codes of
    outcome and cause.
    """

    q: str = ""
    suite: int | None = None
    track: int | None = None
    system: int | None = None
    outcome: int | None = None
    cause: int | None = None


class _Text(msgspec.Struct):
    """Whatever of a stored line a person may search for."""

    item: str = ""
    id: str = ""
    text: str = ""
    question: str = ""


_TEXT: Final = msgspec.json.Decoder(_Text)


@dataclass
class Finder:
    """Filters one table of answers. Text searches are remembered, since pages of one search follow
    each other.
    """

    answers: Answers
    _texts: dict[str, Mask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.places = {item: row for row, item in enumerate(self.answers.ids)}

    def rows(self, wanted: Wanted) -> NDArray[np.int64]:
        """Rows that fit, in order."""
        answers = self.answers
        fits = np.ones(len(answers.ids), dtype=bool)
        for chosen, column in ((wanted.suite, answers.suite_of), (wanted.track, answers.track_of)):
            if chosen is not None:
                fits &= np.frombuffer(column, dtype=np.uint16) == chosen
        if wanted.system is not None or wanted.outcome or wanted.cause:
            fits &= self._answered(wanted)
        if wanted.q.strip():
            fits &= self._containing(wanted.q.strip().lower())
        return np.flatnonzero(fits)

    def page(self, wanted: Wanted, offset: int, limit: int) -> dict[str, Any]:
        """One page of rows with the beginnings of their answers."""
        rows = self.rows(wanted)
        return {
            "total": len(rows),
            "rows": [self._shown(int(row)) for row in rows[offset : offset + limit]],
        }

    def flips(self, a: int, b: int) -> dict[str, Any]:
        """Items that one label answers right and the other does not, grouped by the failing side's
        cause.
        """
        labels = self.answers.labels
        (was, why_was), (now, why_now) = (self._columns(labels[k]) for k in (a, b))
        both = (was != NOT_ASKED) & (now != NOT_ASKED)
        judged = both & ~np.isin(was, _UNJUDGED) & ~np.isin(now, _UNJUDGED)
        groups: list[dict[str, Any]] = []
        for direction, moved, why in (
            ("lost", judged & (was == _RIGHT) & (now != _RIGHT), why_now),
            ("won", judged & (was != _RIGHT) & (now == _RIGHT), why_was),
        ):
            for code in np.unique(why[moved]):
                rows = np.flatnonzero(moved & (why == code))
                message = [
                    [self.answers.ids[r], self.answers.question(int(r))] for r in rows[:FLIPS_SHOWN]
                ]
                groups.append(
                    {
                        "direction": direction,
                        "cause": int(code),
                        "count": len(rows),
                        "items": message,
                    }
                )
        return {"both": int(both.sum()), "groups": sorted(groups, key=lambda g: -g["count"])}

    def _columns(self, label: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        return (
            np.frombuffer(self.answers.outcomes[label], dtype=np.uint8),
            np.frombuffer(self.answers.causes[label], dtype=np.uint8),
        )

    def _answered(self, wanted: Wanted) -> Mask:
        labels: Sequence[str] = self.answers.labels
        chosen = labels if wanted.system is None else [labels[wanted.system]]
        fits = np.zeros(len(self.answers.ids), dtype=bool)
        for label in chosen:
            outcomes, causes = self._columns(label)
            here = outcomes != NOT_ASKED
            if wanted.outcome:
                here &= outcomes == wanted.outcome
            if wanted.cause:
                here &= causes == wanted.cause
            fits |= here
        return fits

    def _containing(self, words: str) -> Mask:
        if words not in self._texts:
            if len(self._texts) >= 16:
                self._texts.pop(next(iter(self._texts)))
            self._texts[words] = self._read(words)
        return self._texts[words]

    def _read(self, words: str) -> Mask:
        hits = {hash64(item) for item in self.answers.ids if words in item.lower()}
        for path in dict.fromkeys(
            s.run.path / name for s in self.answers.sources for name in (ITEMS, RESPONSES)
        ):
            hits |= _hits(path, words)
        return np.fromiter(
            (hash64(item) in hits for item in self.answers.ids), bool, len(self.answers.ids)
        )

    def _shown(self, row: int) -> dict[str, Any]:
        answers = self.answers
        cells: list[list[Any]] = []
        for label in answers.labels:
            response = (
                answers.response(row, label) if answers.outcomes[label][row] != NOT_ASKED else None
            )
            text = "" if response is None else response.text[:INDEXED]
            cells.append([answers.outcomes[label][row], answers.causes[label][row], text])
        question = answers.question(row)
        return {
            "id": answers.ids[row],
            "suite": answers.suite_of[row],
            "track": answers.track_of[row],
            "question": None if question is None else question[:INDEXED],
            "cells": cells,
        }


def _hits(path: Path, words: str) -> set[int]:
    """Hashes of the items whose question or answer contains the words."""
    if not path.exists():
        return set()
    found = set()
    for _, line in jsonl.lines(path):
        read = _TEXT.decode(line)
        if words in read.text.lower() or words in read.question.lower():
            found.add(hash64(read.item or read.id))
    return found
