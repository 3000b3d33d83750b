from __future__ import annotations

import pytest

from evals.core.metric import Answer
from evals.core.schema import Passage, Response
from evals.metrics.outcome import excess, unasked
from tests.evals.metrics.build import asked, item, metric, said, slot

PAGE = (
    "[2025-05-01] The Vuvu scooter at a glance. Updated 1 May 2025. It weighs 7.5 kg, is covered"
    " for 30 days and was first sold in 2004."
)


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("30 days", 1.0),
        ("It is covered for 30 days, friend! Do tell us if we can help with anything else.", 1.0),
        ("You have 30 days from the day of delivery, 7 May.", 1.0),  # one value in passing
        ("40 days", 0.0),
        (PAGE, 0.0),  # right, among a date, a weight and a year
        ("It is covered for 30 days. " + "Please keep the box. " * 20, 0.0),  # right, in 85 words
    ],
)
def test_precise_accuracy(answer: str, value: float) -> None:
    assert (
        metric("precise_accuracy").score(asked("duration", "30 days"), said(answer)).value == value
    )


def test_the_detail_says_what_was_too_much() -> None:
    detail = metric("precise_accuracy").score(asked("duration", "30 days"), said(PAGE)).detail
    assert detail is not None
    assert detail["outcome"] == "imprecise"
    assert detail["unasked"] == ["2025-05-01", "7.5 kg", "2004"]


def test_values_of_question_gold_and_references_are_asked_for() -> None:
    known = asked("money", "$20", "Is order O-12345 of 3 May paid, and how much?")
    assert unasked(known, "Order O-12345 of 3 May: $20.") == []
    long = item(references=("It takes 3 days and costs $20, or $30 from 6 May.",))
    assert unasked(long, "3 days, $20, from 6 May $30") == []


def test_long_references_allow_long_answers() -> None:
    essay = " ".join(["word"] * 80)
    assert not excess(Answer(item(references=(essay,)), said(essay)))
    assert excess(Answer(item(references=("word",)), said(essay))) == {"words": 80, "limit": 60}


def test_what_has_no_prose_is_judged_as_it_was() -> None:
    gap = item(answerable=False)
    label = item(gold=(slot("label", "billing"),), choices=("billing", "other"))
    for one, text in ((gap, "I don't know."), (label, "billing")):
        assert metric("precise_accuracy").score(one, said(text)).value == 1.0


def test_reading_accuracy_asks_only_where_the_documents_were_found() -> None:
    known = asked("duration", "30 days")
    known = type(known)(
        **{f: getattr(known, f) for f in known.__struct_fields__} | {"documents": ("d",)}
    )
    found = Response(item="i", text="30 days", passages=(Passage("d-0", "d", 1.0, PAGE),))
    missed = Response(item="i", text="30 days", passages=(Passage("e-0", "e", 1.0, PAGE),))
    reading = metric("reading_accuracy")
    assert reading.score(known, found).value == 1.0
    assert reading.score(known, missed).unscored == "not_applicable"
    assert reading.score(known, said("30 days")).unscored == "no_context"
