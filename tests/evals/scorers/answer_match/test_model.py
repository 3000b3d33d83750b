from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers.answer_match.features import NAMES, compare, read, wanted
from evals.scorers.answer_match.model import bundled, matches, probability
from evals.text.words import fold
from scripts.research.labelled import data_dir, evouna


@pytest.mark.parametrize(
    ("question", "answer", "references", "right"),
    [
        (
            "who invented the telephone",
            "It was invented by Alexander Graham Bell in 1876.",
            ("Alexander Graham Bell",),
            True,
        ),
        ("who invented the telephone", "Thomas Edison", ("Alexander Graham Bell",), False),
        ("how many points is a touchdown", "A touchdown is worth 6 points.", ("six",), True),
        ("how many points is a touchdown", "A touchdown is worth 7 points.", ("six",), False),
        (
            "when did ice age come out",
            "It was released on March 15, 200212.",
            ("March 15, 2002",),
            True,
        ),
        (
            "when did ice age come out",
            "It was released in 2009.",
            ("March 15, 2002", "2002"),
            False,
        ),
        ("who won the bake off", "The winner was Edd Kimber1.", ("Edd Kimber",), True),
        ("what is the capital of france", "I don't know.", ("Paris",), False),
        ("what is the capital of france", "", ("Paris",), False),
    ],
)
def test_right_and_wrong(
    question: str, answer: str, references: tuple[str, ...], right: bool
) -> None:
    assert matches(question, answer, references) is right


def test_shapes_and_bounds() -> None:
    assert len(compare(read("who?", "Ana"), wanted("who?", "Ana Ruiz"))) == len(NAMES)
    assert len(bundled().weights) == len(NAMES) + 5
    assert probability("who?", "anything", ()) == 0.0
    assert probability("who?", "anything", ("", "  ")) == 0.0
    assert 0.0 <= probability("who?", "a" * 100_000, ("b",) * 500) <= 1.0


@pytest.mark.skipif(
    data_dir() is None, reason="the public labelled sets are absent (ADAPTBENCH_DATA)"
)
def test_it_agrees_with_people_more_than_substring_match_does() -> None:
    data = data_dir()
    assert data is not None
    sample = list(evouna(data))[::120]
    plain = sum(
        any(fold(r) in fold(j.response) for r in j.references) == bool(j.label) for j in sample
    )
    ours = sum(matches(j.question, j.response, j.references) == bool(j.label) for j in sample)
    assert ours > plain
    assert ours / len(sample) > 0.86


@given(st.lists(st.floats(-50, 50), min_size=len(bundled().mean), max_size=len(bundled().mean)))
def test_the_chance_of_one_row_is_that_of_many(row: list[float]) -> None:
    assert bundled().chance(row) == pytest.approx(
        float(bundled().probability(np.array([row]))[0]), abs=1e-12
    )
