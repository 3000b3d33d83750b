from __future__ import annotations

import pytest

from evals.scorers.groundedness.context import prepare
from evals.scorers.groundedness.courtesy import is_courtesy, substance

CONTEXT = prepare(("Returns are free within 30 days. Enjoy the lamp.",)).stems


@pytest.mark.parametrize(
    "sentence",
    [
        "Hi there!",
        "Thanks for asking!",
        "Happy to help!",
        "Have a lovely evening!",
        "Let me know, my friend.",
    ],
)
def test_greetings_state_nothing(sentence: str) -> None:
    assert is_courtesy(sentence, CONTEXT)


@pytest.mark.parametrize(
    "sentence",
    [
        "I love dogs!",
        "Thanks to the lamp you see.",
        "Sure, within 5 days.",
        "Returns are free.",
        "Hi " + "la " * 20,
        "",
    ],
)
def test_what_states_something_is_kept(sentence: str) -> None:
    assert not is_courtesy(sentence, CONTEXT)


@pytest.mark.parametrize(
    "sentence",
    [
        "Here is a summary of the text in 42 words or less:",
        "Sure! Here's the answer:",
        "Summary:",
        "The following is a short overview of returns within 30 days:",
        "In summary:",
    ],
)
def test_preambles_state_nothing(sentence: str) -> None:
    assert is_courtesy(sentence, CONTEXT)


@pytest.mark.parametrize(
    "sentence", ["The answer is 30 days.", "Returns: free within 30 days.", "Here is 5: take it."]
)
def test_a_colon_alone_makes_no_preamble(sentence: str) -> None:
    assert not is_courtesy(sentence, CONTEXT)


def test_where_nothing_would_be_left_all_is() -> None:
    answer = "Hi there! Returns are free. Cheers!"
    assert [answer[a:b] for a, b in substance(answer, CONTEXT)] == ["Returns are free."]
    assert len(substance("Hi there! Cheers!", CONTEXT)) == 2
