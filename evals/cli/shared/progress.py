"""Progress on the terminal: a bar with rate and time left, plain lines where the output is no
terminal.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from evals.core.inert import plain

PLAIN_EVERY = 15.0
"""Seconds between progress lines where there is no terminal."""


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f} items/s" if task.speed else "")


class TerminalProgress:
    """Implements `evals.run.execute.Progress` on stderr."""

    def __init__(self, label: str, quiet: bool = False) -> None:
        self.label = label
        self.console = Console(stderr=True, quiet=quiet)

    @contextmanager
    def stage(self, label: str, total: int, done: int = 0) -> Iterator[Callable[[], None]]:
        title = plain(f"{self.label}: {label}")
        if not self.console.is_terminal:
            yield self._plain(title, total, done)
            return
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, speed_estimate_period=60.0) as bar:
            task = bar.add_task(title, total=total, completed=done)
            yield lambda: bar.advance(task)

    def note(self, message: str) -> None:
        self.console.print(plain(f"{self.label}: {message}"), markup=False, highlight=False)

    def _plain(self, title: str, total: int, done: int) -> Callable[[], None]:
        start = shown = time.monotonic()
        first = done

        def tick() -> None:
            nonlocal done, shown
            done += 1
            now = time.monotonic()
            if done < total and now - shown < PLAIN_EVERY:
                return
            shown = now
            rate = (done - first) / max(now - start, 1e-9)
            left = f", {(total - done) / rate:.0f} s left" if done < total else ""
            self.console.print(
                f"{title} {done}/{total}, {rate:.1f} items/s{left}", markup=False, highlight=False
            )

        return tick
