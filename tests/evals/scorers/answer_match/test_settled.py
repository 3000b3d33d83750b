"""What rules settle of an answer before the model is asked: each pair with its verdict, and no more
than that.
"""

from __future__ import annotations

import pytest

from evals.scorers.answer_match.model import probability, reading
from evals.text.numerals import shares
from evals.text.statements import denies, statement

RIGHT = [
    ("30 days", "thirty days"),
    ("2 years", "24 months"),
    ("two weeks", "It takes 14 days."),
    ("9 am to 6 pm", "from 09:00 until 18:00"),
    ("15%", "fifteen percent"),
    ("$1,200", "1200 dollars"),
    ("90 minutes", "an hour and a half"),
    ("90 minutes", "One and a half hours."),
    ("25%", "About one in four patients did."),
    ("50%", "It rose by half."),
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
    ("12 years", "12 months"),
    ("$1.2 billion", "$1.2 million"),
    ("4 g", "You may take up to 4 mg per day."),
    ("60 km/h", "It was doing 60 mph."),
    ("44 BC", "44 AD"),
    ("192.168.0.1", "192.168.1.1"),
    ("every 15 minutes from 6 am to 10 pm", "Every 30 minutes from 6 am to 10 pm."),
    ("students", "Everyone except students."),
    ("Jeff Bezos", "It might be Jeff Bezos, it might be Elon Musk, I can't tell which."),
    ("No, dogs must stay outside", "Yes, dogs are welcome."),
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a quarter", [25]),
        ("two-thirds", [200 / 3]),
        ("1 in 5", [20]),
        ("Three out of every four", [75]),
        ("6%", []),
    ],
)
def test_parts_are_percentages(text: str, found: list[float]) -> None:
    assert shares(text) == pytest.approx(found)


def test_a_reference_that_stands_outweighs_another_that_is_negated() -> None:
    found = reading("", "It is Lyon, not Paris.", ["Paris", "Lyon"])
    assert found is not None
    assert found.right is None
    assert probability("", "It is Lyon, not Paris.", ["Paris", "Lyon"]) >= 0.5
