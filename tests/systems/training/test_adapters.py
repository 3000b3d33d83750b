"""An adapter is used only where it fits exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import UsageError
from evals.core.identity import file_digest
from evals.core.interfaces import Setup
from evals.core.paths import cache_dir
from evals.core.registry import open_pack
from systems.models import DEFAULT_LM
from systems.training import adapters
from systems.training.adapters import MANIFEST, WEIGHTS, fits, ready, wanted
from tests.systems.conftest import HandPack

Train = Callable[..., dict[str, Any]]


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Replaces the trainer; returns the names of the recipes that were trained."""
    names: list[str] = []

    def train(
        recipe: Any, samples: Any, base: str, seed: int, *, out: Path, **_: Any
    ) -> dict[str, Any]:
        names.append(recipe.name)
        out.mkdir()
        (out / WEIGHTS).write_text(f"{recipe.name} {seed} {len(samples)}")
        (out / "adapter_config.json").write_text("{}")
        return {"loss": 0.1}

    monkeypatch.setattr("systems.training.trainer.train", train)
    monkeypatch.setattr(adapters, "COMMITTED", tmp_path / "committed")
    return names


def test_trained_once_and_kept(setup: Setup, trained: list[str]) -> None:
    first = ready(wanted("finetuned", DEFAULT_LM, setup), setup)
    assert ready(wanted("finetuned", DEFAULT_LM, setup), setup) == first
    assert trained == ["finetuned"]
    manifest = json.loads((first / MANIFEST).read_text())
    assert manifest["files"][WEIGHTS] == file_digest(first / WEIGHTS)
    assert manifest["from"]["seed"] == 0
    assert not list(first.parent.glob(".*partial"))


def test_hybrid_starts_from_finetuned(setup: Setup, trained: list[str]) -> None:
    ready(wanted("hybrid", DEFAULT_LM, setup), setup)
    assert trained == ["finetuned", "hybrid"]


@pytest.mark.parametrize("chain", [["a", "a"], ["a", "b", "a"]])
def test_a_recipe_that_starts_from_itself_is_refused(
    setup: Setup, tmp_path: Path, chain: list[str]
) -> None:
    files = [str(tmp_path / f"{name}.toml") for name in chain]
    for file, init in pairwise(files):
        Path(file).write_text(f"init = {json.dumps(init)}")
    with pytest.raises(UsageError, match="starts from itself") as message:
        wanted(files[0], DEFAULT_LM, setup)
    assert message.value.found == " <- ".join(files)


def test_another_seed_data_or_base_is_another_adapter(
    setup: Setup, pack: HandPack, tmp_path: Path
) -> None:
    plain = wanted("finetuned", DEFAULT_LM, setup).hash
    assert wanted("finetuned", DEFAULT_LM, Setup(pack, setup.cache, seed=1)).hash != plain
    assert wanted("finetuned", "owner/model", setup).hash != plain
    pack.own_examples = pack.own_examples[1:]
    assert wanted("finetuned", DEFAULT_LM, setup).hash != plain


def test_optimiser_settings_name_the_adapter_and_its_description_does_not(
    setup: Setup, tmp_path: Path
) -> None:
    def hashed(text: str) -> str:
        file = tmp_path / "r.toml"
        file.write_text(text)
        return wanted(str(file), DEFAULT_LM, setup).hash

    assert hashed('about = "one"') == hashed('about = "two"')
    assert hashed("lr = 1e-4") != hashed("lr = 2e-4")


@pytest.mark.parametrize("damage", ["weights", "manifest", "gone"])
def test_damaged_adapters_are_trained_again(setup: Setup, trained: list[str], damage: str) -> None:
    want = wanted("finetuned", DEFAULT_LM, setup)
    folder = ready(want, setup)
    if damage == "weights":
        (folder / WEIGHTS).write_text("bits rot")
    elif damage == "manifest":
        (folder / MANIFEST).write_text("{")
    else:
        (folder / WEIGHTS).unlink()
    assert not fits(folder, want)
    assert fits(ready(want, setup), want)
    assert trained == ["finetuned", "finetuned"]


def test_committed_adapter_is_used_where_it_fits_and_reported_where_it_does_not(
    setup: Setup, trained: list[str], pack: HandPack, tmp_path: Path
) -> None:
    want = wanted("finetuned", DEFAULT_LM, setup)
    committed = adapters.COMMITTED / "finetuned"
    committed.parent.mkdir()
    ready(want, setup).rename(committed)
    assert ready(want, setup) == committed
    assert trained == ["finetuned"]
    pack.own_examples = pack.own_examples[1:]
    message: list[str] = []
    changed = Setup(pack, setup.cache, progress=message.append)
    assert ready(wanted("finetuned", DEFAULT_LM, changed), changed) != committed
    assert "does not fit (data differ)" in message[0]


def test_interrupted_training_leaves_nothing_to_use(
    setup: Setup, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    want = wanted("finetuned", DEFAULT_LM, setup)

    def stop(*_: Any, work: Path, **__: Any) -> dict[str, Any]:
        (work / "checkpoint-1").mkdir()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("systems.training.trainer.train", stop)
        ready(want, setup)
    assert not any((p / MANIFEST).exists() for p in (setup.cache / "adapters").iterdir())
    message: list[str] = []
    ready(want, Setup(setup.pack, setup.cache, progress=message.append))
    assert any("checkpoint" in t for t in message)
    assert trained == ["finetuned"]


def test_folder_adapters_and_wrong_references(setup: Setup, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(UsageError, match="holds no adapter"):
        wanted(str(folder), DEFAULT_LM, setup)
    (folder / WEIGHTS).write_text("w")
    (folder / "adapter_config.json").write_text("{}")
    want = wanted(str(folder), DEFAULT_LM, setup)
    assert ready(want, setup) == folder
    with pytest.raises(UsageError, match="unknown recipe"):
        wanted("no_such", DEFAULT_LM, setup)


def test_pack_without_examples_is_reported(setup: Setup, pack: HandPack) -> None:
    pack.own_examples = ()
    with pytest.raises(UsageError, match="no training example"):
        wanted("finetuned", DEFAULT_LM, setup)


@pytest.mark.parametrize("name", ["finetuned", "hybrid"])
def test_bundled_adapters_fit_the_bundled_pack(name: str) -> None:
    """`make eval` of a bundled system on the bundled pack never trains, whatever the processor."""
    setup = Setup(pack=open_pack("default", cache_dir()), cache=cache_dir())
    assert fits(adapters.COMMITTED / name, wanted(name, DEFAULT_LM, setup))
