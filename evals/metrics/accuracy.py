"""`accuracy`: the share of items that are right.

One number over every kind of gold: all slots right (typed values, labels, JSON with every field right), a reference
matched, or, where nothing can be known, a proper abstention. Value 1 or 0. Failed systems and items without gold are
unscored.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where the outcome is ``correct``; the outcome and, if wrong, the first reason are in the detail."""
    result = outcome(item, response)
    if result is None:
        return unscored("no_gold")
    reason = next((v.reason for v in result.verdicts if not v.right), None)
    return scored(
        result.correct, outcome=result.kind, **({} if reason is None or result.correct else {"reason": reason})
    )


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("accuracy", score, "right answers, all kinds of gold")
