"""Analyses in words."""

from __future__ import annotations

from collections.abc import Sequence

from evals.analysis.compare import Comparison
from evals.analysis.gate import Verdict
from evals.analysis.ladder import Ladder
from evals.report.text import compare, gate, ladder


def markdown(found: Comparison | Sequence[Comparison] | Ladder | Verdict) -> str:
    """A comparison (or several), a ladder or a verdict as Markdown."""
    if isinstance(found, Ladder):
        return ladder.markdown(found)
    if isinstance(found, Verdict):
        return gate.markdown(found)
    several = [found] if isinstance(found, Comparison) else found
    return "\n".join(compare.markdown(one) for one in several)
