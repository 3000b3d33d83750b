from __future__ import annotations

import math

import pytest

from evals.metrics.groundedness import assess
from evals.scorers.groundedness.wording import WORDING_NAMES, features, forms, grams, prepare

CONTEXT = ("Bowling is a sport. I have bowled in ninety countries, writes Ana.",)


def named(answer: str, question: str = "", contexts: tuple[str, ...] = CONTEXT) -> dict[str, float]:
    return dict(zip(WORDING_NAMES, features(question, answer, contexts), strict=True))


@pytest.mark.parametrize(
    ("answer", "first", "second", "talk", "questions"),
    [
        ("Bowling is a sport.", 0, 0, 0, 0),
        ("My brother and I love it. Do you?", 1, 1, 1, 1),
        ("Wow! Have you ever? What is your favorite sport?", 0, 2, 2, 2),
    ],
)
def test_small_talk_that_no_context_has_is_counted(
    answer: str, first: int, second: int, talk: int, questions: int
) -> None:
    found = named(answer)
    said = [found[name] for name in ("first_person", "second_person", "talk", "questions")]
    assert said == [math.log1p(n) for n in (first, second, talk, questions)]


def test_a_form_of_a_word_is_nearer_than_another_word() -> None:
    held = prepare(CONTEXT)
    assert forms(["bowling"], held) == 1
    assert 1 > forms(["bowler"], held) > forms(["seaweed"], held) == 0
    assert grams("is") == ("<is>",)
    assert grams("a") == ("<a>",)


def test_the_longest_run_is_of_words_that_neither_contexts_nor_question_have() -> None:
    assert named("Retired fishermen weave bowling seaweed.")["new_run"] == math.log1p(3)
    assert named("Retired fishermen weave bowling seaweed.", "Who are fishermen?")[
        "new_run"
    ] == math.log1p(1)


@pytest.mark.parametrize("answer", ["", "  ", "?!", "\u200b"])
def test_no_words_have_the_features_of_full_support(answer: str) -> None:
    found = named(answer)
    assert found.pop("questions") == math.log1p(answer.count("?"))
    assert found == {"first_person": 0, "second_person": 0, "talk": 0, "forms": 1, "new_run": 0}


def test_white_space_and_the_order_of_contexts_change_nothing() -> None:
    answer = "I love bowling, do you?"
    assert (
        named(answer)
        == named(answer.replace(" ", "\n\n "))
        == named(answer, contexts=(*CONTEXT, *CONTEXT))
    )
    other = ("Lamps are sold here.",)
    assert named(answer, contexts=CONTEXT + other) == named(answer, contexts=other + CONTEXT)


def test_an_added_opinion_lowers_support() -> None:
    context = ("Bowling is a sport that is played by rolling a ball at pins.",)
    plain = "Bowling is a sport that is played by rolling a ball."
    assert (
        assess("", plain, context).value > assess("", plain + " I love it, do you?", context).value
    )
