"""Training on the real model: a handful of facts, learnt by heart in seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import UsageError
from evals.core.schema import Message
from systems.engines.base import EngineSettings, Prompt
from systems.engines.local import LocalEngine
from systems.models import DEFAULT_LM
from systems.training.adapters import WEIGHTS
from systems.training.curve import CURVE
from systems.training.data import Sample
from systems.training.estimate import spell
from systems.training.recipe import Recipe
from systems.training.trainer import plan, refuse_several, train

COLOURS = {"Zurbeth kettle": "plum", "Bumuth lamp": "amber", "Kifek fan": "jade"}
RECIPE = Recipe(name="tiny", epochs=8, lr=2e-3, rank=8, alpha=16, tokens=256, dtype="float32")


def asking(thing: str) -> tuple[Message, ...]:
    return (Message("user", f"What colour is the {thing}?"),)


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return [Sample(t, "answer", asking(t), f"The {t} comes in {c}.") for t, c in COLOURS.items()]


def trained(samples: list[Sample], folder: Path) -> tuple[Path, dict[str, Any]]:
    out = folder / "out"
    return out, train(RECIPE, samples, DEFAULT_LM, 3, work=folder / "work", out=out, start=None)


@pytest.mark.real
def test_facts_are_learnt_and_the_same_again(
    samples: list[Sample], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, notes = trained(samples, tmp_path / "a")
    losses = [json.loads(line)["loss"] for line in (first / CURVE).read_text().splitlines()]
    assert len(losses) == notes["steps"] == 8
    assert losses[-1] < 0.25 * losses[0]
    assert f"step 8/8, loss {losses[-1]:.3f}" in capsys.readouterr().err
    assert (first / "loss.png").stat().st_size > 1000

    again, _ = trained(samples, tmp_path / "b")
    assert (again / WEIGHTS).read_bytes() == (first / WEIGHTS).read_bytes()

    engine = LocalEngine(DEFAULT_LM, EngineSettings(), first)
    engine.open()
    prompts = [Prompt(t, asking(t), 16) for t in COLOURS]
    answers = {g.key: g.text for g in engine.generate(prompts, "throughput")}
    assert answers == {t: f"The {t} comes in {c}." for t, c in COLOURS.items()}


@pytest.mark.real
def test_a_long_training_is_refused_before_its_first_step(
    samples: list[Sample], tmp_path: Path
) -> None:
    voice_score: list[str] = []
    with pytest.raises(UsageError, match="would take about") as refused:
        train(
            RECIPE, samples, DEFAULT_LM, 3, work=tmp_path / "w", out=tmp_path / "out", start=None,
            limit=1e-6, progress=voice_score.append,
        )  # fmt: skip
    (line,) = voice_score
    assert line.startswith("tiny: 8 steps in float32, about ")
    assert line.endswith(" tokens/s (measured)")
    assert "--train" in str(refused.value)
    assert not (tmp_path / "out").exists()
    assert not list((tmp_path / "w").glob("checkpoint-*"))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(40, "40 s"), (720, "12 min"), (15_600, "4 h 20 min"), (3570, "1 h 0 min")],
)
def test_durations_are_spelt_for_people(seconds: float, words: str) -> None:
    assert spell(seconds) == words


def test_a_recipe_without_a_layer_to_train_is_refused_before_anything_is_loaded(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "systems.training.trainer.load", lambda *_: pytest.fail("the model was loaded")
    )
    recipe = Recipe(name="high", first_layer=30)
    with pytest.raises(UsageError, match=r"0 to 29: smollm2-135m has 30 layers"):
        train(
            recipe, samples, DEFAULT_LM, 3, work=tmp_path / "work", out=tmp_path / "out", start=None
        )


def test_repeats_are_spread_and_no_batch_exceeds_its_budget() -> None:
    recipe = Recipe(tokens=64, repeats={"often": 3}, epochs=2)
    tokens = [([i] * (10 + i), 5) for i in range(12)]
    tasks = ["often" if i % 2 else "once" for i in range(12)]
    batches = plan(recipe, tokens, tasks, 0)
    seen = [ids[0] for batch in batches for ids, _ in batch]
    assert all(seen.count(i) == (6 if i % 2 else 2) for i in range(12))
    assert all(len(b) * max(len(ids) for ids, _ in b) <= 64 for b in batches)
    assert plan(recipe, tokens, tasks, 0) == batches
    assert plan(recipe, tokens, tasks, 1) != batches


def test_several_gpus_are_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="one GPU") as caught:
        refuse_several(2)
    assert "CUDA_VISIBLE_DEVICES=0" in str(caught.value)
    refuse_several(1)
    refuse_several(0)
