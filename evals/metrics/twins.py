"""Items beside their twins: for metrics in which silence earns nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from evals.core.metric import Answer, Measure
from evals.core.schema import Score
from evals.metrics.outcome import outcome

Kinds = dict[str, str]
"""What became of each item that could be judged: the kind of its outcome, by the item's id."""


def beside(
    score: Callable[[Answer, Kinds, str | None], Score],
) -> Callable[[Iterable[Answer]], Measure]:
    """A `Metric.over_run` that judges every answer of the run, then scores each with the outcomes
    of all and the id of its twin (None where it has none). Memory: one word per item.
    """

    def over_run(answers: Iterable[Answer]) -> Measure:
        kinds: Kinds = {}
        partner: dict[str, str] = {}
        for answer in answers:
            item = answer.item
            result = None if answer.response.error is not None else outcome(answer)
            if result is not None:
                kinds[item.id] = result.kind
            if item.twin is not None:
                partner[item.id] = item.twin
                partner.setdefault(item.twin, item.id)
        return lambda answer: score(answer, kinds, answer.item.twin or partner.get(answer.item.id))

    return over_run
