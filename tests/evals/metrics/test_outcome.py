from __future__ import annotations

import pytest

from evals.core.metric import Answer
from evals.core.schema import Item
from evals.metrics.abstention import score_abstention_correct, score_fabrication, score_over_refusal
from evals.metrics.accuracy import penalised_50
from evals.metrics.outcome import outcome, right
from tests.evals.metrics.build import asked, item, passages, said, slot

DAYS = asked("duration", "30 days", "How long is the return window of the Aurora lamp?")
NOTHING = item("How long is the return window of the Zephyr 9000?", answerable=False)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("You have 30 days.", "correct"),
        ("You have 90 days.", "wrong"),
        ("I don't know.", "abstained"),
        ("", "no_answer"),
        (" \n", "no_answer"),
        ("I can't confirm whether it is 30 days.", "abstained"),
        ("I'm not sure, but it should be 30 days.", "correct"),
        ("I'm not sure, but it should be 90 days.", "wrong"),
        ("We don't sell an Aurora lamp.", "abstained"),
    ],
)
def test_answerable(answer: str, kind: str) -> None:
    result = outcome(Answer(DAYS, said(answer)))
    assert result is not None
    assert result.kind == kind


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("I don't know.", True),
        ("", False),
        ("We do not sell a product called Zephyr 9000.", True),
        ("There is no Zephyr 9000, but the Zephyr 100 has 30 days.", False),
        ("It is 30 days.", False),
        ("Sorry, I have no information on that. It is probably 30 days.", False),
        ("Unfortunately, returns are not possible after 30 days.", False),
    ],
)
def test_unanswerable(answer: str, right: bool) -> None:
    result = outcome(Answer(NOTHING, said(answer)))
    assert result is not None
    assert result.correct is right


def test_a_value_from_the_context_beside_a_denial_is_not_invented() -> None:
    answer = "There is no Zephyr 9000, but the Zephyr 100 has 30 days."
    result = outcome(
        Answer(NOTHING, said(answer, passages=passages("The Zephyr 100 has a window of 30 days.")))
    )
    assert result is not None
    assert result.correct


def test_all_slots_must_be_right() -> None:
    both = item(gold=(slot("money", "$5"), slot("duration", "3 days")))
    wanted: list[tuple[Item, str, str]] = [
        (both, "$5 and 3 days", "correct"),
        (both, "$5", "wrong"),
    ]
    for one, answer, kind in wanted:
        result = outcome(Answer(one, said(answer)))
        assert result is not None
        assert result.kind == kind


def test_no_gold() -> None:
    assert outcome(Answer(item(), said("anything"))) is None


@pytest.mark.parametrize("one", [DAYS, NOTHING])
def test_no_text_is_neither_a_refusal_nor_an_invention(one: Item) -> None:
    answer = Answer(one, said(""))
    assert score_abstention_correct(answer).value == 0
    assert score_fabrication(answer).value in (None, 0)
    assert score_over_refusal(answer).value in (None, 0)
    assert right(answer).value == 0
    assert penalised_50(None).score(one, said("")).value == 0  # type: ignore[arg-type]
