from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evals.core.errors import EnvironmentProblem, UsageError
from systems.detectors.kinds import kind_of

SEQUENCE, TOKENS = "DebertaV2ForSequenceClassification", "ModernBertForTokenClassification"


def folder(path: Path, architecture: str | None, *labels: str) -> Path:
    config: dict[str, Any] = (
        {"id2label": {str(n): name for n, name in enumerate(labels)}} if labels else {}
    )
    (path / "config.json").write_text(
        json.dumps(config | ({"architectures": [architecture]} if architecture else {}))
    )
    return path


@pytest.mark.real
@pytest.mark.parametrize(
    ("architecture", "labels", "kind"),
    [
        (TOKENS, (), ("tokens", 1)),
        (TOKENS, ("LABEL_0", "LABEL_1"), ("tokens", 1)),
        (TOKENS, ("hallucinated", "supported"), ("tokens", 0)),
        (TOKENS, ("supported", "unsupported"), ("tokens", 1)),
        (SEQUENCE, ("contradiction", "entailment", "neutral"), ("entailment", 1)),
        (SEQUENCE, ("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), ("entailment", 0)),
        (SEQUENCE, ("entailment", "not_entailment"), ("entailment", 0)),
        (SEQUENCE, ("non-entailment", "entailment"), ("entailment", 1)),
        (SEQUENCE, (), ("claims", 1)),
        (SEQUENCE, ("supported", "unsupported"), ("claims", 0)),
        (SEQUENCE, ("LABEL_0",), ("answer", 0)),
        ("T5ForConditionalGeneration", (), ("generated", 1)),
    ],
)
def test_the_kind_is_reported_by_the_configuration(
    tmp_path: Path, architecture: str, labels: tuple[str, ...], kind: tuple[str, int]
) -> None:
    assert kind_of(folder(tmp_path, architecture, *labels), "m") == kind


@pytest.mark.parametrize(
    ("architecture", "labels"),
    [
        ("LlamaForCausalLM", ()),
        ("HHEMv2ForSequenceClassification", ()),
        (None, ()),
        (TOKENS, ("O", "B-PER", "I-PER")),
        (SEQUENCE, ("negative", "positive")),
        (SEQUENCE, ("LABEL_0", "LABEL_1", "LABEL_2")),
        (SEQUENCE, ("joy", "anger", "fear", "entailment")),
    ],
)
def test_anything_else_is_refused_by_name(
    tmp_path: Path, architecture: str | None, labels: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="no detector that can be read") as caught:
        kind_of(folder(tmp_path, architecture, *labels), "some/model")
    assert (architecture or "none") in str(caught.value)
    assert "LettuceDetect" in str(caught.value)


def test_a_broken_configuration_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        kind_of(tmp_path, "m")
