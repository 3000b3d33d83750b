from __future__ import annotations

import pytest

from evals.scorers.abstention.asked import asked
from evals.text.mentions import mentions


@pytest.mark.parametrize(
    ("question", "value", "wanted"),
    [
        ("When was the bridge built?", "1931", True),
        ("When was the bridge built?", "$20", False),
        ("How much is it?", "$20", True),
        ("How much is it?", "2019", False),
        ("How many were sold?", "12,500", True),
        ("What is the quick ratio?", "1.4", True),
        ("What is the quick ratio?", "$1,204 million", False),
        ("What was revenue in 2018?", "2018", False),
        ("Was kostet es?", "20 €", True),
        ("", "2019", True),
    ],
)
def test_which_values_answer(question: str, value: str, wanted: bool) -> None:
    (mention,) = mentions(value)
    assert asked(question).wants(mention) is wanted


def test_kinds_of_question() -> None:
    assert asked("Who founded it?").name and not asked("Who founded it?").polar
    assert asked("Is it open?").polar
    assert asked("What was FY2018 revenue?").years == {"2018"}
