"""One rater going through the answers of one run, or of two side by side."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from evals.core.errors import UsageError
from evals.core.identity import hash64
from evals.core.lines import Lines
from evals.core.schema import Item, Response
from evals.core.store import ITEMS, RESPONSES, StoredRun
from evals.label.marks import MAX_NOTE, Choice, Mark, Marks, Verdict, digest_of, marks_file
from evals.label.order import order, strata

MAX_QUEUE: Final = 5000
"""Answers that one session offers."""

MAX_TEXT: Final = 20_000


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends for one key."""

    item: str
    verdict: Verdict | None = None
    choice: Choice | None = None
    on_brand: bool | None = None
    note: str = ""


class Session:
    """The queue, what is shown of an item, and what was marked. Used from several threads."""

    def __init__(
        self,
        results: Path,
        run: StoredRun,
        rater: str,
        *,
        against: StoredRun | None = None,
        suites: tuple[str, ...] = (),
    ) -> None:
        """Raises UsageError where the runs share no answer, DataError for a broken file."""
        self.run, self.against, self.rater = run, against, rater
        known = strata(run.scores(), suites)
        self._items = Lines(run.path / ITEMS)
        self._answers = [Lines(r.path / RESPONSES) for r in (run, against) if r is not None]
        both = {i: u for i, u in known.items() if all(a.find(i) for a in self._answers)}
        if not both:
            raise UsageError("there is no answer to label", where=run.path)
        self.queue = order(both)[:MAX_QUEUE]
        name = None if against is None else against.name
        self._marks = Marks(marks_file(results, run.name, rater, name))
        self._lock = threading.Lock()

    def overview(self) -> dict[str, Any]:
        """Which answers there are, in order, and what the rater said of each."""
        done = {i: m.verdict or m.choice for i, m in self._marks.latest.items()}
        return {
            "run": self.run.name,
            "against": None if self.against is None else self.against.name,
            "rater": self.rater,
            "items": [{"id": i, "mark": done.get(i)} for i in self.queue],
        }

    def shown(self, item: str) -> dict[str, Any] | None:
        """One question with its answers, gold and the rater's mark; None where there is none.

        Of a pair, which answer stands left is chosen by hash of item and rater, and no name shows.
        """
        line = self._items.find(item)
        if line is None or item not in self.queue:
            return None
        asked = msgspec.json.decode(line, type=Item)
        answers = self._responses(item)
        mark = self._marks.latest.get(item)
        return {
            "id": item,
            "question": asked.question[:MAX_TEXT],
            "track": f"{asked.suite} / {asked.track}",
            "answerable": asked.answerable,
            "gold": [f"{slot.name}: {slot.value}" for slot in asked.gold],
            "references": [text[:MAX_TEXT] for text in asked.references[:5]],
            "answers": [_answer(a) for a in (answers[::-1] if self._swapped(item) else answers)],
            "mark": None if mark is None else self._as_seen(mark, answers),
        }

    def add(self, given: Given) -> None:
        """Keep what a key said. Raises UsageError for an item or a word that does not fit."""
        if given.item not in self.queue:
            raise UsageError("no such answer", found=given.item)
        if (given.verdict is None) == (given.choice is None):
            raise UsageError("a mark is either a verdict or a choice")
        if (given.choice is not None) != (self.against is not None):
            raise UsageError("one answer gets a verdict, two get a choice")
        mark = Mark(
            given.item,
            self.rater,
            digest_of(*self._responses(given.item)),
            datetime.now(UTC).isoformat(timespec="seconds"),
            given.verdict,
            self._turned(given.item, given.choice),
            given.on_brand,
            given.note[:MAX_NOTE],
        )
        with self._lock:
            self._marks.add(mark)

    def close(self) -> None:
        self._marks.close()

    def _responses(self, item: str) -> list[Response]:
        found = (answers.find(item) for answers in self._answers)
        return [msgspec.json.decode(line, type=Response) for line in found if line is not None]

    def _swapped(self, item: str) -> bool:
        return self.against is not None and hash64(f"{self.rater}\0{item}") % 2 == 1

    def _turned(self, item: str, choice: Choice | None) -> Choice | None:
        """A choice between left and right as one between the runs, and back."""
        other: Mapping[str, Choice] = {"first": "second", "second": "first"}
        return other.get(choice, choice) if choice and self._swapped(item) else choice

    def _as_seen(self, mark: Mark, answers: list[Response]) -> dict[str, Any] | None:
        if mark.answer != digest_of(*answers):
            return None
        return {
            "said": mark.verdict or self._turned(mark.item, mark.choice),
            "on_brand": mark.on_brand,
            "note": mark.note,
        }


def _answer(response: Response) -> dict[str, Any]:
    failed = response.error
    return {
        "text": response.text[:MAX_TEXT],
        "error": None if failed is None else f"{failed.kind}: {failed.message}"[:500],
        "passages": [passage.text[:MAX_TEXT] for passage in response.passages or ()],
    }
