"""The sentences say what the intervals allow and nothing more: overlapping is no win, missing is
not zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.analysis.compare import Axis
from evals.analysis.leaderboard import Leaderboard
from evals.analysis.selection import Key
from evals.core.schema import Row
from evals.core.store import MetricNote
from evals.report.verdict import Facts, Sentence, verdict
from evals.report.words import percent, standing, summary

SHARE = MetricNote("higher", "mean", (0.0, 1.0), "right answers")
NOTES = {
    "accuracy": SHARE,
    "voice": MetricNote("higher", "mean", (-1.0, 2.0), "voice"),
    "fabrication": MetricNote("lower", "mean", (0.0, 1.0), "made up"),
    "cost_per_1k": MetricNote("lower", "mean", (0.0, 1e12), "$ per 1,000 queries"),
}
FAMILIES = {"base": "base", "rag": "rag", "finetuned": "finetuned", "hybrid": "hybrid"}


def row(
    system: str,
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    **more: object,
) -> Row:
    fields: dict[str, object] = {
        "suite": "domain_accuracy",
        "track": "all",
        "metric": "accuracy",
        "n": 100 if value is not None else 0,
        "unscored": {} if value is not None else {"no_context": 100},
        "run": f"{system}-1",
        "headline": True,
    }
    return Row(system=system, value=value, low=low, high=high, **{**fields, **more})  # type: ignore[arg-type]


def say(rows: Sequence[Row], **more: object) -> list[Sentence]:
    board = Leaderboard(Key("shop", "1", "quick", None), tuple(rows), ())
    facts = Facts(board, NOTES, FAMILIES, **more)  # type: ignore[arg-type]
    return verdict(facts)


def of(sentences: Sequence[Sentence], kind: str) -> str:
    return " ".join(s.text for s in sentences if s.kind == kind)


def test_separate_intervals_are_reported_as_ahead_with_their_figures() -> None:
    text = of(say([row("hybrid", 0.87, 0.83, 0.90), row("rag", 0.71, 0.66, 0.76)]), "standing")
    assert "hybrid 87 % [83, 90] is ahead of rag 71 % [66, 76]" in text


def test_overlapping_intervals_are_never_reported_as_a_win() -> None:
    sentences = say([row("hybrid", 0.80, 0.74, 0.86), row("rag", 0.71, 0.66, 0.76)])
    assert "nobody is shown to be ahead" in of(sentences, "standing")
    assert "is ahead of" not in " ".join(s.text for s in sentences)
    assert "improves" not in of(sentences, "step")
    assert "no clear difference on domain accuracy" in of(sentences, "step")


def test_touching_intervals_are_no_win() -> None:
    assert standing(row("a", 0.8, 0.7, 0.9), row("b", 0.6, 0.5, 0.7)) == "overlap"


def test_ahead_of_some_and_not_of_others() -> None:
    rows = [
        row("hybrid", 0.87, 0.83, 0.90),
        row("rag", 0.80, 0.75, 0.85),
        row("base", 0.10, 0.05, 0.15),
    ]
    text = of(say(rows), "standing")
    assert "is ahead of base 10 % [5, 15]" in text
    assert "not shown to be ahead of rag 80 % [75, 85]" in text


def test_lower_is_better_turns_the_order_round() -> None:
    same: dict[str, object] = {"metric": "fabrication", "better": "lower"}
    text = of(
        say([row("rag", 0.6, 0.5, 0.7, **same), row("hybrid", 0.1, 0.05, 0.2, **same)]), "standing"
    )
    assert "hybrid 10 % [5, 20] is ahead of rag 60 % [50, 70]" in text


def test_missing_is_reported_as_missing_and_never_as_zero() -> None:
    sentences = say([row("hybrid", 0.87, 0.83, 0.90), row("rag", None)])
    assert of(sentences, "missing") == "rag was not measured (100 no_context) on domain accuracy."
    assert "ahead" not in of(sentences, "standing")
    assert "rag 0" not in " ".join(s.text for s in sentences)
    assert "cannot be judged on domain accuracy" in of(sentences, "step")


def test_nothing_measured_at_all() -> None:
    sentences = say([row("hybrid", None), row("rag", None)])
    assert {s.kind for s in sentences} == {"missing", "step"}


def test_a_value_without_an_interval_wins_nothing() -> None:
    text = of(say([row("hybrid", 0.99), row("base", 0.01, 0.0, 0.02)]), "standing")
    assert "nobody is shown to be ahead" in text
    assert "99 % [no interval]" in text


def test_a_step_names_what_got_better_worse_and_stayed_unclear() -> None:
    rows = [
        row("base", 0.10, 0.05, 0.15),
        row("finetuned", 0.60, 0.50, 0.70),
        row("base", 0.10, 0.05, 0.15, track="freshness"),
        row("finetuned", 0.12, 0.06, 0.18, track="freshness"),
        row("base", 0.9, 0.8, 0.95, suite="hallucination"),
        row("finetuned", 0.3, 0.2, 0.4, suite="hallucination"),
    ]
    text = of(say(rows), "step")
    assert text.startswith(
        "Fine-tuning (base → finetuned) improves domain accuracy (10 % [5, 15] to 60 % [50, 70])"
    )
    assert "worsens hallucination (90 % [80, 95] to 30 % [20, 40])" in text
    assert "shows no clear difference on freshness" in text


def test_paired_differences_decide_on_a_step_and_name_their_rule() -> None:
    rows = [row("rag", 0.21, 0.15, 0.30), row("hybrid", 0.38, 0.29, 0.48)]
    assert "shows no clear difference on domain accuracy (clear: intervals that do not touch" in of(
        say(rows), "step"
    )
    values = (0.21, 0.38, 0.17, 0.07, 0.27, 0.001, 0.009, 0.1, None, 120, 60, 0)
    found = Axis(
        "domain_accuracy", "all", "accuracy", "higher", True, *values, finding="better", tests=16
    )
    text = of(say(rows, paired={("rag-1", "hybrid-1", "domain_accuracy", "all"): found}), "step")
    assert "improves domain accuracy (21 % [15, 30] to 38 % [29, 48])" in text
    assert (
        "the same questions paired; p < .05 after Holm over 16 comparisons of whole suites" in text
    )


def test_controls_are_no_contenders_but_a_warning_where_they_are_not_beaten() -> None:
    rows = [
        row("rag", 0.5, 0.4, 0.6),
        row("always_abstain", 0.55, 0.45, 0.65),
        row("oracle", 1.0, 0.95, 1.0),
    ]
    sentences = say(rows, roles={"always_abstain": "control", "oracle": "reference"})
    assert "always_abstain" not in of(sentences, "standing")
    assert "shown to be ahead of the control always_abstain" in of(sentences, "warning")
    assert "oracle" not in of(sentences, "warning")


def test_controls_alone_are_not_judged() -> None:
    (only,) = say([row("oracle", 1.0, 0.95, 1.0)], roles={"oracle": "reference"})
    assert (only.kind, only.text) == (
        "missing",
        "No contender is stored, only controls and references: there is nothing to judge.",
    )


def test_cost_of_right_answers_spans_both_intervals() -> None:
    price: dict[str, object] = {
        "suite": "latency_cost",
        "metric": "cost_per_1k",
        "better": "lower",
        "headline": False,
    }
    rows = [row("rag", 0.5, 0.4, 0.8), row("rag", 0.08, 0.06, 0.10, **price)]
    text = of(say(rows), "cost")
    assert "1,000 queries cost ($ per 1,000 queries): rag $0.080 [0.060, 0.100]" in text
    assert "rag $0.160 [0.075, 0.250]" in text
    none = of(say([row("rag", 0.0, 0.0, 0.05), rows[1]]), "cost")
    assert "rag more than $1.200 (no right answer seen)" in none


@pytest.mark.parametrize(
    ("share", "shown"), [(0.996, "99.6"), (1.0, "100"), (0.0, "0"), (0.003, "0.3"), (0.5, "50")]
)
def test_nearly_all_is_not_all(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_reported_forms() -> None:
    assert summary(
        row("a", 1.3, 1.2, 1.5), MetricNote("lower", "mean", (0.0, 1e12), "seconds end to end")
    ) == ("1.300 s [1.200, 1.500]")


interval = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).map(sorted)


@given(st.lists(interval, min_size=2, max_size=5))
def test_whatever_the_leaderboard_ahead_means_intervals_apart(ends: list[list[float]]) -> None:
    rows = [row(f"s{k}", middle, low, high) for k, (low, middle, high) in enumerate(ends)]
    board = Leaderboard(Key("shop", "1", "quick", None), tuple(rows), ())
    text = next(s.text for s in verdict(Facts(board, NOTES, {})) if s.kind == "standing")
    best = max(rows, key=lambda r: (r.value or 0, -int(r.system[1:])))
    apart = [r for r in rows if r is not best and (best.low or 0) > (r.high or 0)]
    assert (
        "is ahead of" in text.replace("not shown to be ahead of", "").replace("nobody is", "")
    ) == bool(apart)
