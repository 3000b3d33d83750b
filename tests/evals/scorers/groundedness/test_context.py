from __future__ import annotations

import pytest

from evals.scorers.groundedness.context import prepare, restated
from evals.scorers.groundedness.features import NAMES, features

CONTEXTS = (
    (
        "Items can be returned within 30 days of 4 May 2024. Refunds take 14 days. Postage is"
        " $4.50, parcels 3 kg."
    ),
)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Within thirty days.", "Within 30 days."),
        ("It takes two weeks or a fortnight", "It takes 14 days or 14 days"),
        ("before May 4th", "before 4 May 2024"),
        ("three kilograms at most, 4.50 dollars", "3 kg at most, $4.50"),
        ("30 days", "30 days"),
        ("Within forty days.", "Within forty days."),
        ("on 4 May 2025", "on 4 May 2025"),
        ("three euros", "three euros"),
        ("", ""),
    ],
)
def test_values_are_written_as_the_contexts_write_them(said: str, read: str) -> None:
    assert restated(said, prepare(CONTEXTS)) == read


def test_words_for_a_value_make_no_difference() -> None:
    def row(answer: str) -> list[float]:
        return features("How long?", answer, CONTEXTS)[0]

    assert row("Returns are taken within thirty days.") == row("Returns are taken within 30 days.")
    assert row("Returns are taken within forty days.") != row("Returns are taken within 30 days.")
    assert len(row("")) == len(NAMES)
