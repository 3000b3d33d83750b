"""What raters said, as they say it: one file for each run and rater, appended to at every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal, get_args

from evals.core.errors import DataError, UsageError
from evals.core.identity import short
from evals.core.jsonl import read_numbered
from evals.core.log import Log
from evals.core.paths import ensure_dir
from evals.core.schema import Record, Response
from evals.core.store import StoredRun

Verdict = Literal["right", "partly", "wrong", "refused", "unsure"]
Choice = Literal["first", "second", "both", "neither"]

VERDICTS: Final = get_args(Verdict)
CHOICES: Final = get_args(Choice)
WORTH: Final[dict[str, float]] = {"right": 1.0, "partly": 0.5, "wrong": 0.0, "refused": 0.0}
"""What a verdict counts for where it is compared with a metric of correctness."""

MAX_NOTE: Final = 2000
_RATER: Final = re.compile(r"[\w.-]{1,40}")


class Mark(Record, frozen=True):
    """One rater's latest word on one answer.

    ``answer`` is the digest of the text that was judged: a mark counts for that text alone.
    ``verdict`` judges one answer, ``choice`` a pair (``first`` is the run's own, whatever the
    screen showed first). ``at`` is the time in UTC, ISO 8601.
    """

    item: str
    rater: str
    answer: str
    at: str
    verdict: Verdict | None = None
    choice: Choice | None = None
    on_brand: bool | None = None
    note: str = ""


def digest_of(*answers: Response) -> str:
    """The digest of the texts that a mark is about."""
    return short([answer.text for answer in answers])


def marks_file(results: Path, run: str, rater: str, against: str | None = None) -> Path:
    """Where a rater's marks of a run are kept. Raises UsageError for a rater's name that is
    none.
    """
    if not _RATER.fullmatch(rater):
        raise UsageError("not a rater's name", found=rater, expected="letters, digits, - _ .")
    folder = run if against is None else f"{run}--{against}"
    return results / "labels" / folder / f"{rater}.jsonl"


class Marks:
    """The marks of one rater: read once, then appended to, on disk before the page goes on."""

    def __init__(self, path: Path) -> None:
        ensure_dir(path.parent)
        self._log = Log(path, sync_every=0.0)
        self.latest = {mark.item: mark for mark in read_marks(path)}

    def add(self, mark: Mark) -> None:
        """Keep a mark; it replaces an earlier one of the same item. Raises EnvironmentProblem."""
        self._log.append(mark)
        self.latest[mark.item] = mark

    def close(self) -> None:
        self._log.close()


def read_marks(path: Path) -> Iterator[Mark]:
    """The marks in a file, oldest first. Raises DataError (file, line) for what is none."""
    if not path.exists():
        return
    for mark, number in read_numbered(path, Mark):
        if len(mark.note) > MAX_NOTE:
            raise DataError("a note is too long", where=path, line=number)
        yield mark


def raters(results: Path, run: StoredRun) -> dict[str, dict[str, Mark]]:
    """Rater -> item -> mark, over all who marked this run's answers."""
    folder = results / "labels" / run.name
    return {
        path.stem: {mark.item: mark for mark in read_marks(path)}
        for path in sorted(folder.glob("*.jsonl"))
    }
