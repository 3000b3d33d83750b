"""Right and to the point: `precise_accuracy`. And right where the documents were found:
`reading_accuracy`.

A system that copies passages says the right value sooner or later; a customer who has to find it
among others has not been answered. So precision is a part of being right: `precise_accuracy`, the
headline of questions of knowledge, counts an answer only where it leaves out what nobody asked.
"""

from __future__ import annotations

from typing import Final

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Item, Score, scored, unscored
from evals.metrics.accuracy import score_accuracy
from evals.metrics.kind import structured
from evals.metrics.ranking import measure
from evals.text.gold import gold_values
from evals.text.mentions import mentions
from evals.text.values import Value, same
from evals.text.words import MAX_CHARS, clean

GOLD: Final[frozenset[Need]] = frozenset({"gold"})

MOST_WORDS: Final = 60
"""Words that an answer may have; more only where a reference has more than half as many."""

MOST_UNASKED: Final = 1
"""Values of any kind that may stand in an answer without being asked for, in the question, or part
of the gold.
"""


def unasked(item: Item, text: str) -> list[str]:
    """The different values (numbers, dates, amounts, codes) said that neither the gold nor the
    question has, as they stand in the text.
    """
    text = clean(text[:MAX_CHARS])
    known: list[Value] = [m.value for m in mentions(item.question)]
    for slot in item.gold:
        known += [*gold_values(slot), *gold_values(slot, slot.stale)]
    for reference in item.references:
        known += [m.value for m in mentions(reference)]
    found = []
    for mention in mentions(text):
        if not any(same(value, mention.value) for value in known):
            known.append(mention.value)
            found.append(text[mention.start : mention.end])
    return found


def word_limit(item: Item) -> int:
    """`MOST_WORDS`, or twice the longest reference."""
    return max(MOST_WORDS, *(2 * len(r.split()) for r in item.references), 0)


def excess(answer: Answer) -> dict[str, object]:
    """What is too much in an answer, for a score's detail; empty where nothing is. Labels, JSON and
    answers to unanswerable items are bounded by their own metrics.
    """
    return answer.once(_excess)


def _excess(answer: Answer) -> dict[str, object]:
    item, text = answer.item, answer.response.text
    if structured(item) or not item.answerable:
        return {}
    words, limit = len(text.split()), word_limit(item)
    if words > limit:
        return {"words": words, "limit": limit}
    extra = unasked(item, text)
    return {"unasked": extra[:10]} if len(extra) > MOST_UNASKED else {}


def score_precise(answer: Answer) -> Score:
    """1 where the answer is right and nothing in it is too much."""
    score = score_accuracy(answer)
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
    found = measure("set_recall", answer)
    if found.value is None:
        return found
    return score_precise(answer) if found.value == 1.0 else unscored("not_applicable")


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
