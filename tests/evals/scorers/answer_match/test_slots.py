from __future__ import annotations

import pytest

from evals.core.schema import SlotKind
from evals.scorers.answer_match.slots import judge
from tests.evals.metrics.build import slot

RIGHT: list[tuple[SlotKind, str, str]] = [
    ("duration", "30 days", "You can return it within 30 days."),
    (
        "duration",
        "30 days",
        "Great news! You've thirty (30) days, and refunds take 5 business days.",
    ),
    ("duration", "30 days", "It used to be 90 days, but now it is 30 days."),
    ("duration", "30 days", "The window was cut from 90 to 30 days."),
    ("duration", "30 days", "I think it's 30 days."),
    ("duration", "30 days", "30"),
    ("duration", "2 weeks", "14 days"),
    ("duration", "24 months", "a two-year warranty"),
    ("duration", "3-5 business days", "between three and five working days"),
    ("money", "$24.90", "It is 24.90 dollars."),
    ("money", "$1,200", "USD 1200"),
    ("money", "$25", "25"),
    ("percent", "15%", "fifteen percent off"),
    ("number", "12", "There are twelve stores."),
    ("number", "1999", "It came out in May 1999."),
    ("number", "2.5 kg", "2500 g"),
    ("date", "2026-05-05", "on May 5th"),
    ("date", "2026-05-05", "05/05/2026"),
    ("time", "17:30", "until 5:30 pm"),
    ("time", "09:00-17:00", "from 9am to 5pm"),
    ("id", "ORD-4411", "Your order is ord 4411? No: ORD4411."),
    ("name", "Maria López", "Ask Dr. Maria Lopez."),
    ("name", "the Aurora lamp", "It's called Aurora Lamp's stand, no joke."),
    ("boolean", "yes", "Absolutely, bring it along!"),
    ("boolean", "yes", "You can return it."),
    ("boolean", "no", "I'm afraid not."),
    ("boolean", "no", "Thanks for asking! We don't ship abroad."),
    ("boolean", "yes", "No problem, yes you can."),
    ("text", "bring the receipt to any store", "Just bring your receipt to any store, friend!"),
]

WRONG: list[tuple[SlotKind, str, str, str]] = [
    ("duration", "30 days", "You can return it within 90 days.", "absent"),
    ("duration", "5 days", "It takes 15 days.", "absent"),
    ("duration", "30 days", "It is either 30 or 90 days.", "alternative"),
    ("duration", "30 days", "The window is not 30 days.", "negated"),
    ("duration", "30 days", "You have 30 days. You have 90 days.", "contradicted"),
    ("duration", "30 days", "5 days, 10 days, 20 days, 30 days, 40 days.", "listed"),
    ("duration", "30 days", "30 business days", "absent"),
    ("money", "$25", "It is €25.", "absent"),
    ("money", "$25", "You get 25 days.", "absent"),
    ("percent", "15%", "$15", "absent"),
    ("number", "12", "ORD-12", "absent"),
    ("date", "2026-05-05", "5 June 2026", "absent"),
    ("date", "2026-05-05", "in May 2026", "absent"),
    ("id", "ORD-4411", "ORD-44110", "absent"),
    ("name", "Maria López", "Mario Lopez", "absent"),
    ("name", "Maria López", "It is not Maria López.", "negated"),
    ("boolean", "yes", "No, sorry.", "contradicted"),
    ("boolean", "yes", "I don't know.", "absent"),
    ("boolean", "yes", "", "absent"),
]


@pytest.mark.parametrize(("kind", "gold", "answer"), RIGHT)
def test_right(kind: SlotKind, gold: str, answer: str) -> None:
    assert judge(slot(kind, gold), "What is it?", answer).right


@pytest.mark.parametrize(("kind", "gold", "answer", "reason"), WRONG)
def test_wrong(kind: SlotKind, gold: str, answer: str, reason: str) -> None:
    verdict = judge(slot(kind, gold), "What is it?", answer)
    assert (verdict.right, verdict.reason) == (False, reason)


@pytest.mark.parametrize(
    ("answer", "right", "stale"),
    [
        ("It is 30 days.", True, False),
        ("It is 90 days.", False, True),
        ("It is 30 days. Some pages say 90 days.", False, True),
        ("It is 30 days, up from 90 days.", True, False),
        ("It was 90 days before; it is 30 days now.", True, False),
        ("It is 60 days.", False, False),
    ],
)
def test_stale_values(answer: str, right: bool, stale: bool) -> None:
    verdict = judge(slot("duration", "30 days", stale=("90 days",)), "How long?", answer)
    assert (verdict.right, verdict.stale) == (right, stale)


def test_stale_names() -> None:
    gold = slot("name", "Ana Ruiz", stale=("Tom Hale",))
    assert judge(gold, "Who leads it?", "Ana Ruiz leads it.").right
    assert judge(gold, "Who leads it?", "Ana Ruiz, formerly Tom Hale.").right
    assert judge(gold, "Who leads it?", "Ana Ruiz and Tom Hale.").stale


def test_values_of_the_question_are_no_rivals() -> None:
    question = "Is the 90 day plan or the 60 day plan longer than what I get?"
    assert judge(
        slot("duration", "30 days"), question, "Not the 90 day plan. You get 30 days."
    ).right


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("express", True),
        ("Express shipping, please.", True),
        ("B", True),
        ("standard", False),
        ("express or standard", False),
        ("not standard but express", True),
        ("I would pick express over nothing", True),
        ("expressive", False),
    ],
)
def test_choices(answer: str, right: bool) -> None:
    gold = slot("choice", "express")
    assert judge(gold, "Which?", answer, ("standard", "express", "pick-up")).right is right


def test_a_choice_inside_the_gold_is_no_rival() -> None:
    gold = slot("choice", "dark blue")
    assert judge(gold, "Which?", "dark blue", ("blue", "dark blue")).right
    assert not judge(gold, "Which?", "blue", ("blue", "dark blue")).right
