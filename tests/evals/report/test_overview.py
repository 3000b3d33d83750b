"""The first screen says no more than the intervals allow."""

from __future__ import annotations

from collections.abc import Sequence

from evals.analysis.leaderboard import Leaderboard
from evals.analysis.selection import Key
from evals.core.schema import Row
from evals.core.store import MetricNote
from evals.report.overview import Overview, overview
from evals.report.verdict import Facts
from tests.evals.report.test_verdict import FAMILIES, NOTES, row

NET = MetricNote("higher", "mean", (-1.0, 1.0), "right minus wrong", unit="plain")
SECONDS = MetricNote("lower", "mean", (0.0, 1e12), "seconds", unit="seconds")
ROLES = {"oracle": "reference", "always_abstain": "control"}


def seen(rows: Sequence[Row], warnings: Sequence[str] = ()) -> Overview:
    board = Leaderboard(Key("shop", "1", "quick", None), tuple(rows), ())
    notes = {**NOTES, "right_minus_wrong": NET, "e2e": SECONDS}
    known = {family: name for family, name in FAMILIES.items() if name in {r.system for r in rows}}
    return overview(Facts(board, notes, known, ROLES, frozenset({"latency_cost"})), warnings)  # type: ignore[arg-type]


CLEAR = [
    row("rag", 0.5, 0.4, 0.6),
    row("hybrid", 0.9, 0.8, 0.95),
    row("oracle", 1.0, 0.97, 1.0),
    row("always_abstain", 0.0, 0.0, 0.03),
]


def test_one_leader_is_named_and_sent_to_the_gate() -> None:
    found = seen(CLEAR)
    assert found.headline == "hybrid leads on domain accuracy."
    assert "gate --candidate hybrid" in found.next[0]
    assert "finetuned" in found.next[-1]


def test_nobody_leads_where_intervals_touch() -> None:
    found = seen([row("rag", 0.8, 0.7, 0.9), row("hybrid", 0.85, 0.75, 0.93)])
    assert found.headline == "On domain accuracy nobody is shown to lead."
    assert "Ask more questions on domain accuracy" in found.next[0]
    assert [line.best for line in found.panels[0].lines] == [True, True]


def test_several_leaders_are_a_choice() -> None:
    brand = {"suite": "brand_tone", "metric": "voice"}
    found = seen(
        [*CLEAR, row("rag", 0.9, 0.8, 1.0, **brand), row("hybrid", 0.2, 0.1, 0.3, **brand)]
    )
    assert found.headline == "hybrid leads on domain accuracy; rag leads on brand tone."
    assert "hybrid and rag each lead" in found.next[0]


def test_controls_stand_apart_and_are_never_best() -> None:
    (panel,) = seen(CLEAR).panels
    assert [(line.system, line.best) for line in panel.lines] == [
        ("hybrid", True),
        ("rag", False),
        ("oracle", False),
        ("always_abstain", False),
    ]


def test_a_balance_has_a_sign_and_cannot_be_taken_for_a_rate() -> None:
    net = {"suite": "hallucination", "metric": "right_minus_wrong"}
    found = seen([row("rag", -0.38, -0.5, -0.25, **net), row("hybrid", 0.12, 0.0, 0.2, **net)])
    (panel,) = found.panels
    assert panel.title == "Right minus wrong answers"
    assert [(line.value, line.interval) for line in panel.lines] == [
        ("+12", "0 to +20"),
        ("−38", "−50 to −25"),
    ]


def test_times_are_short_and_without_controls() -> None:
    time = {"suite": "latency_cost", "metric": "e2e", "better": "lower"}
    found = seen(
        [
            *CLEAR,
            row("rag", 5.741, 5.429, 6.052, **time),
            row("hybrid", 2.251, 2.119, 2.383, **time),
            row("always_abstain", 1e-7, 0.0, 2e-7, **time),
        ]
    )
    lines = found.panels[-1].lines
    assert [(line.system, line.value, line.interval) for line in lines] == [
        ("hybrid", "2.3 s", "2.1 to 2.4"),
        ("rag", "5.7 s", "5.4 to 6.1"),
    ]


def test_nothing_measured_is_said() -> None:
    found = seen([row("rag", None)])
    assert found.headline == "No contender was measured: there is nothing to judge."
    assert found.panels == []


def test_warnings_come_first() -> None:
    found = seen(CLEAR, ["the control is as good"])
    assert found.warnings == ["the control is as good"]
    assert found.next[0].startswith("Look at the warnings first")
