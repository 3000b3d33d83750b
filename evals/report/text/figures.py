"""How figures are written for people: three significant digits, intervals beside them, n/a where
there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.core.schema import Row

NONE = "n/a"


def number(value: float | None) -> str:
    """Three significant digits without an exponent, or n/a."""
    if value is None:
        return NONE
    size = abs(value)
    if size == 0:
        return "0.000"
    if size >= 100:
        return f"{value:,.0f}"
    if size < 0.001:
        return f"{value:.2g}"
    return f"{value:.{2 if size >= 10 else 3}f}"


def interval(low: float | None, high: float | None) -> str:
    """``[low, high]``, or nothing where there is no interval."""
    return "" if low is None or high is None else f"[{number(low)}, {number(high)}]"


def with_interval(row: Row | None) -> str:
    """``value [low, high]`` of a row; n/a where there is no row or no value."""
    if row is None or row.value is None:
        return NONE
    return f"{number(row.value)} {interval(row.low, row.high)}".rstrip()


def reasons(unscored: Mapping[str, int]) -> str:
    """Unscored items by reason, ``12 no_context, 3 system_error``."""
    return ", ".join(f"{count} {reason}" for reason, count in unscored.items())


def arrow(better: str) -> str:
    """Which direction is better."""
    return {"higher": "↑", "lower": "↓"}.get(better, "")


def named(rows: Sequence[Row]) -> str:
    """The metric that the rows share, with the standing of the worst judge where a model judges."""
    standing = max((row.judge for row in rows), key=("", "calibrated", "uncalibrated").index)
    return f"{rows[0].metric} ({standing} judge)" if standing else rows[0].metric


def titled(rows: Sequence[Row]) -> str:
    """As `named`, with the direction that is better."""
    return f"{named(rows)} {arrow(rows[0].better)}".rstrip()


def unique(values: Mapping[str, None] | list[str]) -> list[str]:
    """The values in order of first appearance."""
    return list(dict.fromkeys(values))
