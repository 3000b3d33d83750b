"""What rules settle of an answer before the model is asked: each pair with its verdict, and no more than that."""

from __future__ import annotations

import pytest

from evals.metrics.references import probability, reading
from evals.metrics.statements import denies, statement

RIGHT = [
    ("30 days", "thirty days"),
    ("2 years", "24 months"),
    ("two weeks", "It takes 14 days."),
    ("9 am to 6 pm", "from 09:00 until 18:00"),
    ("15%", "fifteen percent"),
    ("$1,200", "1200 dollars"),
    ("yes", "Absolutely, it is."),
    ("no", "It isn't, sadly."),
    ("Delivery is free.", "Delivery is free, at no charge."),
    ("Dogs are allowed.", "Yes, dogs are allowed."),
    ("The store is open on Sunday.", "The store is not closed on Sunday."),
]
WRONG = [
    ("Delivery is free.", "No, delivery is not free."),
    ("Dogs are allowed.", "Dogs are prohibited."),
    ("Dogs are allowed.", "No dogs allowed!"),
    ("Batteries are not included.", "Batteries are included."),
    ("The device is waterproof.", "The device isn't waterproof."),
    ("Members get free returns.", "Members never get free returns."),
    ("The store is open on Sunday.", "The store is closed on Sunday."),
    ("Paris", "London, not Paris."),
    ("Paris", "It's not Paris, it's London."),
    ("30 days", "30 days or 60 days"),
    ("Yes", "No."),
]


@pytest.mark.parametrize(("reference", "answer"), RIGHT)
def test_plainly_right(reference: str, answer: str) -> None:
    assert probability("", answer, [reference]) >= 0.5


@pytest.mark.parametrize(("reference", "answer"), WRONG)
def test_plainly_wrong(reference: str, answer: str) -> None:
    assert probability("", answer, [reference]) < 0.5


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("You can return it within 30 days.", "You can't return it after 30 days."),
        ("Dogs are allowed.", "Dogs are not allowed after 6 pm."),
        ("Delivery is free.", "Delivery is free. It isn't free abroad."),
        ("Delivery is free.", "Delivery is free, no charge."),
    ],
)
def test_other_conditions_deny_nothing(reference: str, answer: str) -> None:
    wanted = statement(reference)
    assert wanted is not None
    assert not denies(answer, wanted)


@pytest.mark.parametrize("name", ["Paris", "30 days", "Ana Ruiz", "", "Red. Blue is not."])
def test_names_values_and_longer_texts_are_no_statements(name: str) -> None:
    assert statement(name) is None


def test_a_reference_that_stands_outweighs_another_that_is_negated() -> None:
    found = reading("", "It is Lyon, not Paris.", ["Paris", "Lyon"])
    assert found is not None
    assert found.right is None
    assert probability("", "It is Lyon, not Paris.", ["Paris", "Lyon"]) >= 0.5
