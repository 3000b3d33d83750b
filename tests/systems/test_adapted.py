from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import SystemFailure, UsageError
from evals.core.interfaces import Setup
from evals.core.registry import read_config, system_config
from evals.core.schema import Request
from systems.adapted import Adapted, build
from systems.training.recipe import read_recipe
from tests.systems.conftest import ITEMS, HandPack

BUNDLED = ("base", "rag", "finetuned", "hybrid", "finetuned_rag", "oracle_context")
FAKE = {"engine": {"kind": "fake"}}
BM25 = {"retriever": {"kind": "bm25", "k": 2}}


def opened(settings: dict[str, Any], setup: Setup) -> Adapted:
    system = build({"name": "x", **settings})
    system.open(setup)
    return system


@pytest.mark.parametrize(("lookup", "looked_up"), [(None, False), (True, True), (False, False)])
def test_a_request_with_choices_is_looked_up_where_it_says_so(
    setup: Setup, lookup: bool | None, looked_up: bool
) -> None:
    request = Request("c", "Does the kettle come in teal?", choices=("yes", "no"), lookup=lookup)
    answer = next(iter(opened({**FAKE, **BM25}, setup).answer([request], "throughput")))
    assert (answer.passages is not None) is looked_up


def requests() -> list[Request]:
    return [Request(i.id, i.question, i.user, i.time, i.choices, i.json_schema) for i in ITEMS]


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_configs_build(name: str) -> None:
    assert system_config(name).build().name == name


def test_families_of_the_two_by_two() -> None:
    def family(name: str) -> tuple[bool, bool]:
        settings = system_config(name).settings
        return "retriever" in settings, "adapter" in settings

    assert [family(n) for n in BUNDLED[:4]] == [
        (False, False),
        (True, False),
        (False, True),
        (True, True),
    ]


@pytest.mark.parametrize("name", ["finetuned", "hybrid"])
def test_recipes_render_as_their_system_asks(name: str) -> None:
    system, recipe = build(system_config(name).settings), read_recipe(name)
    assert system.settings.prompt == recipe.prompt
    assert (system.settings.retriever is None) == (recipe.contexts is None)
    if recipe.contexts is not None and system.settings.retriever is not None:
        assert recipe.contexts.chunk == system.settings.retriever.chunk
        assert recipe.contexts.least <= system.settings.retriever.k <= recipe.contexts.most


@pytest.mark.parametrize("mode", ["throughput", "latency"])
def test_every_request_is_answered_once_with_passages_and_timings(setup: Setup, mode: Any) -> None:
    answers = list(opened({**FAKE, **BM25}, setup).answer(requests(), mode))
    assert sorted(a.item for a in answers) == sorted(i.id for i in ITEMS)
    by_item = {a.item: a for a in answers}
    assert by_item["i1"].passages is not None
    assert by_item["i1"].passages[0].document.startswith("kettle")
    assert by_item["i3"].text in ("delivery", "billing")
    assert by_item["i3"].passages is None, "a request that brings its own text is not looked up"
    for answer in answers:
        assert answer.timings is not None
        assert answer.timings.measured == mode
        assert answer.timings.total > 0


def test_failures_stay_with_their_request(setup: Setup) -> None:
    system = opened({"engine": {"kind": "fake", "options": {"fail": 1.0}}}, setup)
    answers = list(system.answer(requests(), "throughput"))
    assert [a.error.kind for a in answers if a.error] == ["fake"] * len(ITEMS)


def test_engine_that_is_down_fails_the_system(setup: Setup) -> None:
    with pytest.raises(SystemFailure, match="down"):
        opened({"engine": {"kind": "fake", "options": {"down": True}}}, setup)


def test_asking_before_opening_is_reported() -> None:
    with pytest.raises(SystemFailure, match="before it was opened"):
        list(build(FAKE).answer(requests(), "throughput"))


def test_identity_names_everything_that_changes_answers(setup: Setup) -> None:
    plain = build({**FAKE, **BM25}).identity(setup)
    for change in ({"prompt": {"shots": 1}}, {"retriever": {"kind": "bm25", "k": 3}}):
        assert build({**FAKE, **BM25, **change}).identity(setup) != plain
    assert build({**FAKE, **BM25, "name": "other"}).identity(setup) == plain
    assert plain["code"]


def test_identity_changes_with_training_data(setup: Setup, pack: HandPack) -> None:
    settings = {**FAKE, "adapter": "finetuned"}
    before = build(settings).identity(setup)
    pack.own_examples = pack.own_examples[1:]
    assert build(settings).identity(setup)["adapter"]["hash"] != before["adapter"]["hash"]


def test_gold_retrieval_is_privileged_and_refused_without_gold(setup: Setup) -> None:
    system = build({**FAKE, "retriever": {"kind": "gold"}})
    assert system.privileged
    with pytest.raises(UsageError, match="privileged"):
        system.open(setup)
    message = Setup(setup.pack, setup.cache, gold={i.id: i for i in ITEMS})
    system.open(message)
    found = {a.item: a.passages for a in system.answer(requests(), "throughput")}
    assert [p.document for p in found["i1"] or ()] == ["kettle-2"]
    assert found["i2"] == ()


def test_user_file_with_a_wrong_key_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('kind = "adapted"\nmodle = "x"\n')
    with pytest.raises(UsageError, match="did you mean 'model'"):
        read_config(file).build()


def test_a_device_that_is_not_there_is_refused_before_anything_is_trained(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []
    monkeypatch.setattr(Adapted, "_ready_adapter", lambda *_: begun.append("training"))
    with pytest.raises(UsageError, match="device is not available"):
        opened({"adapter": "hybrid", "engine": {"device": "warp:9"}}, setup)
    assert begun == []
