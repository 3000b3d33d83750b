"""In what a metric's values are measured."""

from __future__ import annotations

from typing import Literal

from evals.core.store import MetricNote

Unit = Literal["share", "seconds", "dollars", "plain"]


def unit(note: MetricNote | None) -> Unit:
    """The unit of a metric's values."""
    if note is None:
        return "plain"
    if note.about.startswith("seconds"):
        return "seconds"
    if note.about.startswith("$"):
        return "dollars"
    return "share" if note.bounds == (0.0, 1.0) else "plain"
