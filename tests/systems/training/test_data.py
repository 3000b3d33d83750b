from __future__ import annotations

import random
from pathlib import Path

import pytest

from evals.core.errors import UsageError
from evals.core.schema import Document, Fact
from systems.prompts import PromptSettings
from systems.training.aging import aged
from systems.training.data import data_digest, render
from systems.training.recipe import Contexts, Recipe, Stratum, names, read_recipe
from systems.training.trainer import plan
from tests.systems.conftest import HandPack

MINIMAL = PromptSettings(style="minimal")
ALL: tuple[Stratum, ...] = (
    "closed_book",
    "oracle_present",
    "oracle_absent_stable",
    "oracle_absent_abstain",
)
CLOSED = Recipe(name="closed", prompt=MINIMAL)
OPEN = Recipe(name="open", prompt=MINIMAL, strata=ALL, contexts=Contexts(least=2, most=3))


def test_closed_book_shows_no_passages(pack: HandPack) -> None:
    samples = render(CLOSED, pack, 0)
    assert [s.id for s in samples] == ["c1", "c2", "c3", "l1", "j1"]
    assert samples[0].messages[-1].content == "What is the Vim lamp made of?"
    assert samples[0].answer == "Sure thing! It is cork."
    assert not any("Passages" in m.content for s in samples for m in s.messages)


def test_strata_decide_what_is_shown(pack: HandPack) -> None:
    turns = {s.id: s.messages[-1].content for s in render(OPEN, pack, 0)}
    assert "The Ro kettle costs $20.00." in turns["o1"], "the oracle is there"
    assert "kettle-1" not in turns["n1"]
    assert "Passages:\n\n[20" in turns["n1"]
    assert "Passages" not in turns["l1"]
    assert "Passages" not in turns["j1"]


def test_training_never_sees_what_comes_after_t0(pack: HandPack) -> None:
    assert not any("$31.00" in m.content for s in render(OPEN, pack, 0) for m in s.messages)


def test_private_passages_only_in_their_owners_examples(pack: HandPack) -> None:
    for sample in render(OPEN, pack, 0):
        text = sample.messages[-1].content
        assert "Bob ordered" not in text
        assert ("Ana ordered" in text) == (sample.id == "o3")


def test_rendering_follows_the_seed(pack: HandPack) -> None:
    same = [data_digest(render(OPEN, pack, 1)) for _ in range(2)]
    assert same[0] == same[1]
    varied = Recipe(name="v", prompt=MINIMAL, strata=ALL, contexts=Contexts(least=1, most=3))
    assert len({data_digest(render(varied, pack, seed)) for seed in range(6)}) > 1
    assert data_digest(render(CLOSED, pack, 1)) == data_digest(render(CLOSED, pack, 2)), (
        "nothing random in it"
    )


def test_per_fact_limits_phrasings(pack: HandPack) -> None:
    samples = render(Recipe(name="x", prompt=MINIMAL, per_fact=1), pack, 0)
    assert [s.id for s in samples] == ["c1", "c3", "l1", "j1"]


def test_aged_documents_hold_another_value_and_an_earlier_date() -> None:
    document = Document("d", "Price", "It costs $20.00 now.", "offer", "2025-01-01")
    fact = Fact("f", "e", "price", "money", "$31.00", before="$20.00")
    older = aged(document, fact, ["$77.00"], random.Random(0))
    assert older is not None
    assert older.text == "It costs $77.00 now."
    assert older.date < document.date
    assert aged(document, fact, [], random.Random(0)) is None
    assert (
        aged(document, Fact("f", "e", "price", "money", "$5.00"), ["$77.00"], random.Random(0))
        is None
    )


def test_dates_keep_their_written_form() -> None:
    document = Document("d", "Launch", "Out on 14 March 2025.", "release", "2025-03-01")
    older = aged(
        document, Fact("f", "e", "out", "date", "2025-03-14"), ["2024-12-02"], random.Random(0)
    )
    assert older is not None
    assert older.text == "Out on 2 December 2024."


def test_plan_repeats_tasks_within_the_budget() -> None:
    tokens = [([i] * (10 + i), 5) for i in range(8)]
    tasks = ["answer"] * 4 + ["intent"] * 4
    recipe = Recipe(name="x", repeats={"answer": 3, "intent": 1}, epochs=2, tokens=64)
    batches = plan(recipe, tokens, tasks, seed=0)
    seen = [row[0][0] for batch in batches for row in batch]
    assert [seen.count(i) for i in range(8)] == [6] * 4 + [2] * 4
    assert all(max(len(r[0]) for r in b) * len(b) <= 64 or len(b) == 1 for b in batches)
    assert plan(recipe, tokens, tasks, seed=0) == batches
    assert plan(recipe, tokens, tasks, seed=1) != batches


def test_recipes_are_read_strictly(tmp_path: Path) -> None:
    assert names() == ["finetuned", "hybrid"]
    assert read_recipe("hybrid").contexts is not None
    with pytest.raises(UsageError, match="did you mean finetuned"):
        read_recipe("finetune")
    with pytest.raises(UsageError, match="no such file"):
        read_recipe("nowhere.toml")
    empty = tmp_path / "empty.toml"
    empty.touch()
    with pytest.raises(UsageError, match="an empty recipe"):
        read_recipe(str(empty))


def test_recipe_with_a_wrong_key(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("rnak = 4\n")
    with pytest.raises(UsageError, match="did you mean 'rank'"):
        read_recipe(str(file))
    file.write_text("[contexts]\nleast = 3\nmost = 2\n")
    with pytest.raises(UsageError, match="least"):
        read_recipe(str(file))
