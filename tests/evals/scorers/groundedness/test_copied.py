"""Overlap with the contexts, which anybody can check by eye."""

from __future__ import annotations

import math

import pytest

from evals.metrics.groundedness import averaged
from evals.scorers.groundedness.copied import copied, log_odds

CONTEXT = ("The lamp costs 20 dollars. It ships in two days.",)


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        ("The lamp costs 20 dollars.", 1.0, 1.0),
        ("Hi there! The lamp costs 20 dollars.", 1.0, 1.0),
        ("Here is a summary in 42 words or less: The lamp costs 20 dollars.", 1.0, 1.0),
        ("The lamp costs 90 dollars.", 0.5, 0.8),
        ("The lamp costs 20 dollars. Rabbits run away from foxes.", 0.2, 0.5),
        ("Rabbits run away from foxes.", 0.0, 0.1),
        ("It is.", 1.0, 1.0),
    ],
)
def test_the_share_of_an_answer_that_stands_in_its_contexts(
    answer: str, low: float, high: float
) -> None:
    assert low <= copied(answer, CONTEXT) <= high


def test_log_odds_are_bounded_and_symmetric() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(0.0) == pytest.approx(-log_odds(1.0)) == pytest.approx(math.log(0.02 / 0.98))


def test_an_unsupported_claim_is_never_raised_by_overlap() -> None:
    assert averaged(0.2, 0.95, unsupported=False) > 0.2
    assert averaged(0.2, 0.95, unsupported=True) == 0.2
    assert averaged(0.9, 0.1, unsupported=True) < 0.9
