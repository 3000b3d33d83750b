from __future__ import annotations

import pytest

from evals.scorers.answer_match.choices import chosen, judge_choice
from tests.evals.metrics.build import slot

LETTERS = ("A", "B", "C", "D")
NAMES = ("Whale", "Shark", "Cod", "Trout")


@pytest.mark.parametrize(
    ("answer", "letters"),
    [
        ("Answer: A", "a"),
        ("The answer is A.", "a"),
        ("**A**", "a"),
        ("(A) Whale", "a"),
        ("A) Red", "a"),
        ("A. Mercury", "a"),
        ("Answer: **B**", "b"),
        ("b", "b"),
        ("b)", "b"),
        ("Option D", "d"),
        ("The correct answer is (C).", "c"),
        ("C is correct because A is wrong", "c"),
        ("I think it is C", "c"),
        ("\\boxed{C}", "c"),
        ("A mammal is a whale, so B.", "b"),
        ("It's not A, it's B.", "b"),
        ("The best choice is B, not A.", "b"),
        ("A or B", "ab"),
        ("A bird", ""),
        ("The answer is a whale", ""),
        ("I'd rather not say", ""),
    ],
)
def test_the_chosen_letter_is_read(answer: str, letters: str) -> None:
    assert ["".join(said) for said in chosen(answer, LETTERS)] == list(letters)


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("Answer: A", True),
        ("A) Whale", True),
        ("a whale", True),
        ("B", False),
        ("Answer: B) Shark", False),
        ("A or B", False),
    ],
)
def test_letters_stand_for_choices_in_their_order(answer: str, right: bool) -> None:
    assert judge_choice(slot("choice", "Whale"), answer, NAMES).right is right


@pytest.mark.parametrize(
    ("answer", "right"), [("Answer: I", True), ("I think II", False), ("I", True), ("II", False)]
)
def test_roman_numerals(answer: str, right: bool) -> None:
    assert judge_choice(slot("choice", "I"), answer, ("I", "II", "III")).right is right
