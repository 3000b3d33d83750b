"""Right and to the point: `precise_accuracy`. And right where the documents were found:
`reading_accuracy`.

A system that copies passages says the right value sooner or later; a customer who has to find it
among others has not been answered. So precision is a part of being right: `precise_accuracy`, the
headline of questions of knowledge, counts an answer only where it leaves out what nobody asked.
"""

from __future__ import annotations

from typing import Final

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import excess, right

GOLD: Final[frozenset[Need]] = frozenset({"gold"})


def score_precise(answer: Answer) -> Score:
    """1 where the answer is right and nothing in it is too much."""
    score = right(answer)
    too_much = excess(answer) if score.value else {}
    return scored(0.0, outcome="imprecise", **too_much) if too_much else score


def precise_accuracy(context: MetricContext) -> Metric:
    """`precise_accuracy`: `accuracy` of answers that are to the point.

    Right, in at most 60 words (or twice the longest reference) and with at most one value that
    nobody asked for; copying passages is no answer. The reference's own values count as asked for.
    Value 1 or 0; unscored as `accuracy`.
    """
    about = "right, brief, and without values that nobody asked for"
    return Metric("precise_accuracy", "higher", score_precise, about, needs=GOLD)


def score_reading(answer: Answer) -> Score:
    """As `score_precise`, where all gold documents are among the passages."""
    item, passages = answer.item, answer.response.passages
    if passages is None:
        return unscored("no_context")
    if not item.documents:
        return unscored("no_gold")
    found = {passage.document for passage in passages}
    also = len(item.documents) == 1 and not found.isdisjoint(item.also)
    if not also and not found.issuperset(item.documents):
        return unscored("not_applicable")
    return score_precise(answer)


def reading_accuracy(context: MetricContext) -> Metric:
    """`reading_accuracy`: `precise_accuracy` where every document that the answer needs is among
    the passages.

    What a system makes of what it was shown, apart from how well it searches. Unscored:
    ``no_context`` without retrieval, ``no_gold`` without gold documents, ``not_applicable`` where
    they were not all found.
    """
    about = "right and to the point where the passages hold the answer"
    return Metric(
        "reading_accuracy",
        "higher",
        score_reading,
        about,
        needs=frozenset({"gold", "contexts"}),
        inapplicable="the documents were not all retrieved",
    )
