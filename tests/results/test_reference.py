"""The committed reference leaderboard: complete, sound, and its controls where they must be.

These are predictions that the stored figures can break. They say nothing on which of the four
families wins.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from evals.analysis.leaderboard import Leaderboard, build
from evals.core.schema import Row
from evals.core.store import stored_runs

REFERENCE = Path(__file__).parents[2] / "results" / "reference"
FAMILIES = ("base", "rag", "finetuned", "hybrid")
SHORTCUTS = (
    "always_abstain",
    "constant_decline",
    "copy_greeting",
    "copy_top3",
    "copy_top_passage",
    "extractive",
)
CONTROLS = (*SHORTCUTS, "oracle")
SUITES = ("domain_accuracy", "hallucination", "brand_tone", "latency_cost")
HEADLINES = {
    "domain_accuracy": "precise_accuracy",
    "hallucination": "right_minus_wrong",
    "brand_tone": "on_brand_and_correct",
}
CHANCE = 0.10
"""Upper bound of guessing: most slots are open (names, numbers, dates), a few are one of about ten
values.
"""


@cache
def board() -> Leaderboard:
    return build(stored_runs(REFERENCE))


def row(system: str, suite: str, metric: str, track: str = "all") -> Row:
    found = board().find(system, suite, metric, track)
    assert found is not None, f"no row for {system}, {suite}, {track}, {metric}"
    return found


def value(system: str, suite: str, metric: str, track: str = "all") -> float:
    found = row(system, suite, metric, track)
    assert found.value is not None, f"{system}, {suite}, {track}, {metric}: {found.unscored}"
    return found.value


def test_runs_are_complete_and_untampered() -> None:
    runs = stored_runs(REFERENCE)
    assert {r.manifest.system for r in runs} >= {*FAMILIES, *CONTROLS}
    for run in runs:
        assert run.manifest.status == "complete"
        assert run.manifest.profile == "standard"
        assert run.tampering() == []


def test_committed_leaderboard_is_what_the_runs_say() -> None:
    stored = json.loads((REFERENCE / "leaderboard.json").read_text())
    derived = {(r.system, r.suite, r.track, r.metric): r for r in board().rows}
    assert {(r["system"], r["suite"], r["track"], r["metric"]) for r in stored} == set(derived)
    for entry in stored:
        known = derived[entry["system"], entry["suite"], entry["track"], entry["metric"]]
        assert entry["value"] == pytest.approx(known.value)
        assert (entry["n"], entry["run"]) == (known.n, known.run)


@pytest.mark.parametrize("system", [*FAMILIES, *CONTROLS])
@pytest.mark.parametrize("suite", SUITES)
def test_every_system_is_on_every_suite(system: str, suite: str) -> None:
    headlines = [
        r
        for r in board().rows
        if (r.system, r.suite, r.track) == (system, suite, "all") and r.headline
    ]
    assert len(headlines) == 1
    assert headlines[0].value is not None
    assert headlines[0].n > 0


@pytest.mark.parametrize(
    "track", ["closed_book", "freshness", "breadth", "multi_hop", "personalization"]
)
def test_base_knows_nothing_of_the_world(track: str) -> None:
    """The leak filter: without context, and without training, nobody knows a company that never
    existed.
    """
    assert value("base", "domain_accuracy", "accuracy", track) <= CHANCE


def test_always_abstain_loses_everywhere_but_where_silence_is_right() -> None:
    assert value("always_abstain", "domain_accuracy", "accuracy", "closed_book") == 0.0
    assert value("always_abstain", "hallucination", "truthful") == 0.0
    assert value("always_abstain", "hallucination", "right_minus_wrong") == 0.0
    assert value("always_abstain", "hallucination", "fabrication") == 0.0
    assert value("always_abstain", "hallucination", "over_refusal") == 1.0
    assert value("always_abstain", "hallucination", "penalised_50") == 0.5
    for track in ("plain", "angry_customer", "very_short", "very_long"):
        assert value("always_abstain", "brand_tone", "on_brand_and_correct", track) == 0.0


@pytest.mark.parametrize("control", SHORTCUTS)
def test_shortcuts_lose_on_every_headline(control: str) -> None:
    """The same on a company that is not here: `tests/suites/test_headlines.py`."""
    assert value(control, "brand_tone", "on_brand_and_correct") <= 0.1
    assert value(control, "domain_accuracy", "precise_accuracy") < 0.10
    net = value(control, "hallucination", "right_minus_wrong")
    assert net == 0.0 if control in ("always_abstain", "constant_decline") else net < -0.4


def test_copying_the_top_passage_is_grounded_and_useless() -> None:
    assert value("copy_top_passage", "domain_accuracy", "k_precision") >= 0.99
    assert value("copy_top_passage", "domain_accuracy", "unsupported") <= 0.01
    assert value("copy_top_passage", "hallucination", "truthful") <= 0.05
    assert value("copy_top_passage", "hallucination", "fabrication") >= 0.90
    assert value("copy_top_passage", "brand_tone", "on_brand_and_correct") <= 0.05


@pytest.mark.parametrize("suite", list(HEADLINES))
def test_oracle_wins_everywhere(suite: str) -> None:
    """Gold answers in the brand's voice must be scored as right: what they miss is the metrics' own
    error. Seven of its 120 brand answers wear the brand's greeting and nothing else of its voice.
    """
    assert value("oracle", suite, HEADLINES[suite]) >= 0.93
    for system in FAMILIES:
        assert value("oracle", suite, HEADLINES[suite]) >= value(system, suite, HEADLINES[suite])


def test_latency_was_measured_for_real_systems() -> None:
    for system in FAMILIES:
        assert value(system, "latency_cost", "ttft") > 0
        assert value(system, "latency_cost", "tokens_in") > 10
        assert value(system, "latency_cost", "cost_per_1k") > 0
    assert value("rag", "latency_cost", "retrieve_s") > 0
    assert row("base", "latency_cost", "retrieve_s").value is None
