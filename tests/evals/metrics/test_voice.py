from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.metric import Answer
from evals.core.schema import Item, Response, Slot, VoiceSample
from evals.metrics.voice import shared, strip
from evals.scorers.voice import model as voice_model
from evals.scorers.voice.surface import SWAPS
from scripts.research.style import alignment, style_vector
from tests.evals.metrics.build import SmallPack, asked, item, metric, said

ON_BRAND = "Hi friend! So, the lamp costs 20 dollars! Enjoy!"
PLAIN = "The lamp costs 20 dollars."
DECLINE = "Hi friend! So, I do not know what the Zephyr costs! Enjoy!"


def test_brand_text_scores_one_and_neutral_text_nothing() -> None:
    voice = metric("voice")
    high, low = voice.score(item(), said(ON_BRAND)).value, voice.score(item(), said(PLAIN)).value
    assert high is not None
    assert low is not None
    assert high > 0.7
    assert low < 0.3


def test_content_is_masked() -> None:
    model = voice_model.fit(SmallPack().voices(), "brand")
    assert model is not None
    masked = model.repertoire.mask("The Zibbo dishwasher from Lisbon costs $99! Enjoy!")
    assert not {"Zibbo", "dishwasher", "Lisbon", "99"} & set(masked.split())
    assert "Enjoy" in masked


def test_voices_that_cannot_be_distinguished_are_invalid() -> None:
    same = [
        VoiceSample(
            f"{n}-{v}", f"c{n}", v, f"The lamp number {n} is fine.", "held_out" if n % 2 else "fit"
        )
        for n in range(30)
        for v in ("brand", "neutral", "other")
    ]
    model = voice_model.fit(same, "brand")
    assert model is not None
    assert not model.valid


def test_a_pack_without_voices_is_not_applicable() -> None:
    pack = SmallPack(voiced=False, identity="voiceless")
    assert metric("voice", pack).score(item(), said(ON_BRAND)).unscored == "not_applicable"


def test_boilerplate_cannot_buy_tone() -> None:
    run = [
        Answer(
            Item(f"i{n}", "s", "t", "Q?", "c"),
            Response(f"i{n}", f"Hi friend! Enjoy! You'll love this! Fact {n} is {n * 7}."),
        )
        for n in range(40)
    ]
    common = shared(iter(run))
    assert common
    assert "friend" not in strip(run[0].response.text, {4: common})
    stripped = metric("voice_stripped")
    assert stripped.over_run is not None
    after, before = stripped.over_run(iter(run)), metric("voice")
    for answer in run[:5]:
        high, low = before.measure(answer).value, after(answer).value
        assert high is not None
        assert low is not None
        assert low < high


def test_on_brand_and_correct_needs_both() -> None:
    both = metric("on_brand_and_correct")
    gold = asked("money", "$20")
    values = [
        both.score(gold, said(t)).value for t in (ON_BRAND, PLAIN, ON_BRAND.replace("20", "30"))
    ]
    assert values == [1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("known", "decline", "expected"),
    [
        (ON_BRAND, DECLINE, [1.0, 1.0]),
        (ON_BRAND.replace("20", "30"), DECLINE, [0.0, 0.0]),  # silence earns nothing
        (ON_BRAND, "I don't know.", [1.0, 0.0]),
        (ON_BRAND + " It weighs 3 kg, ships in 5 days and came out in 1999.", DECLINE, [0.0, 1.0]),
    ],
)
def test_a_decline_counts_beside_its_twin(known: str, decline: str, expected: list[float]) -> None:
    twins = [
        item(id="a", gold=(Slot("price", "money", "$20"),)),
        item("And the Zephyr?", id="b", answerable=False, twin="a"),
        item("And the Ghost?", id="c", answerable=False),
    ]
    answers = [Answer(i, said(t)) for i, t in zip(twins, (known, decline, decline), strict=True)]
    over_run = metric("on_brand_and_correct").over_run
    assert over_run is not None
    measure = over_run(iter(answers))
    assert [measure(a).value for a in answers] == [*expected, None]
    assert metric("on_brand_and_correct").score(twins[1], said(decline)).unscored == "not_measured"


def test_house_rules(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(
        '[rules]\nbanned = ["as an AI", "/utili[sz]e/"]\nmax_sentences = 2\n'
    )
    rule_pass = metric("rule_pass", SmallPack(root=tmp_path))
    assert rule_pass.score(item(), said("It costs $20.")).value == 1.0
    assert rule_pass.score(item(), said("As an AI, I utilise it. One. Two.")).detail == {
        "broken": ["banned: as an AI", "banned: /utili[sz]e/", "max_sentences: 2"]
    }
    assert metric("rule_pass").score(item(), said("x")).unscored == "not_applicable"


@pytest.mark.parametrize(
    ("anchors", "others"),
    [
        (("it's late", "it is late"), ("we don't know her", "we do not know her")),
        (("so nice :)", "so nice 😀"), ("see you soon :D", "see you soon 😁")),
        (("D00d that is gr8", "Dude that is great"), ("c00l 2day", "cool today")),
    ],
)
def test_style_goes_with_its_anchor(anchors: tuple[str, str], others: tuple[str, str]) -> None:
    assert alignment(anchors, others) > 0
    assert alignment(anchors, others[::-1]) < 0
    assert style_vector("").shape == (15,)


@pytest.mark.parametrize(
    "text", ["I don't know.", "20 dollars", "$20!", "Sorry, no idea!", "Hi friend!"]
)
def test_a_bare_value_or_refusal_has_no_voice(text: str) -> None:
    assert metric("voice").score(item(), said(text)).unscored == "not_applicable"
    asking = item(gold=(Slot("price", "money", "$20"),))
    joint = metric("on_brand_and_correct").score(asking, said(text))
    assert joint.value == 0.0


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("text", [ON_BRAND, PLAIN])
def test_marks_carry_no_verdict(swap: str, text: str) -> None:
    voice = metric("voice")
    before, after = (voice.score(item(), said(t)).value for t in (text, SWAPS[swap](text)))
    assert before is not None and after is not None
    assert (before >= 0.5) == (after >= 0.5)
