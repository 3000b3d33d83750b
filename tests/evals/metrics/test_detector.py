from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import UsageError
from evals.core.interfaces import Detector, Risk, Source
from evals.core.registry import DETECTORS, detector
from evals.metrics.detector import MAX_CONTEXT, merged, sentences, sources
from evals.metrics.scoring import score_records
from evals.text.words import WORD, words
from tests.evals.metrics.build import item, metric, passages, said
from tests.evals.metrics.test_catalogue import CRASHERS, PLAIN, WORDY

CONTEXT = ("The Aurora lamp weighs 3 kg and costs $24.90.", "You may return it within 30 days.")


class Parrot:
    """A word that no context holds is risky; keeps what it was asked."""

    identity = "parrot 1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Source, ...], str, list[tuple[int, int]]]] = []

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        self.asked.append((question, tuple(contexts), answer, list(sentences)))
        known = {w for source in contexts for w in words(source.text)}
        return [
            Risk(m.start(), m.end(), 0.1 if known.issuperset(words(m.group())) else 0.8)
            for m in WORD.finditer(answer)
        ]


def parrot(reference: str) -> Detector:
    assert reference == ""
    return Parrot()


def test_one_risky_part_makes_the_answer_unsupported_and_is_named() -> None:
    scored = metric("detector", detector=Parrot())
    good = scored.score(item(), said("The lamp weighs 3 kg.", passages=passages(*CONTEXT)))
    bad = scored.score(
        item(), said("The lamp weighs 3 kg. A red oak lamp!", passages=passages(*CONTEXT))
    )
    assert good.value == pytest.approx(0.9)
    assert good.detail == {"unsupported": [], "detector": "parrot 1"}
    assert bad.value == pytest.approx(0.2)
    assert bad.detail is not None
    (span,) = bad.detail["unsupported"]
    assert span == {"start": 22, "end": 31, "risk": 0.8, "text": "A red oak"}


def test_neighbours_of_one_sentence_are_one_span() -> None:
    parts = [Risk(0, 2, 0.9), Risk(3, 5, 0.6), Risk(6, 8, 0.1), Risk(9, 11, 0.5), Risk(12, 14, 0.7)]
    assert merged(parts, [(0, 11), (12, 14)]) == (
        Risk(0, 5, 0.9),
        Risk(9, 11, 0.5),
        Risk(12, 14, 0.7),
    )
    assert merged([], []) == ()


def test_sentences_say_something() -> None:
    def read(text: str) -> list[str]:
        return [text[a:b] for a, b in sentences(text)]

    assert read("1. Boil it.\n2. Drink it.") == ["1. Boil it.", "2. Drink it."]
    assert read("The steps:\nBoil it. Drink it.") == ["The steps:\nBoil it.", "Drink it."]
    assert read("It costs more. 42.") == ["It costs more. 42."]
    assert read("42.") == ["42."]
    assert read("") == []


def test_records_are_read_as_statements_and_contexts_up_to_a_length() -> None:
    record, long = sources(['{"name": "Vim", "wifi": false}', "word " * 10_000])
    assert record.text == '{"name": "Vim", "wifi": false}'
    assert record.sentences == ("name: Vim", "wifi: no")
    assert len(record.text) + len(long.text) == MAX_CONTEXT
    assert sources([" ", ""]) == []


def test_unscored_asks_no_detector() -> None:
    model = Parrot()
    scored = metric("detector", detector=model)
    assert scored.score(item(), said("It costs $5.")).unscored == "not_applicable"
    assert scored.score(item(), said("It costs $5.", passages=())).unscored == "no_context"
    assert (
        scored.score(item(), said("It costs $5.", passages=passages(" "))).unscored == "no_context"
    )
    assert scored.score(item(), said(" … ", passages=passages(*CONTEXT))).unscored == "unparseable"
    assert not model.asked


