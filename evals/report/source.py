"""One run as a report sees it."""

from __future__ import annotations

from dataclasses import dataclass

from evals.core.store import StoredRun


@dataclass(frozen=True)
class Source:
    """One run, the suites it speaks for, and the label under which it is shown: its system, or its
    own name.
    """

    label: str
    run: StoredRun
    suites: tuple[str, ...]
