from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import DataError, UsageError
from evals.judge.calibration import (
    Calibration,
    Label,
    Verdicts,
    calibrate,
    find,
    read_calibrations,
    read_labels,
    read_verdicts,
    write_calibration,
)


def study(
    n: int, labelled: int, seed: int, *, share: float = 0.5, se: float = 0.9, sp: float = 0.85
) -> Calibration:
    """A judge with known errors over ``n`` answers, ``labelled`` of them seen by people."""
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < share
    says = np.where(truth, rng.random(n) < se, rng.random(n) >= sp)
    labels = {str(i): Label(str(i), bool(truth[i])) for i in range(labelled)}
    return calibrate(
        labels, Verdicts({str(i): [float(says[i])] for i in range(n)}), "ragas_rubric", "m"
    )


def write(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    return path


def test_errors_are_found_and_the_mean_is_corrected() -> None:
    hits = {"corrected": 0, "rogan_gladen": 0, "raw": 0}
    for seed in range(200):
        found = study(1500, 200, seed, share=0.3)
        for name in hits:
            figure = getattr(found, name)
            hits[name] += figure.low <= 0.3 <= figure.high
    assert 0.91 <= hits["corrected"] / 200 <= 0.99
    assert 0.90 <= hits["rogan_gladen"] / 200 <= 1.0
    assert hits["raw"] / 200 < 0.2


def test_sensitivity_and_specificity_are_wilsons() -> None:
    truth = [1] * 80 + [0] * 120
    says = [1] * 70 + [0] * 10 + [0] * 100 + [1] * 20
    labels = {str(i): Label(i, t) for i, t in enumerate(truth)}
    found = calibrate(labels, Verdicts({str(i): [float(s)] for i, s in enumerate(says)}), "x", "m")
    for figure, right, n in ((found.sensitivity, 70, 80), (found.specificity, 100, 120)):
        assert figure.value == pytest.approx(right / n)
        assert figure.n == n
        assert (figure.low, figure.high) == pytest.approx(
            proportion_confint(right, n, method="wilson")
        )
    assert found.calibrated
    assert found.raw.value is None


def test_too_few_labels_or_too_little_agreement() -> None:
    few = study(400, 149, 0, se=0.99, sp=0.99)
    assert not few.calibrated
    assert few.why == ("149 labels, 150 are needed",)
    poor = study(400, 200, 0, se=0.7, sp=0.7)
    assert not poor.calibrated
    assert "below 0.6" in poor.why[0]
    one_kind = calibrate(
        {str(i): Label(i, 1) for i in range(200)},
        Verdicts({str(i): [1.0] for i in range(200)}),
        "x",
        "m",
    )
    assert "undefined" in one_kind.why[0]
    assert one_kind.specificity.value is None


def test_biases() -> None:
    rng = np.random.default_rng(5)
    labels, values = {}, {}
    for i in range(4000):
        first, long, truth = i % 2 == 0, rng.random() < 0.5, rng.random() < 0.5
        fooled = rng.random() < 0.3 * first + 0.2 * long
        labels[str(i)] = Label(
            i,
            truth,
            length=float(200 if long else 100) + rng.random(),
            order="first" if first else "second",
        )
        values[str(i)] = [float(truth or fooled)]
    found = calibrate(labels, Verdicts(values), "x", "m")
    for figure, true in ((found.position_bias, 0.15), (found.length_bias, 0.1)):
        assert figure.low is not None and figure.high is not None
        assert 0 < figure.low <= true <= figure.high


def test_pairs_have_three_categories() -> None:
    human = ["a", "b", "tie"] * 60
    verdicts = Verdicts(
        {str(i): [{"a": 1.0, "b": 0.0, "tie": 0.5}[h]] for i, h in enumerate(human)}
    )
    verdicts.shown_first = [(str(i), 1.0) for i in range(90)] + [(str(i), 0.0) for i in range(30)]
    found = calibrate({str(i): Label(i, h) for i, h in enumerate(human)}, verdicts, "pairwise", "m")
    assert (found.kappa.value, found.sensitivity.n, found.specificity.n) == (1.0, 60, 60)
    assert found.position_bias.value == pytest.approx(0.25)


def test_files(tmp_path: Path) -> None:
    scores = write(
        tmp_path / "scores.jsonl",
        [
            {"id": 1, "x": {"value": 0.7, "judge": "m", "calls": 2}},
            {
                "id": 2,
                "x": {
                    "unscored": "judge_failed",
                    "reason": "judge_failed",
                    "cause": "timeout",
                    "judge": "m",
                },
            },
            {"id": 3, "x": {"value": 0.2, "judge": "m"}},
        ],
    )
    labels = write(
        tmp_path / "labels.jsonl",
        [{"id": 1, "human": 1}, {"id": 2, "human": 0}, {"id": 3, "human": 0}],
    )
    found = calibrate(read_labels(labels), read_verdicts([scores, scores], "x"), "x", "m")
    assert (found.labels, found.unscored, found.self_consistency.value) == (
        2,
        {"judge_failed": 1},
        1.0,
    )
    path = tmp_path / "calibration.json"
    write_calibration(path, found)
    write_calibration(path, study(400, 200, 0))
    write_calibration(path, study(400, 210, 0))
    assert len(read_calibrations(path)) == 2
    assert (
        again := find(read_calibrations(path), "ragas_rubric", "m")
    ) is not None and again.labels == 210
    assert find(read_calibrations(path), "ragas_rubric", "other") is None
    for broken in (
        '{"id": 1, "human": "c"}',
        '{"id": 1, "human": 0.3}',
        '{"id": 1}',
        "{",
        '{"id": 1, "humans": 1}',
    ):
        labels.write_text(broken + "\n")
        with pytest.raises(DataError) as caught:
            read_labels(labels)
        assert caught.value.line == 1
    labels.write_text("")
    with pytest.raises(DataError, match="no labels"):
        read_labels(labels)
    with pytest.raises(DataError, match="no score of y"):
        read_verdicts([scores], "y")
    with pytest.raises(DataError, match="not a calibration"):
        read_calibrations(scores)


def test_the_command(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    truth = rng.random(500) < 0.4
    says = truth ^ (rng.random(500) < 0.1)
    scores = write(
        tmp_path / "scores.jsonl",
        (
            {"id": i, "ragas_rubric": {"value": float(s), "judge": "rules-1"}}
            for i, s in enumerate(says)
        ),
    )
    labels = write(
        tmp_path / "labels.jsonl", ({"id": i, "human": bool(t)} for i, t in enumerate(truth[:160]))
    )
    output = tmp_path / "calibration.json"
    common = [
        "judge",
        "calibrate",
        "--labels",
        str(labels),
        "--scores",
        str(scores),
        "--output",
        str(output),
    ]
    result = CliRunner().invoke(build_app(), [*common, "--metric", "ragas_rubric"])
    assert result.exit_code == 0, result.output
    assert "calibrated: it may gate" in result.output
    assert "prediction-powered" in result.output and "Rogan-Gladen" in result.output
    assert read_calibrations(output)[0].judge == "rules-1"
    other = CliRunner().invoke(
        build_app(), [*common, "--metric", "ragas_rubric", "--judge", "another"]
    )
    assert isinstance(other.exception, UsageError)
    write(labels, ({"id": i, "human": bool(t)} for i, t in enumerate(truth[:80])))
    few = CliRunner().invoke(build_app(), [*common, "--metric", "ragas_rubric"])
    assert "UNCALIBRATED: 80 labels, 150 are needed; it cannot gate" in few.output
