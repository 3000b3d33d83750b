"""The plan of a policy: what the pack's items can decide, and a prediction that comes true."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from evals.analysis.planning import plan
from evals.analysis.policy import read_policy
from evals.cli.main import run as command
from scripts.simulate_gate import KINDS, default, predicted, study
from tests.evals.analysis.families import METRICS

AXES = default().axis


def sizes(n: int, **other: int) -> dict[tuple[str, str, str], tuple[int, int]]:
    return {(a.suite, a.track, a.metric): (other.get(a.metric, n),) * 2 for a in AXES}


@pytest.mark.slow
def test_power_grows_with_items_and_effect() -> None:
    few, many = (plan(default(), METRICS, sizes(n), 0.05, studies=60) for n in (120, 600))
    assert few.better["PROMOTE"] < many.better["PROMOTE"]
    large = plan(default(), METRICS, sizes(120), 0.15, studies=60)
    assert large.better["PROMOTE"] > few.better["PROMOTE"]
    accuracy = few.axes[0]
    assert accuracy.power < 0.8 and accuracy.needed is not None and accuracy.needed > 120


@pytest.mark.slow
def test_an_axis_that_cannot_be_decided_is_named_with_what_it_needs() -> None:
    found = plan(default(), METRICS, sizes(600, leak=9), 0.05, studies=20)
    (leak,) = found.undecidable
    assert leak.metric == "leak"
    (planned,) = (axis for axis in found.axes if axis.axis.metric == "leak")
    assert planned.needed == 24
    assert found.better["PROMOTE"] == 0
    assert not plan(default(), METRICS, sizes(600, leak=24), 0.05, studies=20).undecidable


def test_an_optional_axis_without_items_is_left_out() -> None:
    found = plan(default(), METRICS, sizes(600, leak=0), 0.05, studies=20)
    assert "leak" not in {axis.axis.metric for axis in found.axes}


@pytest.mark.slow
def test_the_gate_does_to_planted_runs_what_the_plan_says(tmp_path: Path) -> None:
    """A few studies of what `scripts/simulate_gate.py` does by hundreds."""
    before, rng = predicted(600, 0.05), np.random.default_rng(5)
    outcomes = {
        kind: [study(rng, 600, KINDS[kind], tmp_path / f"{k}-{place}") for k in range(12)]
        for place, kind in enumerate(("+5 on all four", "the same", "-5 on all four"))
    }
    assert before.better["PROMOTE"] >= 0.8
    assert outcomes["+5 on all four"].count("PROMOTE") >= 7  # 1 in 1,000 below at .8
    assert outcomes["the same"].count("PROMOTE") <= 3
    assert outcomes["-5 on all four"].count("PROMOTE") == 0


@pytest.mark.slow
def test_the_command_says_it_in_words_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["plan", "--profile", "quick"]) == 20
    out = capsys.readouterr().out
    assert "cannot promote anything on this pack: domain_accuracy: leak stays open" in out
    command(["plan", "--profile", "quick", "--json"])
    found = msgspec.json.decode(capsys.readouterr().out)
    assert found["policy"] == "default" and found["policy_hash"] == read_policy("default").hash
