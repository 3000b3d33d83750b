"""All answers of a report as a compact table: a row an item, a column a label; texts stay on disk
until asked for.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from evals.core.identity import hash64
from evals.core.lines import Lines
from evals.core.schema import Item, Passage, Response, ScoreLine
from evals.core.store import ITEMS, RESPONSES, SCORES
from evals.report.detail import Plain, answer_plain, item_plain
from evals.report.names import Names, Rows
from evals.report.outcomes import CAUSES, OUTCOMES, cause, outcome
from evals.report.source import Source

NOT_ASKED: Final = 0
"""Code of an item that a system was not asked; outcome codes are 1 + the position in `OUTCOMES`,
causes likewise.
"""

_OUTCOME: Final = {name: code for code, name in enumerate(OUTCOMES, 1)}
_CAUSE: Final = {name: code for code, name in enumerate(CAUSES, 1)}


@dataclass(frozen=True)
class _Files:
    source: Source
    items: Lines
    responses: Lines
    scores: Lines


@dataclass
class Answers:
    """Rows in the order of the first run's scores. Memory: the ids and a few bytes an answer."""

    labels: list[str]
    files: list[_Files]
    suites: list[str] = field(default_factory=list)
    tracks: list[str] = field(default_factory=list)
    ids: Names = field(default_factory=Names)
    suite_of: array[int] = field(default_factory=lambda: array("H"))
    track_of: array[int] = field(default_factory=lambda: array("H"))
    outcomes: dict[str, array[int]] = field(default_factory=dict)
    causes: dict[str, array[int]] = field(default_factory=dict)

    @property
    def sources(self) -> list[Source]:
        """The runs behind the table."""
        return [files.source for files in self.files]

    @property
    def total(self) -> int:
        """Answers there are: items times the systems that were asked them."""
        return sum(len(column) - column.count(NOT_ASKED) for column in self.outcomes.values())

    def sample(self, limit: int) -> list[int]:
        """Rows of at most ``limit`` answers: all of them, or whole items chosen by hash of their
        id, in order.
        """
        if self.total <= limit:
            return list(range(len(self.ids)))
        each = max(1.0, self.total / max(1, len(self.ids)))
        size = max(1, int(limit / each))
        return sorted(
            heapq.nsmallest(
                size, range(len(self.ids)), key=lambda row: hash64(f"sample {self.ids[row]}")
            )
        )

    def question(self, row: int) -> str | None:
        """The question of a row, where a run keeps it."""
        item = self._item(self.ids[row])
        return None if item is None else item.question

    def response(self, row: int, label: str) -> Response | None:
        """The stored response of a label to a row's item."""
        files = self._files(row, label)
        line = files.responses.find(self.ids[row]) if files is not None else None
        return None if line is None else msgspec.json.decode(line, type=Response)

    def detail(self, row: int, intern: Callable[[Passage], int]) -> Plain:
        """The item of a row with every system's answer (null where it was not asked)."""
        item_id = self.ids[row]
        shown: list[Plain | None] = []
        line: ScoreLine | None = None
        for label in self.labels:
            response, files = self.response(row, label), self._files(row, label)
            if response is None or files is None:
                shown.append(None)
                continue
            raw = files.scores.find(item_id)
            own = None if raw is None else msgspec.json.decode(raw, type=ScoreLine)
            shown.append(answer_plain(response, own, files.source.run.manifest, intern))
            line = line or own
        if line is None:
            line = ScoreLine(
                item_id, self.suites[self.suite_of[row]], self.tracks[self.track_of[row]], "", {}
            )
        return {"item": item_plain(line, self._item(item_id)), "answers": shown}

    def _item(self, item_id: str) -> Item | None:
        found = (files.items.find(item_id) for files in self.files)
        return next(
            (msgspec.json.decode(line, type=Item) for line in found if line is not None), None
        )

    def _files(self, row: int, label: str) -> _Files | None:
        suite = self.suites[self.suite_of[row]]
        fitting = (f for f in self.files if f.source.label == label and suite in f.source.suites)
        return next(fitting, None)


def read_answers(labels: Sequence[str], sources: Sequence[Source]) -> Answers:
    """Index the runs' files and read every outcome and cause once. Raises DataError for a damaged
    scores file.
    """
    files = [
        _Files(s, *(Lines(s.run.path / name) for name in (ITEMS, RESPONSES, SCORES)))
        for s in sources
    ]
    answers = Answers(list(labels), files)
    rows = Rows()
    for label in labels:
        answers.outcomes[label] = array("B", bytes(len(answers.ids)))
        answers.causes[label] = array("B", bytes(len(answers.ids)))
    for source in sources:
        rows.again()
        for line in source.run.scores():
            if line.suite in source.suites:
                _place(answers, rows, source, line)
    return answers


def _place(answers: Answers, rows: Rows, source: Source, line: ScoreLine) -> None:
    row = rows.row(line.item)
    if row == len(answers.ids):
        answers.ids.append(line.item)
        answers.suite_of.append(_code(answers.suites, line.suite))
        answers.track_of.append(_code(answers.tracks, line.track))
        for label in answers.labels:
            answers.outcomes[label].append(NOT_ASKED)
            answers.causes[label].append(NOT_ASKED)
    become = outcome(line, source.run.manifest)
    why = cause(line, become, source.run.manifest.suites[line.suite].headline)
    answers.outcomes[source.label][row] = _OUTCOME[become]
    answers.causes[source.label][row] = NOT_ASKED if why is None else _CAUSE[why]


def _code(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)
