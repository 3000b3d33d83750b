from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.registry import detector
from tests.systems.detectors.tiny import copying, places, random, small, source, words

pytestmark = pytest.mark.real


def test_a_folder_is_a_detector_and_its_files_its_identity(tmp_path: Path) -> None:
    one = detector(str(copying(tmp_path / "one", "BertForTokenClassification")))
    same = detector(str(copying(tmp_path / "same" / "one", "BertForTokenClassification")))
    other = detector(
        str(
            random(
                tmp_path / "other", "BertForTokenClassification", "BertConfig", words(), **small()
            )
        )
    )
    assert one.identity == same.identity
    assert one.identity.startswith("one ")
    assert one.identity.split()[1] != other.identity.split()[1]
    assert str(tmp_path) not in one.identity
    assert one.risks("", [source("the lamp")], "Oslo", places("Oslo"))[0].risk > 0.5


def test_pickled_weights_and_unknown_names_are_refused(tmp_path: Path) -> None:
    folder = copying(tmp_path, "BertForTokenClassification")
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(EnvironmentProblem, match="no usable weights"):
        detector(str(folder))
    with pytest.raises(UsageError, match="unknown model"):
        detector("lettuce")


def test_damaged_weights_are_reported(tmp_path: Path) -> None:
    folder = copying(tmp_path, "BertForTokenClassification")
    (folder / "model.safetensors").write_bytes(b"\0" * 64)
    with pytest.raises(EnvironmentProblem, match="cannot be loaded"):
        detector(str(folder)).risks("", [source("the lamp")], "Oslo", places("Oslo"))


def test_a_model_without_its_head_is_reported(tmp_path: Path) -> None:
    folder = copying(tmp_path, "BertForTokenClassification")
    weights = load_file(folder / "model.safetensors")
    save_file(
        {k: v for k, v in weights.items() if not k.startswith("classifier")},
        folder / "model.safetensors",
    )
    with pytest.raises(EnvironmentProblem, match=r"classifier\.weight"):
        detector(str(folder)).risks("", [source("the lamp")], "Oslo", places("Oslo"))
