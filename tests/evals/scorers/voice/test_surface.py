"""Marks that any text can wear do not make a voice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evals.core.interfaces import Pack
from evals.core.paths import cache_dir
from evals.scorers.voice import model as voice_model
from evals.scorers.voice.decoys import KINDS, decoys
from evals.scorers.voice.model import MOST_FLIPS, VoiceModel, swapped
from evals.scorers.voice.surface import SWAPS, plain
from suites.packs.reader import open_pack
from suites.world.generate import default_pack, generate
from suites.world.size import Size

BRANDS = ("ashgrove", "axiom", "fernbank")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is 5 days!!!", "It is 5 days."),
        ("Hi there! It's 5 days!", "It is 5 days."),
        ("Hello Ann! Thanks for asking! We're open 🎉", "We are open"),
        ("You won’t, can't and don't.", "You will not, cannot and do not."),
        ("Really?! Yes…", "Really? Yes."),
        ("Hi there!", "Hi there."),
        ("The high street is closed.", "The high street is closed."),
    ],
)
def test_the_surface_is_taken_off(text: str, expected: str) -> None:
    assert plain(text) == expected


@pytest.fixture(scope="module")
def pack() -> Pack:
    return open_pack(default_pack(cache_dir(), 0))


def _model(pack: Pack, brand: str) -> VoiceModel:
    key = pack.identity, brand
    if key not in _MODELS:
        found = voice_model.fit(pack.voices(), brand)
        assert found is not None
        _MODELS[key] = found
    return _MODELS[key]


_MODELS: dict[tuple[str, str], VoiceModel] = {}


@pytest.mark.parametrize("brand", BRANDS)
@pytest.mark.parametrize("swap", SWAPS)
def test_a_swap_leaves_the_verdicts_of_held_out_texts(pack: Pack, brand: str, swap: str) -> None:
    model = _model(pack, brand)
    held = [s for s in pack.voices() if s.split == "held_out"]
    cut = model.scale.neutral + model.threshold * (model.scale.own - model.scale.neutral)
    assert swapped(model.learned, held, cut)[swap] <= MOST_FLIPS
    assert model.valid and model.scale.flips <= MOST_FLIPS


def test_a_model_that_reads_marks_is_invalid(pack: Pack) -> None:
    model = _model(pack, BRANDS[0])
    assert not replace(model, scale=replace(model.scale, flips=0.11)).valid


@pytest.mark.parametrize("brand", BRANDS)
def test_strange_voices_are_not_on_brand(pack: Pack, brand: str) -> None:
    model = _model(pack, brand)
    taken = [s.text for s in decoys() if model.value(s.text) >= model.threshold]
    assert len(taken) / len(decoys()) <= 0.05
    for text in (  # none of them is among the decoys
        "You idiot! It is 2014!",
        "Shut up and read the manual, moron! It is 5 days.",
        "The company reported quarterly revenue of 3 million on Tuesday.",
        "The parties agree that the licensee shall not sublicense the software.",
        "We are so sorry, we apologise for the trouble this has caused you!",
    ):
        assert model.value(text) < model.threshold


def test_decoys_share_their_contents() -> None:
    by_kind = [{s.content for s in decoys((kind,))} for kind in KINDS]
    assert all(contents == by_kind[0] for contents in by_kind)


@pytest.mark.slow
def test_another_company_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("other") / "pack"
    other = open_pack(generate(folder, 4711, Size().scaled(0.3)))
    for brand in sorted({s.voice for s in other.voices()} - {"neutral"}):
        model = _model(other, brand)
        assert model.scale.flips <= MOST_FLIPS
        assert model.value("You idiot! It is 2014!") < model.threshold
