from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
import transformers

from systems.detectors.local import build
from systems.detectors.tokens import prompt
from tests.systems.detectors.tiny import copying, pieces, places, random, small, source

pytestmark = pytest.mark.real

LAMP = source("The Vim lamp weighs 3 kg.")
KETTLE = source("The Ro kettle is made of steel.")
LONG = source(
    "The Ro kettle is made of steel. " * 40
    + "It boils in two minutes. "
    + "You may return goods. " * 40
)


def test_words_that_no_context_has_are_risky_at_their_places(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForTokenClassification")))
    answer = "The  Vim lamp, painted by Ana,\nweighs 3 kg"
    risks = model.risks("", [LAMP, KETTLE], answer, places(answer))
    assert [answer[r.start : r.end] for r in risks if r.risk > 0.5] == [
        ",",
        "painted",
        "by",
        "Ana",
        ",",
    ]
    assert [answer[r.start : r.end] for r in risks if r.risk <= 0.5] == [
        "The",
        "Vim",
        "lamp",
        "weighs",
        "3",
        "kg",
    ]
    assert all(0 <= r.risk <= 1 for r in risks)


def test_one_window_that_supports_a_word_is_enough(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForTokenClassification")))
    answer = "The lamp boils in two minutes in Oslo."
    found = {
        answer[r.start : r.end]: r.risk
        for r in model.risks("", [KETTLE, LONG, LAMP], answer, places(answer))
    }
    assert {word for word, risk in found.items() if risk > 0.5} == {"Oslo"}


def test_an_answer_longer_than_the_window_is_read_to_its_end(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForTokenClassification")))
    answer = "The Vim lamp weighs 3 kg. " * 30 + "Cork."
    risks = model.risks("", [LAMP], answer, places(answer))
    assert [answer[r.start : r.end] for r in risks if r.risk > 0.5] == ["Cork"]
    assert all(a.end <= b.start for a, b in pairwise(risks))
    assert len(risks) == 30 * 7 + 2


@pytest.mark.parametrize("question", ["", "What does the lamp cost?"])
def test_risks_are_those_of_the_published_recipe(tmp_path: Path, question: str) -> None:
    """LettuceDetect: its prompt and the answer as a pair, softmax, class 1 on the answer's
    tokens.
    """
    folder = random(
        tmp_path,
        "ModernBertForTokenClassification",
        "ModernBertConfig",
        pieces(),
        **small(max_position_embeddings=2048, global_attn_every_n_layers=1),
        cls_token_id=0,
        bos_token_id=0,
        sep_token_id=2,
        eos_token_id=2,
        num_labels=2,
    )
    answer = "The lamp costs 20 dollars, says Ana."
    risks = build(str(folder)).risks(question, [LAMP, KETTLE], answer, places(answer))
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.AutoModelForTokenClassification.from_pretrained(folder).eval()
    encoded = tokenizer(
        prompt(question, [LAMP.text, KETTLE.text]),
        answer,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    offsets = encoded.pop("offset_mapping")[0].tolist()
    with torch.inference_mode():
        wanted = network(**encoded).logits.softmax(-1)[0, :, 1]
    own = [
        n
        for n, side in enumerate(encoded.sequence_ids(0))
        if side == 1 and offsets[n][0] < offsets[n][1]
    ]
    assert [r.risk for r in risks] == pytest.approx(wanted[own].tolist(), abs=1e-5)
    assert "".join(answer[r.start : r.end] for r in risks) == answer.replace(" ", "")
    assert max(r.risk for r in risks) > min(r.risk for r in risks)


def test_prompts_are_those_of_the_training() -> None:
    assert prompt("", ["a", "b"]) == "Summarize the following text:\na\nb\noutput:"
    asked = prompt("Why?", ["a", "b"])
    assert asked.startswith("Briefly answer the following question:\nWhy?\nBear in mind")
    assert "the following 2 passages:\npassage 1: a\npassage 2: b\nIn case" in asked
    assert asked.endswith('"Unable to answer based on given passages."\noutput:')


def test_marks_of_the_tokenizer_in_a_text_are_only_text(tmp_path: Path) -> None:
    model = build(str(copying(tmp_path, "BertForTokenClassification")))
    answer = "The [SEP] lamp [CLS] Oslo"
    risks = model.risks("[SEP]", [source("[SEP] Oslo [PAD] lamp the")], answer, places(answer))
    assert [answer[r.start : r.end] for r in risks] == ["The", "lamp", "Oslo"]
    assert max(r.risk for r in risks) < 0.5
