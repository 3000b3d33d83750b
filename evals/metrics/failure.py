"""`failure`: did the answer fail, and by which one cause?

Causes, the first that holds (science: failure attribution): ``no_answer`` (there is no text),
``malformed`` (a record or label that cannot be read), ``refused`` (declined though answerable),
``stale`` (asserts a superseded value), ``retrieval_miss`` (retrieval on, gold documents known, none
retrieved), ``misread`` (a gold document was retrieved, yet the answer is wrong), ``invented``
(everything else: a value from nowhere, or an answer where none exists), ``off_brand`` (right, but
the voice is below the brand's threshold). Value 1 with the cause in the detail, 0 where nothing
failed. Unscored: ``no_gold``.
"""

from __future__ import annotations

from typing import Final, Literal

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Item, Score, scored, unscored
from evals.metrics import on_brand_and_correct
from evals.metrics.labels import predicted
from evals.metrics.outcome import Outcome, outcome
from evals.metrics.structured import Unparseable, parse
from evals.text.words import MAX_CHARS

GOLD: Final[frozenset[Need]] = frozenset({"gold"})
Cause = Literal[
    "no_answer",
    "malformed",
    "refused",
    "stale",
    "retrieval_miss",
    "misread",
    "invented",
    "off_brand",
]


def cause(answer: Answer, result: Outcome) -> Cause:
    """The cause of a wrong answer."""
    item, response = answer.item, answer.response
    if result.kind == "no_answer":
        return "no_answer"
    if _malformed(item, response.text[:MAX_CHARS]):
        return "malformed"
    if result.kind == "abstained":
        return "refused"
    if any(v.stale for v in result.verdicts):
        return "stale"
    if item.answerable and item.documents and response.passages is not None:
        found = {p.document for p in response.passages}
        return "misread" if found & set(item.documents) else "retrieval_miss"
    return "invented"


def _malformed(item: Item, text: str) -> bool:
    if any(slot.kind == "json" for slot in item.gold):
        try:
            parse(text)
        except Unparseable:
            return True
    return any(slot.kind == "label" and not predicted(item, slot, text) for slot in item.gold)


def build(context: MetricContext) -> Metric:
    """Uses the pack's voice scorer for right answers that are off brand, where the item belongs to
    a brand.
    """
    on_brand = on_brand_and_correct.build(context)

    def score(answer: Answer) -> Score:
        result = outcome(answer)
        if result is None:
            return unscored("no_gold")
        if not result.correct:
            return scored(1.0, cause=cause(answer, result))
        off = answer.item.brand is not None and on_brand.measure(answer).value == 0.0
        return scored(1.0, cause="off_brand") if off else scored(0.0)

    uses: frozenset[Need] = frozenset({"voice", "contexts"})
    about = "failed, with one cause per failure"
    return Metric("failure", "lower", score, about, needs=GOLD, uses=uses)
