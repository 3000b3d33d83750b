"""Refusals told from answers, both ways: the hand-written set, and kinds of text with several
members each.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.scorers.abstention.reader import read

HERE = Path(__file__)
SET = HERE.parents[4] / "scripts" / "research" / "data" / "abstention.tsv"
ROWS = [line.split("\t") for line in SET.read_text("utf-8").splitlines()]
EXPLAINED = [
    line.split("\t") for line in HERE.with_name("explained.tsv").read_text("utf-8").splitlines()
]


def f1(rows: list[list[str]]) -> float:
    gold = [label == "declined" for label, _, _ in rows]
    said = [read(text).declined for _, _, text in rows]
    hits = sum(g and s for g, s in zip(gold, said, strict=True))
    return 2 * hits / (sum(gold) + sum(said))


def test_the_set_is_large_and_half_adversarial() -> None:
    assert len(ROWS) >= 400
    assert sum(kind != "plain" for _, kind, _ in ROWS) >= len(ROWS) / 2
    assert len({text for _, _, text in ROWS}) == len(ROWS)


def test_f1() -> None:
    assert f1(ROWS) >= 0.97
    assert f1([row for row in ROWS if row[1] != "plain"]) >= 0.95


@pytest.mark.parametrize(("state", "question", "answer"), EXPLAINED)
def test_explanations_and_values_beside_refusals(state: str, question: str, answer: str) -> None:
    reading = read(answer, question)
    assert reading.state == state
    assert reading.declined == (state == "abstained")
    assert reading.evidence and reading.reason


@pytest.mark.parametrize(
    "answer",
    [
        "Owls hunt mice at night.",
        "a method that calls itself",
        "it stores key and value pairs",
        "You will be asked for your ticket.",
        "The loop ends when the list is empty",
        "Salt lowers the freezing point of water.",
        "an array has a fixed size while a list can grow",
        "The cat hides under the sofa when it thunders.",
        "Metal expands when it gets hot.",
        "The stack is empty, so pop fails",
        "They keep the house warm.",
        "It means that the value cannot be changed.",
        "Private members are not accessible outside the class.",
        "The compiler does not know the size of the array.",
        "The table does not contain duplicate rows.",
        "Nothing happens.",
        "No, penguins cannot fly.",
        "The function does not return a value.",
        "A man was arrested after police found no trace of the missing boat.",
        "Officials rejected the request of the miners for higher pay.",
        "The minister declined to resign on Monday.",
        "Scientists have found a fish that lives without light.",
        "The Radcliffe Line",
        "us",
        "Suleiman I",
        'It ends with the line "And whether he returned, I cannot tell."',
        "Tell them you cannot share personal details, and offer to take a message.",
        "You cannot return earrings.",
        "There are no such birds",
        "Witches don't exist in real life",
    ],
)
def test_a_plain_statement_is_no_refusal(answer: str) -> None:
    reading = read(answer)
    assert not reading.declined and reading.state == "answered"
    assert reading.evidence and reading.evidence in answer


@pytest.mark.parametrize(
    "answer",
    [
        "I'm not able to recommend individual stocks.",
        "INSUFFICIENT_CONTEXT",
        "Unanswerable from the given context.",
        "For privacy reasons we don't share our colleagues' personal details.",
        "The brochure has a lot about the lake, yet nowhere does it mention depth.",
        "Let me check with my colleague and get back to you.",
        "Could you please tell me your order number first?",
        "idk",
        "i dont know",
        "I do not have real-time data on the current average cost.",
        "Sorry, but I can not advise you about that.",
        "The seed packet doesn't say how fast they grow.",
    ],
)
def test_refusals_in_other_words(answer: str) -> None:
    assert read(answer).state == "abstained"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "empty"),
        ("  \n", "empty"),
        ("...", "no word"),
        ("🙂", "no word"),
        ("the the the the the the the the the the", "repeats itself"),
        ("sdfg hjkl qwrt zxcv", "gibberish"),
        ("Based on the provided documents, the", "cut off"),
        ("The answer to this question is", "cut off"),
    ],
)
def test_no_answer_at_all(answer: str, reason: str) -> None:
    reading = read(answer)
    assert (reading.kind, reading.state, reading.reason, reading.declined) == (
        "none",
        "none",
        reason,
        False,
    )


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("I'm not sure, but I think it is 30 days.", "partly"),
        ("I can't confirm that it is $20, but the fee is $5.", "partly"),
        ("I don't have any problem with the records, they load in 5 seconds.", "answered"),
        ("30 days", "answered"),
        ("Sorry about that! It takes 5 days.", "answered"),
    ],
)
def test_states(text: str, state: str) -> None:
    assert read(text).state == state


def test_a_value_inside_a_refusal_is_not_asserted() -> None:
    assert read("I can't confirm whether it is $20 or $30.").asserted == ()
    assert [m.value.raw for m in read("I'm not sure, but it may be $20.").asserted] == [20]


def test_values_in_quotation_marks_are_asserted() -> None:
    for raw in (
        '"$20"',
        'The page says "$20 a month", and no more than that.',
        'It reads "not $20 but $30".',
    ):
        assert [m.value.kind for m in read(raw).asserted][:1] == ["money"]


def test_a_denial_is_distinguished() -> None:
    reading = read("We do not sell a product called Zephyr.")
    assert (reading.kind, reading.state, reading.denied, reading.declined) == (
        "denied",
        "answered",
        True,
        True,
    )
    assert not read("There is no Zephyr; the Aurora costs $20.").declined


def test_a_denial_of_what_was_asked_in_the_world_answers() -> None:
    reading = read("Russia is not part of the EU.", "Why is Russia part of the EU?")
    assert (reading.kind, reading.declined) == ("denied", False)
    assert not read("No, wizards do not exist", "Are there wizards?").declined


@given(st.text(max_size=60), st.text(max_size=30))
def test_every_reading_has_a_reason_and_what_is_not_empty_evidence(
    answer: str, question: str
) -> None:
    reading = read(answer, question)
    assert reading.reason
    assert reading.evidence or reading.kind in ("none", "answered")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "Who is the creator?",
            "Sure thing! We've checked, and the Zefes grinder was designed by Lotia Trolashe.",
        ),
        (
            "Colour: Caldo kettle",
            "We've checked, and the Caldo kettle comes in apricot. Hope that helps!",
        ),
        ("Where is it made?", "I've asked around; it is made in Vindford."),
        ("What does it cost?", "Let me check, and yes, it costs $5."),
        (
            "When was it repaired?",
            "We've looked it up, and your drill was repaired on 10 December 2023.",
        ),
    ],
)
def test_who_checked_and_then_says_it_has_answered(question: str, answer: str) -> None:
    assert read(answer, question).state == "answered"


@pytest.mark.parametrize(
    "answer",
    [
        "I'll check with the team and get back to you.",
        "We have asked our supplier and will come back to you.",
        "I've passed your request on to a colleague.",
        "Let me look into that for you.",
        "I'm sorry, but I'm not able to change the price of the Dildi clock.",
        "I am unable to send flowers to the house.",
    ],
)
def test_who_only_passes_a_question_on_has_declined(answer: str) -> None:
    assert read(answer, "What does it cost?").state == "abstained"
