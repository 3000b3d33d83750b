from __future__ import annotations

import pytest

from evals.scorers.groundedness.context import prepare
from evals.scorers.groundedness.places import Misplaced, about, misplaced
from evals.text.claims import claims
from evals.text.words import content_stems

CONTEXT = prepare(
    (
        (
            "The Zephyr kettle weighs 2 kg.\nIt is made in Lisbon.\nThe office is closed on"
            " Sundays.\nThe Aurora lamp costs $40.\nIt is sold in Madrid.\nRefunds reach the bank"
            " account within 14 days."
        ),
    )
)


def found(sentence: str) -> Misplaced:
    return misplaced(content_stems(sentence), claims(sentence), CONTEXT)


@pytest.mark.parametrize(
    ("sentence", "displaced", "swapped"),
    [
        ("Our Zephyr kettle weighs 2 kg.", 0, 0),
        ("Refunds reach the bank account within 14 days.", 0, 0),
        ("The kettle weighs 3 kg.", 0, 1),
        ("Refunds reach the bank account within 30 days.", 0, 1),
        ("The lamp costs $40, not a refund.", 0, 0),
        ("Refunds reach the bank account in Lisbon.", 1, 0),
        ("30 days", 0, 0),
        ("", 0, 0),
    ],
)
def test_claims_are_looked_for_where_the_same_is_reported(
    sentence: str, displaced: int, swapped: int
) -> None:
    assert found(sentence) == Misplaced(displaced, swapped)


def test_a_sentence_about_nothing_in_the_contexts_has_no_place() -> None:
    assert about(["giraff", "neck", "long"], CONTEXT) == -1
    assert about(["kettl"], CONTEXT) == 0
