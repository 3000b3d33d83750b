from __future__ import annotations

import json
from collections import Counter

import pytest

from evals.core.schema import Example
from suites.packs.reader import FolderPack
from suites.world.items_domain import labels


@pytest.fixture(scope="module")
def examples(pack: FolderPack) -> list[Example]:
    return list(pack.examples())


def test_no_question_is_both_taught_and_asked(pack: FolderPack, examples: list[Example]) -> None:
    taught = {e.messages[0].content.casefold() for e in examples}
    assert not [i.id for i in pack.items() if i.question.casefold() in taught]


def test_no_volatile_fact_is_a_target(pack: FolderPack, examples: list[Example]) -> None:
    volatile = {f.id for f in pack.facts() if f.volatile}
    assert not [e.id for e in examples if volatile & set(e.facts)]


def test_no_document_after_t0_is_taught(pack: FolderPack, examples: list[Example]) -> None:
    early = {d.id for d in pack.documents("t0")}
    assert {d for e in examples for d in e.documents} <= early


def test_answers_state_the_facts_they_name(pack: FolderPack, examples: list[Example]) -> None:
    facts = {f.id: f for f in pack.facts()}
    for example in examples:
        answer = example.messages[1].content
        for name in example.facts:
            if facts[name].kind != "date":
                assert facts[name].value in answer, example.id
        assert [m.role for m in example.messages] == ["user", "assistant"]
        assert len(answer.split()) <= 30


def test_the_strata_are_balanced_as_planned(examples: list[Example]) -> None:
    strata = Counter(e.stratum for e in examples)
    absent = strata["oracle_absent_stable"] + strata["oracle_absent_abstain"]
    assert 0.1 <= absent / (absent + strata["oracle_present"]) <= 0.2
    tasks = Counter(e.task for e in examples)
    assert tasks["intent"] == 60
    assert tasks["json"] == 30
    stable = {f for e in examples if e.stratum == "closed_book" for f in e.facts}
    assert 90 <= len(stable) <= 110


def test_labels_and_forms_are_sound(examples: list[Example]) -> None:
    counts = Counter(e.messages[1].content for e in examples if e.task == "intent")
    assert set(counts) == set(labels())
    assert min(counts.values()) == 2 < max(counts.values())
    for example in examples:
        if example.task == "json":
            assert example.json_schema is not None
            assert set(json.loads(example.messages[1].content)) == set(
                example.json_schema["required"]
            )


def test_training_users_are_never_asked_about(pack: FolderPack, examples: list[Example]) -> None:
    asked = {i.user for i in pack.items() if i.user}
    assert not asked & {e.user for e in examples if e.user}
    assert any(e.user for e in examples)
