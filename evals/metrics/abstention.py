"""Declining, beside whether it was right: `abstention`, `abstention_correct`, `fabrication`,
`over_refusal`.
"""

from __future__ import annotations

from typing import Final

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Score, scored, unscored
from evals.metrics.kind import structured
from evals.metrics.outcome import outcome, reading
from evals.scorers.abstention.reader import Abstention

GOLD: Final[frozenset[Need]] = frozenset({"gold"})


def score_state(answer: Answer) -> Score:
    """The state as a number; state, denial and the deciding clause are in the detail."""
    if answer.item.json_schema is not None or structured(answer.item):
        return unscored("not_applicable")
    read = reading(answer)
    if missing := _missing(read):
        return missing
    value = 1.0 if read.declined else 0.5 if read.state == "partly" else 0.0
    return scored(value, **_detail(read))


def _missing(reading: Abstention | None) -> Score | None:
    """The score of an answer that is none, or whose language is not read; None for all others."""
    if reading is not None and reading.state == "none":
        return unscored("unparseable", cause=reading.reason)
    if reading is not None and reading.state == "unread":
        return unscored("language")
    return None


def _detail(reading: Abstention) -> dict[str, object]:
    return {
        "state": reading.state,
        "kind": reading.kind,
        "denied": reading.denied,
        "evidence": reading.evidence,
        "reason": reading.reason,
    }


def state(context: MetricContext) -> Metric:
    """`abstention`: did the answer decline? 1 declined or denied that the thing exists, 0.5 partly,
    0 answered.

    The reading of `evals.scorers.abstention` without gold: for production logs, and to look at a
    system's habits. Unscored: ``unparseable`` where there is no answer (empty, gibberish, cut off),
    ``language`` where its language is not read, ``not_applicable`` for structured items.
    """
    about = "declined to answer (1), partly (0.5), answered (0)"
    return Metric("abstention", "none", score_state, about)


def score_abstention_correct(answer: Answer) -> Score:
    """1 or 0; the detail holds the state read and its evidence."""
    if structured(answer.item):
        return unscored("not_applicable")
    result = outcome(answer)
    if result is not None and result.kind == "no_answer":
        return scored(0.0, state="no_answer")
    if result is None or result.reading is None:
        return unscored("no_gold")
    if missing := _missing(result.reading):
        return missing
    right = result.kind != "abstained" if answer.item.answerable else result.correct
    return scored(right, **_detail(result.reading))


def abstention_correct(context: MetricContext) -> Metric:
    """`abstention_correct`: abstained exactly where it should.

    1 on an unanswerable item where the answer declines or denies the premise without inventing a
    value, and on an answerable item where it does not decline; so always refusing scores the share
    of unanswerable items. Structured items (label, JSON) are ``not_applicable``.
    """
    about = "declined where, and only where, nothing can be known"
    return Metric("abstention_correct", "higher", score_abstention_correct, about, needs=GOLD)


def score_fabrication(answer: Answer) -> Score:
    """1 where something was made up; invented values are in the detail."""
    result = None if answer.item.answerable else outcome(answer)
    if result is None:
        return unscored("not_applicable")
    if missing := _missing(result.reading):
        return missing
    detail = {} if result.reading is None else _detail(result.reading)
    return scored(result.kind == "wrong", invented=list(result.invented), **detail)


def fabrication(context: MetricContext) -> Metric:
    """`fabrication`: answered where no answer exists.

    On unanswerable items 1 where the answer neither declines nor denies the premise, or does so and
    still asserts a value that stands neither in the question nor in the retrieved passages.
    Answerable items are ``not_applicable``.
    """
    about = "answered where no answer exists"
    return Metric("fabrication", "lower", score_fabrication, about, needs=GOLD)


def score_over_refusal(answer: Answer) -> Score:
    """1 where the answer declines; the clause that does is in the detail."""
    if not answer.item.answerable or structured(answer.item):
        return unscored("not_applicable")
    result = outcome(answer)
    if result is None:
        return unscored("no_gold")
    if missing := _missing(result.reading):
        return missing
    detail = {} if result.reading is None else _detail(result.reading)
    return scored(result.kind == "abstained", **detail)


def over_refusal(context: MetricContext) -> Metric:
    """`over_refusal`: declined although the item can be answered.

    On answerable items 1 where the outcome is ``abstained`` (see `outcome`), 0 where an answer was
    given, right or wrong. Unanswerable and structured items are ``not_applicable``; items without
    gold ``no_gold``.
    """
    about = "declined although answerable"
    return Metric("over_refusal", "lower", score_over_refusal, about, needs=GOLD)
