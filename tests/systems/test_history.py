"""Conversations reach every kind of system in its own form."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.interfaces import Setup
from evals.core.schema import Item, Message, Request, Slot
from evals.run.plan import request_of
from systems.external import _filled, python_callable
from systems.prompts import Prompter, PromptSettings
from systems.retrieval.retriever import query
from tests.systems.conftest import HandPack

TURNS = (
    Message("user", "How much is the Velo lamp?"),
    Message("assistant", "It is €24."),
    Message("user", "And the shade?"),
    Message("assistant", "It is €7."),
)
THIRD = Request("r", "And both together?", history=TURNS)


def adding_up(request: Request) -> str:
    """A bot that needs the first turn to answer the third."""
    prices = [t.content for t in request.history if t.role == "assistant"]
    total = sum(int(text.split("€")[1].rstrip(".")) for text in prices)
    return f"€{total}" if prices else "Both of what?"


@pytest.mark.parametrize(
    ("history", "expected"), [(TURNS, "€31"), (TURNS[2:], "€7"), ((), "Both of what?")]
)
def test_a_callable_gets_the_earlier_turns(
    history: tuple[Message, ...], expected: str, pack: HandPack
) -> None:
    system = python_callable({"name": "bot", "target": adding_up})
    system.open(Setup(pack, Path("unused")))
    (response,) = system.answer([Request("r", THIRD.question, history=history)], "throughput")
    assert response.text == expected


def test_a_prompt_holds_the_turns_between_system_and_question(pack: HandPack) -> None:
    messages = Prompter(PromptSettings(), pack, grounded=False).render(THIRD)
    assert [m.role for m in messages] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
    ]
    assert messages[1:5] == TURNS and messages[-1].content == THIRD.question


def test_a_chatbot_gets_them_as_a_list() -> None:
    turns = [{"role": t.role, "content": t.content} for t in TURNS]
    body = {"q": "{question}", "before": "{history}", "deep": [{"all": "{messages}"}]}
    assert _filled(body, THIRD) == {
        "q": THIRD.question,
        "before": turns,
        "deep": [{"all": [*turns, {"role": "user", "content": THIRD.question}]}],
    }
    assert _filled({"q": "see {question}"}, Request("r", "{history}")) == {"q": "see {history}"}


def test_retrieval_looks_for_what_the_turn_before_named() -> None:
    asked = Request("r", "And the shade?", history=TURNS[:2])
    assert query(asked) == "How much is the Velo lamp?\nAnd the shade?"
    assert query(Request("r", "Why?")) == "Why?"


def test_an_item_hands_its_turns_on_and_never_its_gold() -> None:
    item = Item("i", "s", "t", "And both?", "c", gold=(Slot("sum", "money", "€31"),), history=TURNS)
    request = request_of(item)
    assert request.history == TURNS
    assert "31" not in repr(request)