def test_without_a_detector_nothing_is_measured() -> None:
    (line,) = score_records(
        [{"id": 1, "response": "It is red.", "contexts": CONTEXT}], ["detector"]
    )
    assert line["detector"]["reason"] == "not_measured"
    assert line["detector"]["cause"] == "no detector is given"
    (bare,) = score_records([{"id": 1, "response": "It is red."}], ["detector"])
    assert bare["detector"] == {"unscored": "no contexts", "reason": "not_applicable"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.one_of(PLAIN, WORDY))
def test_bounded_never_nan_and_deaf_to_surrounding_space(text: str) -> None:
    scored = metric("detector", detector=Parrot())
    found = scored.score(item("What?"), said(text, passages=passages(*CONTEXT)))
    again = scored.score(item("What?"), said(f" \n{text}\t ", passages=passages(*CONTEXT)))
    assert found.value == again.value
    if found.value is None:
        assert found.unscored == "unparseable"
        return
    assert math.isfinite(found.value)
    assert 0 <= found.value <= 1


@pytest.mark.real
@pytest.mark.parametrize("model", ["BertForTokenClassification", "BertForSequenceClassification"])
def test_crashing_inputs_give_a_score_or_a_reason(tmp_path: Path, model: str) -> None:
    from tests.systems.detectors.tiny import copying

    scored = metric("detector", detector=detector(str(copying(tmp_path, model))))
    for text in CRASHERS:
        for context in (CONTEXT[0], text):
            found = scored.score(item(text), said(text[:500], passages=passages(context[:2000])))
            assert found.unscored in ("unparseable", "no_context") or 0 <= (found.value or 0.0) <= 1


def test_a_detector_is_found_by_name() -> None:
    DETECTORS.add("parrot", "tests.evals.metrics.test_detector:parrot")
    assert detector("parrot").identity == "parrot 1"
    with pytest.raises(UsageError, match="unknown model"):
        detector("parrots")


def records(path: Path) -> Path:
    rows = [
        {
            "id": n,
            "question": "What?",
            "response": text,
            "contexts": ["The Vim lamp weighs 3 kg.", "It is made of cork."],
        }
        for n, text in enumerate(
            ["The lamp is made of cork.", "The lamp was painted by Ana in Oslo."]
        )
    ]
    path.write_text("".join(json.dumps(r) + "\n" for r in rows))
    return path


def test_the_command_scores_with_a_model_folder_and_resumes(tmp_path: Path) -> None:
    source, output = records(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    from tests.systems.detectors.tiny import copying

    folder = copying(tmp_path / "model", "BertForTokenClassification")
    asked = ["score", "detector,groundedness", "--detector", str(folder)]
    asked += ["--input", str(source), "--output", str(output)]
    assert CliRunner().invoke(build_app(), asked).exit_code == 0
    whole = output.read_bytes()
    good, bad = (json.loads(line) for line in whole.splitlines())
    assert good["detector"]["value"] > 0.5 > bad["detector"]["value"]
    assert [s["text"] for s in bad["detector"]["unsupported"]] == ["painted by Ana", "Oslo"]
    assert bad["detector"]["detector"].startswith("model ")
    assert "value" in bad["groundedness"]
    output.write_bytes(whole[: whole.index(b"\n") + 20])
    assert CliRunner().invoke(build_app(), asked).exit_code == 0
    assert output.read_bytes() == whole


@pytest.mark.parametrize(
    ("metric_name", "more", "message"),
    [
        ("detector", [], "the metric detector needs a detector"),
        ("groundedness", ["--detector", "parrot"], "--detector is read by none of the metrics"),
        ("detector", ["--detector", "parrots"], "unknown model"),
    ],
)
def test_the_command_tells_what_is_missing(
    tmp_path: Path, metric_name: str, more: list[str], message: str
) -> None:
    DETECTORS.add("parrot", "tests.evals.metrics.test_detector:parrot")
    source, output = records(tmp_path / "in.jsonl"), tmp_path / "out.jsonl"
    asked = ["score", metric_name, "--input", str(source), "--output", str(output), *more]
    refused = CliRunner().invoke(build_app(), asked)
    assert isinstance(refused.exception, UsageError)
    assert message in str(refused.exception)
    assert not output.exists()
