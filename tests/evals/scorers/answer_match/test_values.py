"""Values in free-form answers: the form of the answer and the terms of the question, each pair with
its verdict.
"""

from __future__ import annotations

import pytest

from evals.core.schema import SlotKind
from evals.scorers.answer_match.asked import asked
from evals.scorers.answer_match.model import judged, probability
from evals.scorers.answer_match.slots import judge
from tests.evals.metrics.build import slot

MILLIONS = "What was the 2019 marketing budget (in USD millions)?"
SHARE = "What share of revenue was spent on marketing?"
CLOSES = "When does the shop close?"

FORMS = [
    ("What is the rate?", "The rate is 2,5 %.", "2.5%", True),
    ("What is the rate?", "The rate is 2,5 %.", "5%", False),
    ("What does it cost?", "It costs 1\u202f299 € including delivery.", "€1,299", True),
    ("What does it cost?", "It costs 1\u202f299 € including delivery.", "€299", False),
    ("What does it cost?", "₹1,25,000", "₹125,000", True),
    ("What does it cost?", "₹1,25,000", "₹25,000", False),
    ("What does it cost?", "$50¹", "$50", True),
    ("What does it cost?", "$50¹", "$501", False),
    ("What does it cost?", "CHF 1'299.–", "CHF 1,299", True),
    ("What does it cost?", "CHF 1'299.–", "CHF 299", False),
    ("What does it cost?", "It is USD5.", "$5", True),
    ("How cold is it?", "Store it at –5 °C.", "-5 °C", True),
    ("How cold is it?", "Store it at –5 °C.", "5 °C", False),
    ("How long is it?", "1½ hours", "90 minutes", True),
    ("How long is it?", "1½ hours", "11 hours", False),
    (MILLIONS, "$2,310 million", "2310", True),
    (MILLIONS, "$2.31 billion", "2310", True),
    (MILLIONS, "$2,310", "2310", True),
    (MILLIONS, "The budget was $2,310 million.", "$2310.00", True),
    (MILLIONS, "$2,310 thousand", "2310", False),
    (MILLIONS, "1,130", "2310", False),
    (SHARE, "2.4%", "0.024", True),
    (SHARE, "24%", "0.024", False),
    ("What is the ratio?", "6,489 / 267.5 = 24.26. So the ratio is 24.26.", "24.26", True),
    ("What is the ratio?", "6,489 / 253 = 25.65. So the ratio is 25.65.", "24.26", False),
    ("What is the margin?", "It is 8.38%.", "8.4%", True),
    ("What is the margin?", "It is 8.6%.", "8.4%", False),
    ("How did sales change?", "They declined by 12.6%.", "-12.6%", True),
    ("How did sales change?", "They grew by 12.6%.", "-12.6%", False),
    ("Is the ratio above 1?", "Yes, 1.57", "Yes, 1.57", True),
    ("Is the ratio above 1?", "Yes, 2.35", "Yes, 1.57", False),
    ("Is the ratio above 1?", "Yes, the ratio is 2.41.", "Yes, the ratio is 1.63.", False),
    (CLOSES, "It opens from 10:00 to 20:00.", "20:00", True),
    (CLOSES, "It opens from 10:00 to 20:00.", "10:00", False),
    ("When does the shop open?", "It opens from 10:00 to 20:00.", "10:00", True),
    (
        "How does the dividend in 2021 compare to 2020?",
        "The documents provided do not contain information on the dividend for 2021 and 2020.",
        "The dividend in 2021 was $1.10, compared to $0.95 in 2020.",
        False,
    ),
    ("What is 'dialect'?", "बोली", "बोली", True),
    ("What is 'dialect'?", "बाली", "बोली", False),
]

YES_OR_NO = [
    ("Are you open on Sundays?", "All stores are closed on Sundays.", False),
    ("Are you open on Sundays?", "We're open Monday to Saturday.", False),
    ("Are you open on Sundays?", "We are open daily except Sundays.", False),
    ("Are you open on Sundays?", "We are open every day.", True),
    ("Are you closed on Sundays?", "All stores are closed on Sundays.", True),
    ("Can I return sale items?", "Sale items can't be returned.", False),
    ("Are dogs allowed?", "Dogs are prohibited.", False),
    ("Is it included?", "It isn't, sadly.", False),
]


@pytest.mark.parametrize(("question", "answer", "reference", "right"), FORMS)
def test_values_are_compared_as_the_question_asks(
    question: str, answer: str, reference: str, right: bool
) -> None:
    found = judged(question, answer, [reference])
    assert found is not None
    assert (found.chance >= 0.5) is right
    assert found.verdict.right is right
    assert found.verdict.expected
    assert found.verdict.clause


@pytest.mark.parametrize(("question", "answer", "yes"), YES_OR_NO)
def test_yes_and_no_by_what_is_stated(question: str, answer: str, yes: bool) -> None:
    for gold in ("yes", "no"):
        assert (probability(question, answer, [gold]) >= 0.5) is (yes is (gold == "yes"))
        assert judge(slot("boolean", gold), question, answer).right is (yes is (gold == "yes"))


@pytest.mark.parametrize(
    "answer", ["I'm not. I'm not. I'm not.", "I can't.", "I don't, I'm afraid."]
)
@pytest.mark.parametrize("gold", ["yes", "no"])
def test_a_denial_of_the_speaker_settles_nothing(answer: str, gold: str) -> None:
    assert probability("Are you open on Sundays?", answer, [gold]) < 0.5
    assert not judge(slot("boolean", gold), "Are you open on Sundays?", answer).right


@pytest.mark.parametrize("references", [(), ("",), ("???",), ("", "—")])
def test_references_without_a_word_judge_nothing(references: tuple[str, ...]) -> None:
    assert judged("What is the capital?", "Paris", references) is None


@pytest.mark.parametrize(
    ("question", "scale"),
    [
        ("What was it (in USD millions)?", 1e6),
        ("How much, in thousands of dollars?", 1e3),
        ("What was revenue in $ billion?", 1e9),
        ("What was it in ₹ crore?", 1e7),
        ("Did it exceed 5 million?", 1.0),
        ("What was it?", 1.0),
    ],
)
def test_the_scale_of_a_question(question: str, scale: float) -> None:
    assert asked(question).scale == scale


@pytest.mark.parametrize(
    ("kind", "gold", "question", "answer", "right"),
    [
        ("number", "2310", MILLIONS, "$2,310 million", True),
        ("number", "2310", MILLIONS, "$2,310 thousand", False),
        ("time", "20:00", CLOSES, "from 10:00 to 20:00", True),
        ("time", "10:00", CLOSES, "from 10:00 to 20:00", False),
        ("percent", "8.4%", "What is it?", "8.38%", False),
        ("date", "14.03.2025", "When?", "14 mars 2025", True),
        ("date", "14.03.2025", "When?", "15 March 2025", False),
    ],
)
def test_slots_read_values_alike(
    kind: SlotKind, gold: str, question: str, answer: str, right: bool
) -> None:
    verdict = judge(slot(kind, gold), question, answer)
    assert verdict.right is right
    assert verdict.expected == gold
