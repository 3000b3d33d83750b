from __future__ import annotations

import pytest

from evals.core.errors import UsageError
from evals.core.schema import Passage, Request
from systems.prompts import Prompter, PromptSettings, outline
from tests.systems.conftest import SCHEMA, HandPack

OLD = Passage("a", "a", 0.9, "[2024-01-01] Old\nfirst")
NEW = Passage("b", "b", 0.1, "[2025-01-01] New\nsecond")


def prompter(pack: HandPack, *, grounded: bool = False, **settings: object) -> Prompter:
    return Prompter(PromptSettings(**settings), pack, grounded=grounded)  # type: ignore[arg-type]


def test_minimal_prompt_is_name_and_question(pack: HandPack) -> None:
    system, user = prompter(pack, style="minimal").render(Request("r", "Why?"))
    assert system.content == "You are the assistant of Hearthly."
    assert user.content == "Why?"


def test_full_prompt_tells_voice_policy_and_rule(pack: HandPack) -> None:
    text = prompter(pack).system
    assert all(
        part in text
        for part in ("Hearthly sells lamps.", "Be kind.", "Do not guess.", "never guess")
    )
    assert "passages" in prompter(pack, grounded=True).system
    assert "Do not guess." not in prompter(pack, policy=False).system


def test_turn_names_date_and_asker(pack: HandPack) -> None:
    turn = prompter(pack, date=True).turn(Request("r", "Mine?", user="u1"), None)
    assert turn == "Today is 2026-03-01. Asked by Ana Silva (u1).\nQuestion: Mine?"
    assert "Asked by u9." in prompter(pack).turn(Request("r", "Mine?", user="u9"), None)


def test_newest_passage_stands_next_to_the_question(pack: HandPack) -> None:
    turn = prompter(pack, grounded=True).turn(Request("r", "Q?"), (NEW, OLD))
    assert turn.index("first") < turn.index("second") < turn.index("Question: Q?")
    by_score = prompter(pack, grounded=True, order="score").turn(Request("r", "Q?"), (OLD, NEW))
    assert by_score.index("second") < by_score.index("first")


def test_passages_beyond_the_limit_are_left_out_lowest_rank_first(pack: HandPack) -> None:
    long = Passage("c", "c", 0.5, "[2026-01-01] Long\n" + "x" * 300)
    turn = prompter(pack, grounded=True, max_chars=200).turn(Request("r", "Q?"), (OLD, long, NEW))
    assert "xxx" not in turn
    assert "first" in turn
    assert "second" in turn


def test_no_passages_found_is_said_and_not_looked_for_is_not(pack: HandPack) -> None:
    assert "Passages: none" in prompter(pack, grounded=True).turn(Request("r", "Q?"), ())
    assert "Passages" not in prompter(pack, grounded=True).turn(Request("r", "Q?"), None)


def test_choices_and_schema_are_spelled_out(pack: HandPack) -> None:
    assert "Answer with one of: a, b." in prompter(pack).turn(
        Request("r", "Q?", choices=("a", "b")), None
    )
    assert outline(SCHEMA) == '{"order": string, "why": one of late, broken}'
    assert outline(SCHEMA) in prompter(pack).turn(Request("r", "Q?", json_schema=SCHEMA), None)


def test_few_shots_are_the_same_every_time_and_fit_the_request(pack: HandPack) -> None:
    plain = prompter(pack, shots=3).render(Request("r", "Q?"))
    assert plain == prompter(pack, shots=3).render(Request("r", "Q?"))
    assert [m.role for m in plain] == ["system", *["user", "assistant"] * 3, "user"]
    assert plain[2].content == "Sorry, we don't know!"
    assert (
        prompter(pack, shots=2).render(Request("r", "Q?", choices=("a",)))[2].content == "delivery"
    )


def test_grounded_shots_show_gold_passages_but_no_private_ones(pack: HandPack) -> None:
    shots = [
        m.content
        for m in prompter(pack, grounded=True, shots=3).render(Request("r", "Q?"), ())[1:-1]
    ]
    assert any("The Ro kettle costs $20.00." in s for s in shots)
    assert not any("Ana ordered" in s for s in shots)


def test_wrong_placeholder_is_a_usage_error(pack: HandPack) -> None:
    with pytest.raises(UsageError, match="placeholder"):
        prompter(pack, system="Hello {nme}")
    assert prompter(pack, system="I am {name}.").system == "I am Hearthly."
