from __future__ import annotations

import pytest

from evals.metrics.groundedness import DENIED, assess


@pytest.mark.parametrize(
    ("answer", "context"),
    [
        ("Dogs are not allowed.", "Dogs are allowed."),
        ("Yes, dogs are allowed.", "The terrace is large. Dogs are not allowed in the shop."),
        ("The shop is open on Monday.", "The shop is closed on Monday."),
        ("It costs $5. Batteries are included.", "It costs $5. Batteries are excluded."),
    ],
)
def test_what_the_contexts_deny_is_not_supported_and_named(answer: str, context: str) -> None:
    found = assess("", answer, [context])
    assert found.value <= DENIED
    start, end, risk = found.spans[-1]
    assert answer[start:end] in answer
    assert risk >= 1 - DENIED


@pytest.mark.parametrize(
    ("answer", "context"),
    [
        ("Dogs are allowed.", "Dogs are allowed on the terrace."),
        ("Dogs are allowed.", "Dogs are not allowed after 6 pm."),
        (
            "Batteries are included.",
            "Batteries are included. Batteries are not included in the basic set.",
        ),
        (
            "In the shops of the old town dogs are not allowed on any day.",
            "In the shops of the old town dogs are allowed.",
        ),
    ],
)
def test_other_conditions_a_statement_beside_it_and_long_sentences_deny_nothing(
    answer: str, context: str
) -> None:
    assert assess("", answer, [context]).value > DENIED
