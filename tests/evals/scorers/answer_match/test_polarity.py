"""Yes or no by what an answer states; never by a guess."""

from __future__ import annotations

import pytest

from evals.core.schema import Slot
from evals.scorers.answer_match.model import matches
from evals.scorers.answer_match.polarity import judge_boolean, polarity

STATED: list[tuple[str, str, bool | None]] = [
    ("Are you open on Sundays?", "All stores are closed on Sundays.", False),
    ("Are you open on Sundays?", "I'm not. I'm not.", None),
    ("Are you open on Sundays?", "We are closed every Sunday.", False),
    ("Are you open on Sundays?", "Our stores open from Monday to Saturday only.", False),
    ("Are you open on Sundays?", "We open at 10 on Sundays.", True),
    ("Is delivery free?", "Delivery costs $5.", False),
    ("Is delivery free?", "Delivery is free of charge.", True),
    ("Is delivery free?", "There is no charge for delivery.", True),
    ("Do you ship abroad?", "We ship to 30 countries.", True),
    ("Do you ship abroad?", "We only deliver within Germany.", False),
    ("Can I return it without a receipt?", "A receipt is required for every return.", False),
    ("Is the lamp waterproof?", "The lamp is rated IP67.", None),
    ("Is the lamp waterproof?", "It must not get wet.", False),
    ("Does it come with a battery?", "Batteries are sold separately.", False),
    ("Does it come with a battery?", "Batteries are included.", True),
    ("Can I pay by card?", "We accept cash only.", False),
    ("Can I pay by card?", "We accept all major cards.", True),
    ("Is breakfast included?", "Breakfast is $12 extra.", False),
    ("Is it still in stock?", "It is sold out.", False),
    ("Is it still in stock?", "It is available.", True),
    ("Are dogs allowed?", "Dogs are welcome.", True),
    ("Are dogs allowed?", "Pets are prohibited.", False),
    ("Is there parking?", "There are 40 parking spaces.", True),
    ("Did the company make a profit in 2019?", "The company lost 3 million in 2019.", False),
    ("Is parking free?", "You pay 2 euros an hour.", False),
    ("Is gift wrapping free?", "Gift wrapping is complimentary.", True),
    ("Is there a delivery charge?", "Delivery is free.", False),
    ("Is there a fee for returns?", "Returns cost €4.90.", True),
    ("Can I cancel my order?", "Orders can be cancelled within 24 hours.", True),
    ("Do you sell gift cards?", "We sell gift cards of 10 to 100 euros.", True),
    ("Is the shop in Lyon open today?", "The shop in Lyon opens at 9 today.", True),
    ("Is the shop in Lyon open today?", "It is closed for renovation.", False),
    ("Are the batteries rechargeable?", "They are single-use.", None),
    ("Is the warranty longer than one year?", "The warranty lasts two years.", None),
    ("Do you offer student discounts?", "Students get 10 % off.", True),
    ("Do you offer student discounts?", "There are no discounts at the moment.", False),
    ("Can I bring my dog?", "Dogs are not allowed.", False),
    ("Is shipping included?", "Shipping is included in the price.", True),
]


@pytest.mark.parametrize(("question", "answer", "expected"), STATED)
def test_an_answer_settles_a_question_by_what_it_states(
    question: str, answer: str, expected: bool | None
) -> None:
    found = polarity(answer, question)
    assert (None if found is None else found[0]) is expected


@pytest.mark.parametrize(("question", "answer", "expected"), STATED)
def test_slots_and_references_agree(question: str, answer: str, expected: bool | None) -> None:
    for gold in (True, False):
        slot = Slot("is", "boolean", "yes" if gold else "no")
        assert judge_boolean(slot, question, answer).right == (expected is gold)
        if expected is not None:
            assert matches(question, answer, ("yes" if gold else "no",)) == (expected is gold)
