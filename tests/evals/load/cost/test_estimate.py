"""Profiles of planted runs, prices, comparisons, and what halving an assumption does."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.errors import DataError, UsageError
from evals.load.cost.estimate import Assumptions, Rate, cost_rows, rate_of
from evals.load.cost.model import TokenPrice
from evals.load.cost.prices import ApiQuote, own_quote, quote
from evals.load.cost.profile import profile
from evals.load.cost.sensitivity import sensitivity
from evals.report.charts.cost import plot
from tests.evals.load.cost.planted import planted

ASSUMED = Assumptions(hourly=0.72, machine="a box", utilisation=0.5)
API = ApiQuote("big", TokenPrice(2.0, 0.5, 10.0), "test")


def test_profile_of_a_run(tmp_path: Path) -> None:
    found = profile(planted(tmp_path, "hybrid", failed=4))
    assert list(found.tokens) == pytest.approx([200, 0, 20])
    assert found.prompt.n == 36 and found.failed == 4
    assert found.alone.value == pytest.approx(0.5) and found.alone.n == 40
    assert found.batched.value == pytest.approx(0.125)
    assert found.correct.value == pytest.approx(0.75)
    assert found.correct.low is not None and found.correct.low < 0.75
    assert found.correct_metric == "domain_accuracy slot_accuracy"
    assert found.refused == {}


def test_cached_latency_gives_no_rate(tmp_path: Path) -> None:
    found = profile(planted(tmp_path, "hybrid", measured="cached"))
    assert found.alone.value is None and rate_of(found) is None
    assert list(found.refused) == ["latency_cost"]
    (row,) = cost_rows([found], [API], ASSUMED)
    assert row.own.value is None and row.comparisons == ()


def test_a_changed_run_is_refused(tmp_path: Path) -> None:
    run = planted(tmp_path, "hybrid")
    (run.path / "responses.jsonl").write_bytes(
        (run.path / "responses.jsonl").read_bytes().replace(b"200", b"100", 1)
    )
    (run.path / "scores.jsonl").write_bytes(b"")
    with pytest.raises(DataError, match="edited"):
        profile(run)


def test_one_row_by_hand(tmp_path: Path) -> None:
    found = profile(planted(tmp_path, "hybrid"))
    (row,) = cost_rows([found], [API], ASSUMED)
    assert row.rate is not None and row.rate.value == pytest.approx(8.0)  # the batch pass
    assert row.own.value == pytest.approx(0.05)  # $0.025 at full use, half used
    assert row.own.high == pytest.approx(0.2)  # one request at a time: 2 a second
    assert row.own_per_correct == pytest.approx(0.05 / 750)
    (c,) = row.comparisons
    assert c.per_1k == pytest.approx(0.6)  # 200 in at $2, 20 out at $10 per million
    assert c.ratio == pytest.approx(12.0) and c.ratio_full == pytest.approx(24.0)
    assert c.break_even == pytest.approx(1 / 24)
    assert c.break_even_most == pytest.approx(1 / 6)
    assert c.verdict == "open: between 3x and 12x"


@pytest.mark.parametrize(
    ("rate", "verdict"),
    [
        (Rate(2.0, "", floor=True), "open: at least 3x"),
        (Rate(10.0, "", floor=True), "holds or is exceeded: at least 15x"),
        (Rate(50.0, "", floor=True), "exceeded: at least 75x"),
        (Rate(2.0, "", 1.0, 4.0), "refuted: between 1.5x and 6x"),
        (Rate(10.0, "", 8.0, 20.0), "holds: between 12x and 30x"),
        (Rate(10.0, "", 5.0, 20.0), "open: between 7.5x and 30x"),
    ],
)
def test_no_verdict_comes_from_a_bound_that_points_the_other_way(
    tmp_path: Path, rate: Rate, verdict: str
) -> None:
    (row,) = cost_rows([profile(planted(tmp_path, "s"))], [API], ASSUMED, rates={"s": rate})
    assert row.comparisons[0].verdict == verdict


def test_measured_rates_training_caching_and_other_tokens(tmp_path: Path) -> None:
    small, long = (
        profile(planted(tmp_path, "finetuned")),
        profile(planted(tmp_path, "rag", prompt=2000)),
    )
    assumed = Assumptions(
        0.72, "a box", 0.5, cached=0.5, training=100.0, queries=1_000_000, parameters=1e9
    )
    rows = cost_rows(
        [small, long],
        [API],
        assumed,
        rates={"finetuned": Rate(4.0, "load")},
        api_tokens=long,
        trained=["finetuned"],
    )
    assert rows[0].own.value == pytest.approx(0.1 + 0.1)
    assert rows[0].training == pytest.approx(0.1) and rows[1].training == 0
    assert rows[0].flops == pytest.approx(2e9 * 220)
    assert [c.tokens_of for c in rows[0].comparisons] == ["finetuned", "rag"]
    assert [c.tokens_of for c in rows[1].comparisons] == ["rag"]
    assert rows[0].comparisons[0].per_1k == pytest.approx(0.1 * 2 + 0.1 * 0.5 + 0.2)
    assert rows[0].comparisons[1].ratio > 2 * rows[0].comparisons[0].ratio


def test_prices_come_from_the_dated_table() -> None:
    known = quote("gpt-4o-mini", "2026-01-01")
    assert [known.price.prompt, known.price.cached, known.price.completion] == pytest.approx(
        [0.15, 0.075, 0.6]
    )
    assert quote("openai:gpt-4o-mini", "2026-01-01").price == known.price
    assert "genai-prices" in known.source and "2026-01-01" in known.source
    for bad in ("no-such-model", "openai:no-such-model", "nobody:gpt-4o-mini"):
        with pytest.raises(UsageError, match="no price is known"):
            quote(bad, "2026-01-01")
    with pytest.raises(UsageError, match="not a day"):
        quote("gpt-4o-mini", "yesterday")


def test_own_prices() -> None:
    assert own_quote("x=1/2").price == TokenPrice(1.0, 1.0, 2.0)
    assert own_quote("x=1/2/0.5").price == TokenPrice(1.0, 0.5, 2.0)
    for bad in ("x", "x=1", "=1/2", "x=1/a", "x=-1/2", "x=nan/1", "x=1/2/3/4"):
        with pytest.raises(UsageError, match="not a price"):
            own_quote(bad)


def test_sensitivity_moves_as_the_formula_says(tmp_path: Path) -> None:
    rows = cost_rows([profile(planted(tmp_path, "hybrid"))], [API], ASSUMED)
    found = sensitivity(rows[0], API, ASSUMED)
    assert list(found["machine price"]) == pytest.approx([24.0, 6.0])
    assert list(found["utilisation"]) == pytest.approx([6.0, 24.0])
    assert list(found["rate served"]) == pytest.approx([6.0, 24.0])
    assert list(found["prompt tokens (API)"]) == pytest.approx([8.0, 20.0])
    path = tmp_path / "a.svg"
    plot(rows, [API], ASSUMED, path)
    assert "each input halved and doubled" in path.read_text()
    with pytest.raises(UsageError, match="pictures are SVG"):
        plot(rows, [API], ASSUMED, tmp_path / "a.exe")
