"""In what a metric's values are measured."""

from __future__ import annotations

from evals.core.metric import Unit
from evals.core.store import MetricNote


def unit(note: MetricNote | None) -> Unit:
    """The unit of a metric's values."""
    if note is None:
        return "plain"
    if note.unit:
        return note.unit
    # Runs stored before metrics declared a unit: what their texts and bounds said.
    if note.about.startswith("seconds"):
        return "seconds"
    if note.about.startswith("$"):
        return "dollars"
    return "share" if note.bounds == (0.0, 1.0) else "plain"
