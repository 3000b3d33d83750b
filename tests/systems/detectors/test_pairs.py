from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from systems.detectors.local import build
from systems.detectors.network import Network
from systems.detectors.pairs import READINGS
from tests.systems.detectors.tiny import copying, pieces, places, random, small, source, words

pytestmark = pytest.mark.real

NLI = {
    "id2label": {0: "entailment", 1: "not_entailment"},
    "label2id": {"entailment": 0, "not_entailment": 1},
}
LAMP = source("The Vim lamp weighs 3 kg and costs 20 dollars.")
KETTLE = source("", "The Ro kettle is made of steel.", "It boils in two minutes.")
FILLER = source("", *["You may return goods within 30 days with a receipt."] * 40)
COPY, OTHER = "The lamp weighs 3 kg.", "The lamp is painted red."


def test_a_copied_sentence_is_supported_and_an_invented_one_is_not(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForSequenceClassification", **NLI)))
    answer = f"{COPY} {OTHER}"
    risks = model.risks("", [FILLER, LAMP, KETTLE], answer, places(answer, COPY, OTHER))
    assert [answer[r.start : r.end] for r in risks] == [COPY, OTHER]
    assert risks[0].risk < 0.1
    assert risks[1].risk > 0.9


@pytest.mark.parametrize("before", range(12))
def test_a_sentence_may_join_what_near_sentences_say_wherever_windows_end(
    tmp_path: Path, before: int
) -> None:
    model = build(str(copying(tmp_path, "BertForSequenceClassification", **NLI)))
    answer = "The Ro kettle boils in two minutes."
    near = source(
        "",
        *FILLER.sentences[:before],
        KETTLE.sentences[0],
        FILLER.sentences[0],
        KETTLE.sentences[1],
    )
    far = source("", KETTLE.sentences[0], *FILLER.sentences, KETTLE.sentences[1])
    (joined,) = model.risks("", [near], answer, places(answer))
    (apart,) = model.risks("", [far], answer, places(answer))
    assert joined.risk < 0.1
    assert apart.risk > 0.9


def test_the_end_of_a_long_sentence_is_read(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForSequenceClassification", **NLI)))
    (found,) = model.risks(
        "", [source("you may return goods and " * 60 + LAMP.text)], COPY, places(COPY)
    )
    assert found.risk < 0.1


def test_labels_are_found_by_name(tmp_path: Path) -> None:
    """The same network with its labels the other way round says the opposite."""
    turned = {
        "id2label": {0: "contradiction", 1: "ENTAILMENT"},
        "label2id": {"contradiction": 0, "ENTAILMENT": 1},
    }
    straight = build(str(copying(tmp_path / "a", "BertForSequenceClassification", **NLI)))
    reverse = build(str(copying(tmp_path / "b", "BertForSequenceClassification", **turned)))
    for text in (COPY, OTHER):
        (one,), (other,) = (m.risks("", [LAMP], text, places(text)) for m in (straight, reverse))
        assert one.risk == pytest.approx(1 - other.risk, abs=1e-6)


def logits(folder: Path, loader: str, *texts: Any, **inputs: Any) -> torch.Tensor:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = getattr(transformers, loader).from_pretrained(folder).eval()
    with torch.inference_mode():
        found: torch.Tensor = network(**tokenizer(*texts, return_tensors="pt"), **inputs).logits
    return found


def test_three_labels_give_the_probability_of_entailment(tmp_path: Path) -> None:
    names = {0: "contradiction", 1: "entailment", 2: "neutral"}
    folder = random(
        tmp_path,
        "DebertaV2ForSequenceClassification",
        "DebertaV2Config",
        words(),
        **small(
            relative_attention=True,
            pos_att_type=["p2c", "c2p"],
            position_buckets=16,
            type_vocab_size=0,
        ),
        id2label=names,
        label2id={v: k for k, v in names.items()},
    )
    (found,) = build(str(folder)).risks("", [LAMP], COPY, places(COPY))
    wanted = logits(folder, "AutoModelForSequenceClassification", LAMP.text, COPY).softmax(-1)[0, 1]
    assert 1 - found.risk == pytest.approx(float(wanted), abs=1e-5)


def test_minicheck_reads_one_text_and_takes_the_best_chunk(tmp_path: Path) -> None:
    folder = random(
        tmp_path,
        "RobertaForSequenceClassification",
        "RobertaConfig",
        pieces(),
        **small(max_position_embeddings=98),
    )
    said = [f"The Vim lamp {n} weighs 3 kg and costs 20 dollars." for n in range(8)]
    model = build(str(folder))
    (found,) = model.risks("", [source("", *said)], COPY, places(COPY))
    network = Network(folder, "AutoModelForSequenceClassification", offline=True)
    assert network.window == 96
    premises = build_premises(model, said)
    assert len(premises) > 1
    support = [
        float(
            logits(folder, "AutoModelForSequenceClassification", f"{p}</s>{COPY}").softmax(-1)[0, 1]
        )
        for p in premises
    ]
    assert 1 - found.risk == pytest.approx(max(support), abs=1e-5)
    assert max(support) > min(support)


def build_premises(model: Any, said: Sequence[str]) -> list[str]:
    detector = model._detector
    (longest,) = detector._network.count([COPY])
    found: list[str] = detector._premises(
        [source("", *said)], detector._network.window - longest - 12
    )
    assert " ".join(found) == " ".join(said)
    return found


def test_a_cross_encoder_with_one_output_judges_the_whole_answer(tmp_path: Path) -> None:
    folder = random(
        tmp_path, "BertForSequenceClassification", "BertConfig", words(), **small(), num_labels=1
    )
    answer = f"{COPY} {OTHER}"
    (found,) = build(str(folder)).risks("", [LAMP], answer, places(answer, COPY, OTHER))
    wanted = logits(folder, "AutoModelForSequenceClassification", LAMP.text, answer).sigmoid()[0, 0]
    assert (found.start, found.end) == (0, len(answer))
    assert 1 - found.risk == pytest.approx(float(wanted), abs=1e-5)


def test_a_t5_says_one_or_zero(tmp_path: Path) -> None:
    folder = random(
        tmp_path,
        "T5ForConditionalGeneration",
        "T5Config",
        words(),
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=2,
        decoder_start_token_id=0,
        eos_token_id=3,
    )
    (found,) = build(str(folder)).risks("", [LAMP], COPY, places(COPY))
    start = torch.zeros((1, 1), dtype=torch.long)
    asked = f"predict: {LAMP.text}[SEP]{COPY}"
    said = logits(folder, "AutoModelForSeq2SeqLM", asked, decoder_input_ids=start)[0, 0]
    digits = [words()(d, add_special_tokens=False)["input_ids"][0] for d in "01"]
    assert 1 - found.risk == pytest.approx(float(said[digits].softmax(-1)[1]), abs=1e-5)


def test_batches_do_not_change_what_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = random(
        tmp_path, "BertForSequenceClassification", "BertConfig", words(), **small(), **NLI
    )
    answer = f"{COPY} {OTHER}"
    asked = ("", [FILLER, LAMP, KETTLE], answer, places(answer, COPY, OTHER))
    together = build(str(folder)).risks(*asked)
    monkeypatch.setattr("systems.detectors.network.BATCH_TOKENS", 1)
    alone = build(str(folder)).risks(*asked)
    assert [r.risk for r in together] == pytest.approx([r.risk for r in alone], abs=1e-5)
    assert [r[:2] for r in together] == [r[:2] for r in alone]


def test_long_sentences_and_answers_stay_within_the_window(tmp_path: Path) -> None:
    for name, labels in (("whole", {"num_labels": 1}), ("parts", NLI)):
        folder = random(
            tmp_path / name,
            "BertForSequenceClassification",
            "BertConfig",
            words(),
            **small(),
            **labels,
        )
        answer = "The Vim lamp weighs 3 kg " * 100
        risks = build(str(folder)).risks("", [source(answer)], answer, places(answer))
        assert risks[0].start == 0
        assert risks[-1].end == len(answer)
        assert len(risks) > 5


def test_nothing_to_read_gives_no_parts(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForSequenceClassification", **NLI)))
    assert model.risks("", [source(" ")], COPY, places(COPY)) == []
    assert model.risks("", [LAMP], "", []) == []


def test_every_kind_of_pairs_has_a_reading() -> None:
    assert {name for name, r in READINGS.items() if r.whole} == {"answer"}
