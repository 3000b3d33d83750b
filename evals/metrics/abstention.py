"""Declining, beside whether it was right: `abstention`, `abstention_correct`, `fabrication`, `over_refusal`."""

from __future__ import annotations

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, scored, unscored
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.scorers.abstention.reader import Abstention, read
from evals.text.words import MAX_CHARS


def score_state(item: Item, response: Response) -> Score:
    """The state as a number; state, denial and the deciding clause are in the detail."""
    if item.json_schema is not None or (item.gold and all(s.kind in ("json", "label") for s in item.gold)):
        return unscored("not_applicable")
    reading = read(response.text[:MAX_CHARS], item.question)
    if missing := _missing(reading):
        return missing
    value = 1.0 if reading.declined else 0.5 if reading.state == "partly" else 0.0
    return scored(value, **_detail(reading))


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


def state(pack: Pack) -> Metric:
    """`abstention`: did the answer decline? 1 declined or denied that the thing exists, 0.5 partly, 0 answered.

    The reading of `evals.scorers.abstention` without gold: for production logs, and to look at a system's habits.
    Unscored: ``unparseable`` where there is no answer (empty, gibberish, cut off), ``language`` where its language is
    not read, ``not_applicable`` for structured items.
    """
    return metric("abstention", score_state, "declined to answer (1), partly (0.5), answered (0)", better="none")


def score_abstention_correct(item: Item, response: Response) -> Score:
    """1 or 0; the detail holds the state read and its evidence."""
    if item.gold and all(slot.kind in ("label", "json") for slot in item.gold):
        return unscored("not_applicable")
    result = outcome(item, response)
    if result is None or result.reading is None:
        return unscored("no_gold")
    if missing := _missing(result.reading):
        return missing
    right = result.kind != "abstained" if item.answerable else result.correct
    return scored(right, **_detail(result.reading))


def abstention_correct(pack: Pack) -> Metric:
    """`abstention_correct`: abstained exactly where it should.

    1 on an unanswerable item where the answer declines or denies the premise without inventing a value, and on an
    answerable item where it does not decline; so always refusing scores the share of unanswerable items. Structured
    items (label, JSON) are ``not_applicable``.
    """
    return metric(
        "abstention_correct", score_abstention_correct, "declined where, and only where, nothing can be known"
    )


def score_fabrication(item: Item, response: Response) -> Score:
    """1 where something was made up; invented values are in the detail."""
    result = None if item.answerable else outcome(item, response)
    if result is None:
        return unscored("not_applicable")
    if missing := _missing(result.reading):
        return missing
    detail = {} if result.reading is None else _detail(result.reading)
    return scored(not result.correct, invented=list(result.invented), **detail)


def fabrication(pack: Pack) -> Metric:
    """`fabrication`: answered where no answer exists.

    On unanswerable items 1 where the answer neither declines nor denies the premise, or does so and still asserts a
    value that stands neither in the question nor in the retrieved passages. Answerable items are ``not_applicable``.
    """
    return metric("fabrication", score_fabrication, "answered where no answer exists", better="lower")


def score_over_refusal(item: Item, response: Response) -> Score:
    """1 where the answer declines; the clause that does is in the detail."""
    if not item.answerable or (item.gold and all(slot.kind in ("label", "json") for slot in item.gold)):
        return unscored("not_applicable")
    result = outcome(item, response)
    if result is None:
        return unscored("no_gold")
    if missing := _missing(result.reading):
        return missing
    detail = {} if result.reading is None else _detail(result.reading)
    return scored(result.kind == "abstained", **detail)


def over_refusal(pack: Pack) -> Metric:
    """`over_refusal`: declined although the item can be answered.

    On answerable items 1 where the outcome is ``abstained`` (see `outcome`), 0 where an answer was given, right or
    wrong. Unanswerable and structured items are ``not_applicable``; items without gold ``no_gold``.
    """
    return metric("over_refusal", score_over_refusal, "declined although answerable", better="lower")
