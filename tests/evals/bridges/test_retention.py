"""What adapting has cost in general ability, over lm-eval tasks that need no network."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import systems
from evals.bridges import retention
from evals.bridges.retention import Retained, rows
from evals.cli.main import run
from evals.core.errors import UsageError
from evals.stats.difference import paired_mean
from tests import fakes
from tests.evals.bridges.benchmark import NAMES, write_tasks


def result(
    metric: str, values: Sequence[Any], message: float, *, higher: bool = True
) -> dict[str, Any]:
    """What lm-eval returns, as far as it is read here."""
    samples = [
        {"doc_id": i, "filter": "none", "metrics": [metric], metric: v}
        for i, v in enumerate(values)
    ]
    return {
        "samples": {"t": samples},
        "results": {"t": {f"{metric},none": message}},
        "higher_is_better": {"t": {metric: higher}},
    }


def only(candidate: Mapping[str, Any], baseline: Mapping[str, Any]) -> Retained:
    (row,) = rows(candidate, baseline)
    return row


def test_shares_are_paired_by_document() -> None:
    old, new = [1.0] * 8 + [0.0] * 4, [1.0] * 3 + [0.0] * 9
    row = only(result("acc", new, 0.25), result("acc", old, 2 / 3))
    wanted = paired_mean(np.array(new), np.array(old), np.arange(12), (0.0, 1.0))
    assert row.difference == wanted
    assert row.items["3"] == (1.0, 0.0)
    assert retention._verdict(row, 0.01) == "lost"
    assert retention._verdict(row, 0.2) == "no difference shown"


def test_perplexity_is_compared_in_nats_per_unit() -> None:
    old, new = [(-10.0, 5), (-30.0, 10), (-6.0, 3)], [(-12.0, 5), (-33.0, 10), (-6.5, 3)]
    perplexity = [math.exp(-sum(v for v, _ in side) / 18) for side in (old, new)]
    row = only(
        result("word_perplexity", new, perplexity[1], higher=False),
        result("word_perplexity", old, perplexity[0], higher=False),
    )
    assert (row.baseline, row.candidate) == pytest.approx([math.log(p) for p in perplexity])
    assert row.difference.value == pytest.approx(5.5 / 18)
    assert row.about == "nats per unit of length"
    assert retention._verdict(row, 0.01) == "lost"


def test_what_is_no_mean_over_documents_has_no_interval() -> None:
    row = only(result("mcc", [1, 0, 1], 0.4), result("mcc", [1, 1, 1], 0.7))
    assert row.difference.value == pytest.approx(-0.3)
    assert row.difference.low is None
    assert row.items == {}


@pytest.mark.slow
def test_unknown_tasks_and_folders_are_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder of tasks"):
        retention.measure("base", "base", ["a"], include=tmp_path / "none")


@pytest.mark.real
def test_an_adapted_system_beside_its_base(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("evals.bridges.lm_eval_model.open_pack", lambda *_: fakes.TinyPack())
    folder = Path(systems.__file__).parent / "adapters" / "finetuned"
    (tmp_path / "tuned.toml").write_text(f'kind = "adapted"\nadapter = "{folder}"\n')
    tasks = [
        "--tasks",
        ",".join(NAMES),
        "--include-path",
        str(write_tasks(tmp_path)),
        "--limit",
        "5",
    ]
    assert run(["retention", str(tmp_path / "tuned.toml"), *tasks, "--results", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    stored = json.loads((tmp_path / "retention" / "tuned-vs-base.json").read_bytes())
    found = {(row["task"], row["metric"]): row for row in stored["rows"]}
    assert {task for task, _ in found} == set(NAMES)
    for (task, metric), row in found.items():
        assert row["difference"]["n"] == 5
        assert row["difference"]["low"] <= row["difference"]["value"] <= row["difference"]["high"]
        assert task in shown
        assert metric in shown
    assert found["little_choice", "acc"]["baseline"] >= 0.8
    assert found["little_perplexity", "word_perplexity"]["difference"]["value"] != 0
    assert stored["identities"][str(tmp_path / "tuned.toml")] != stored["identities"]["base"]
