"""What `adaptbench view` serves: the page and its answers, rebuilt when a run has been added or
finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from evals.core.schema import Passage
from evals.core.store import StoredRun, find_run, stored_runs
from evals.report.answers import read_answers
from evals.report.build import choose_runs
from evals.report.page import derive, render_served
from evals.report.progress import Watcher
from evals.report.search import Finder


@dataclass(frozen=True)
class _Shown:
    """One state of the stored runs, rendered. ``finder`` is None while no run is complete."""

    seals: tuple[tuple[str, str | None], ...]
    page: str
    finder: Finder | None


@dataclass
class Viewer:
    """Reads stored runs as they are. Thread-safe: one thread rebuilds, the others wait for it."""

    results: Path
    references: Sequence[str] = ()
    pack: str | None = None
    profile: str | None = None
    _lock: Lock = field(default_factory=Lock)
    _shown: _Shown | None = None

    def __post_init__(self) -> None:
        self.watcher = Watcher(self.results)

    def current(self) -> _Shown:
        """The newest state. Raises as `gather` does where a run is damaged or runs do not belong
        together.
        """
        with self._lock:
            seals = tuple((run.name, run.manifest.seal) for run in self._complete())
            if self._shown is None or self._shown.seals != seals:
                self._shown = self._build(seals)
            return self._shown

    def item(self, item_id: str) -> dict[str, Any] | None:
        """Everything about one item, its passages beside it; None where it is unknown."""
        finder = self.current().finder
        if finder is None or item_id not in finder.places:
            return None
        known: dict[tuple[str, str], int] = {}
        texts: list[list[str]] = []

        def intern(passage: Passage) -> int:
            number = known.setdefault((passage.id, passage.text), len(texts))
            if number == len(texts):
                texts.append([passage.id, passage.document, passage.text])
            return number

        return {**finder.answers.detail(finder.places[item_id], intern), "passages": texts}

    def progress(self) -> list[dict[str, Any]]:
        """The runs under way."""
        with self._lock:
            return self.watcher.look()

    def _complete(self) -> list[StoredRun]:
        if self.references:
            return [find_run(self.results, reference) for reference in self.references]
        return stored_runs(self.results, complete_only=True)

    def _build(self, seals: tuple[tuple[str, str | None], ...]) -> _Shown:
        if not seals:
            return _Shown(seals, render_served(None, None), None)
        gathered = choose_runs(self.results, self.references, self.pack, self.profile)
        answers = read_answers(gathered.labels, gathered.sources)
        return _Shown(seals, render_served(derive(gathered), answers), Finder(answers))
