"""Corrected p-values and their families in words."""

from __future__ import annotations

from typing import Final

from evals.analysis.correction import Kind
from evals.report.text.figures import number

FAMILY: Final[dict[Kind, str]] = {
    "suites": "whole suites",
    "tracks": "tracks",
    "others": "other metrics",
}
"""The families of comparisons that are corrected together."""


def corrected_p(p: float | None, tests: int) -> str:
    """``p = 0.002 after Holm over 16 comparisons``."""
    if p is None:
        return "not tested"
    figure = f"= {number(p)}" if p >= 0.001 else "< 0.001"
    return f"p {figure} after Holm over {tests} comparison{'' if tests == 1 else 's'}"
