"""`penalised_50`, `penalised_75`, `penalised_90`: right +1, abstained 0, wrong −t/(1−t).

At t a system gains by answering only where it is right with probability above t (Kalai 2025, "Why language models
hallucinate"; CRAG's −1 is t = .5). On an unanswerable item, declining is right (+1) and answering wrong. Bounds
[−t/(1−t), 1]. Unscored without gold.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.schema import Item, Response, Score, scored, unscored


def _at(percent: int) -> Metric:
    penalty = percent / (100 - percent)

    def score(item: Item, response: Response) -> Score:
        result = outcome(item, response)
        if result is None:
            return unscored("no_gold")
        value = {"correct": 1.0, "abstained": 0.0, "wrong": -penalty}[result.kind]
        return scored(value, outcome=result.kind)

    about = f"right +1, abstained 0, wrong -{penalty:g}"
    return metric(f"penalised_{percent}", score, about, bounds=(-penalty, 1.0))


def at_50(pack: Pack) -> Metric:
    """A wrong answer costs 1."""
    return _at(50)


def at_75(pack: Pack) -> Metric:
    """A wrong answer costs 3."""
    return _at(75)


def at_90(pack: Pack) -> Metric:
    """A wrong answer costs 9."""
    return _at(90)
