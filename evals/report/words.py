"""Figures as sentences tell them: 87 % [83, 90], 1.30 s [1.20, 1.50], $0.09 [0.08, 0.10]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from evals.analysis.units import unit
from evals.core.metric import Unit
from evals.core.schema import Row
from evals.core.store import MetricNote
from evals.report.text.figures import number, reasons

Standing = Literal["better", "worse", "overlap", "unknown"]


def value(figure: float, kind: Unit) -> str:
    """One figure with its unit."""
    if kind == "share":
        return f"{percent(figure)} %"
    if kind == "seconds":
        return f"{number(figure)} s"
    return f"${number(figure)}" if kind == "dollars" else number(figure)


def summary(row: Row, note: MetricNote | None) -> str:
    """Value and interval of a row; why there is none where there is none."""
    kind = unit(note)
    if row.value is None:
        return f"not measured ({reasons(row.unscored) or 'nothing scored'})"
    if row.low is None or row.high is None:
        return f"{value(row.value, kind)} [no interval]"
    ends = (
        (percent if kind == "share" else number)(row.low),
        (percent if kind == "share" else number)(row.high),
    )
    return f"{value(row.value, kind)} [{ends[0]}, {ends[1]}]"


def percent(share: float) -> str:
    """A share as a whole per cent; one decimal near the ends, so that 99.6 % never reads as 100
    %.
    """
    shown = f"{100 * share:.0f}"
    if (shown == "100" and share < 1) or (shown == "0" and share > 0):
        return f"{100 * share:.1f}"
    return shown


def standing(row: Row, other: Row) -> Standing:
    """How ``row`` stands to ``other``: better or worse only where their intervals do not touch at
    all.
    """
    if (
        row.low is None
        or row.high is None
        or other.low is None
        or other.high is None
        or row.better == "none"
    ):
        return "unknown"
    above, below = row.low > other.high, row.high < other.low
    if not above and not below:
        return "overlap"
    return "better" if above == (row.better == "higher") else "worse"


def listed(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def display_name(name: str) -> str:
    """A suite's, track's or cause's name as words."""
    return name.replace("_", " ")
