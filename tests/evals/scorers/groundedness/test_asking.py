from __future__ import annotations

import pytest

from evals.scorers.groundedness.asking import asking
from evals.scorers.groundedness.model import kinds


@pytest.mark.parametrize(
    "text",
    [
        "How long may I keep the Aurora lamp?",
        "how long may i keep the lamp",
        "Can I return it",
        "return policy Aurora lamp",
        "Tell me what it weighs.",
        "You sell lamps?",
    ],
)
def test_questions_requests_and_keywords_ask(text: str) -> None:
    assert asking(text) == 1


@pytest.mark.parametrize(
    "text", ["", " \n", "I love reading.", "It's lovely here! We go every year.", "Oh, thanks."]
)
def test_what_only_tells_does_not(text: str) -> None:
    assert asking(text) == 0


def test_a_mixed_turn_asks_by_its_share_of_sentences() -> None:
    assert asking("I am fed up! My lamp is broken. Where do I send it? Is that free?") == 0.5


def test_surrounding_space_case_and_length_do_not_matter() -> None:
    assert asking("  WHERE IS IT ") == asking("where is it") == 1
    assert 0 <= asking("I see. " * 100_000) <= 1


def test_it_is_the_first_of_the_kinds() -> None:
    assert kinds("I love reading.", "So do I.", ["Many people read."])[0] == 0
    assert kinds("Who reads?", "I do.", ["Many people read."])[0] == 1
