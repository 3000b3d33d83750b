"""`fabrication`: answered where no answer exists.

On unanswerable items 1 where the answer neither declines nor denies the premise, or does so and still asserts a value
that stands neither in the question nor in the retrieved passages. Answerable items are ``not_applicable``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where something was made up; invented values are in the detail."""
    result = None if item.answerable else outcome(item, response)
    if result is None:
        return unscored("not_applicable")
    return scored(not result.correct, invented=list(result.invented))


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("fabrication", score, "answered where no answer exists", better="lower")
