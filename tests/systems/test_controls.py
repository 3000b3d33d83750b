from __future__ import annotations

import json

import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.interfaces import Setup
from evals.core.schema import Item, Request, Slot
from systems.controls import always_abstain, constant_decline, copy_top_passage, gold_text, oracle
from tests.systems.conftest import EXAMPLES, ITEMS

REQUESTS = [Request(i.id, i.question, i.user, i.time, i.choices, i.json_schema) for i in ITEMS]


def test_always_abstain_says_one_thing(setup: Setup) -> None:
    system = always_abstain({})
    system.open(setup)
    assert {r.text for r in system.answer(REQUESTS, "throughput")} == {"I don't know."}
    assert not system.privileged


def test_copy_top_passage_copies(setup: Setup) -> None:
    system = copy_top_passage({"retriever": {"kind": "bm25", "k": 1, "user_k": 0}})
    system.open(setup)
    answers = {r.item: r for r in system.answer(REQUESTS, "throughput")}
    assert answers["i1"].passages is not None
    assert answers["i1"].text == answers["i1"].passages[0].text
    assert "Ro kettle" in answers["i1"].text


def test_copies_may_be_greeted_cut_or_several(setup: Setup) -> None:
    bm25 = {"kind": "bm25", "k": 2, "user_k": 0}
    texts = {}
    for more in ({}, {"greeting": "Hello!"}, {"sentence": True}):
        system = copy_top_passage({"retriever": bm25, **more})
        system.open(setup)
        answers = {r.item: r for r in system.answer(REQUESTS, "throughput")}
        texts[tuple(more)] = answers["i1"].text
        passages = answers["i1"].passages or ()
    assert texts[()] == "\n\n".join(p.text for p in passages)
    assert texts["greeting",] == f"Hello!\n\n{texts[()]}"
    assert "Ro kettle" in texts["sentence",]
    assert "\n" not in texts["sentence",]


def test_constant_decline_is_the_majority_class(setup: Setup) -> None:
    system = constant_decline({})
    system.open(setup)
    answers = {r.item: r.text for r in system.answer(REQUESTS, "throughput")}
    declines = [e.messages[-1].content for e in EXAMPLES if e.stratum == "oracle_absent_abstain"]
    assert answers["i1"] in declines
    assert answers["i3"] in next(i.choices for i in ITEMS if i.id == "i3")


def test_oracle_speaks_gold(setup: Setup) -> None:
    system = oracle({})
    with pytest.raises(SystemFailure, match="no gold"):
        system.open(setup)
    system.open(Setup(setup.pack, setup.cache, gold={i.id: i for i in ITEMS}))
    answers = {r.item: r.text for r in system.answer(REQUESTS, "latency")}
    assert answers == {
        "i1": "It's $31.00, friend!",
        "i2": "Sorry friend!",
        "i3": "billing",
        "i4": "two",
    }


def test_oracle_abstains_in_voice_where_no_reference_shows_how(setup: Setup) -> None:
    item = Item("x", "s", "t", "Q?", "c", answerable=False)
    system = oracle({})
    system.open(Setup(setup.pack, setup.cache, gold={"x": item}))
    (answer,) = system.answer([Request("x", "Q?")], "throughput")
    assert answer.text in {
        e.messages[-1].content for e in EXAMPLES if e.stratum == "oracle_absent_abstain"
    }


def test_gold_text_of_json_and_slots() -> None:
    whole = Item(
        "x",
        "s",
        "t",
        "Q?",
        "c",
        gold=(Slot("form", "json", '{"a": 1}'),),
        json_schema={"type": "object"},
    )
    assert gold_text(whole) == '{"a": 1}'
    parts = Item(
        "x", "s", "t", "Q?", "c", gold=(Slot("a", "text", "b"),), json_schema={"type": "object"}
    )
    assert json.loads(gold_text(parts)) == {"a": "b"}


def test_controls_refuse_unknown_settings() -> None:
    for factory in (always_abstain, constant_decline, copy_top_passage, oracle):
        with pytest.raises(UsageError, match="unknown setting"):
            factory({"colour": 1})
