"""Percentiles and their n/a, goodput, failures as infinite latency, and void runs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from evals.core.errors import UsageError
from evals.core.schema import Usage
from evals.load.goals import NAMED, Goals, read_goals
from evals.load.measure import measure, percentiles
from evals.load.records import Observed, Stages
from evals.load.trend import Trend, slope

GOALS = Goals(ttft=0.2, itl=0.05, e2e=1.0)


def _seen(
    n: int,
    at: float,
    *,
    first: float = 0.1,
    last: float = 0.5,
    lag: float = 0.0,
    error: str | None = None,
) -> Observed:
    return Observed(
        f"r{n}", at, at + lag, at + first, at + last, at + last, 200, 11,
        usage=Usage(20, 11, 5), stages=Stages(0.01, 0.02, 0.07, last - first), error=error,
    )  # fmt: skip


def _values(n: int, seed: int = 0) -> list[float]:
    draw = random.Random(seed)
    return [draw.expovariate(1.0) for _ in range(n)]


@pytest.mark.parametrize(("n", "known"), [(30, {"p50"}), (1000, {"p50", "p95", "p99"})])
def test_too_few_values_have_no_high_percentile(n: int, known: set[str]) -> None:
    found = percentiles(_values(n))
    assert {name for name, p in found.items() if p.value is not None} == known
    for p in found.values():
        assert p.observed is not None
        assert (p.low is None) == (p.high is None) == (p.value is None)
        if p.value is not None and p.low is not None and p.high is not None:
            assert p.low <= p.value <= p.high


def test_no_percentile_from_nothing() -> None:
    assert all(
        p.value is None and p.observed is None and p.n == 0 for p in percentiles([]).values()
    )


def test_intervals_cover_also_where_neighbours_depend() -> None:
    """An autoregressive sequence: intervals that took it for independent would miss its median far
    more often.
    """
    draw, missed = random.Random(1), 0
    for _ in range(200):
        x, values = 0.0, []
        for _ in range(900):
            x = 0.8 * x + draw.gauss(0, 1)
            values.append(x)
        p = percentiles(values)["p50"]
        assert p.low is not None and p.high is not None
        missed += not p.low <= 0 <= p.high
    assert missed <= 24  # 5 % of 200 is 10; taken for independent, about 100 would miss


def test_a_failure_is_an_infinite_latency() -> None:
    seen = [_seen(n, n / 10, error="503" if n % 10 == 0 else None) for n in range(400)]
    figures = measure(seen, GOALS, start=0, end=40)
    assert figures.failed == 40 and figures.errors == {"503": 40}
    e2e = figures.latency["e2e"]
    assert e2e["p50"].value == pytest.approx(0.5)
    assert e2e["p95"].value is None and e2e["p95"].observed is None
    assert figures.goodput.value == pytest.approx(0.9)
    assert figures.goodput.low is not None and figures.goodput.low < 0.9


def test_warm_up_and_cool_down_are_cut() -> None:
    seen = [_seen(n, n / 10, last=5.0 if n < 100 else 0.5) for n in range(300)]
    figures = measure(seen, GOALS, start=10, end=25)
    assert figures.requests == 150
    assert figures.goodput.value == 1.0
    assert figures.offered == pytest.approx(10)
    assert figures.prompt_tokens == 150 * 20 and figures.cached_tokens == 150 * 5
    assert figures.latency["itl"]["p50"].value == pytest.approx(0.04)
    assert figures.latency["retrieve"]["p50"].value == pytest.approx(0.02)
    assert figures.void == ()


def test_a_late_client_voids_the_run() -> None:
    seen = [_seen(n, n / 10, lag=0.05 if n % 20 == 0 else 0.0) for n in range(600)]
    figures = measure(seen, GOALS, start=0, end=60)
    assert any("client was late" in reason for reason in figures.void)
    few = measure(seen[:5], GOALS, start=0, end=1)
    assert any("client was late" in reason for reason in few.void)
    assert measure([], GOALS, start=0, end=1).void == (
        "no request was scheduled between warm-up and cool-down",
    )
    assert (
        "stopped early: overload" in measure(seen, GOALS, start=0, end=60, stopped="overload").void
    )


@pytest.mark.parametrize(
    ("first", "last", "met"),
    [(0.1, 0.5, True), (0.25, 0.5, False), (0.1, 0.7, False), (0.19, 1.1, False)],
)
def test_goals(first: float, last: float, met: bool) -> None:
    assert GOALS.met(_seen(0, 0, first=first, last=last)) is met


def test_goals_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "goals.toml"
    path.write_text("ttft = 1\nshare = 0.9\n")
    assert read_goals(str(path)) == Goals(ttft=1.0, share=0.9)
    assert read_goals("chat") == NAMED["chat"]
    for text in (
        "tfft = 1",
        "share = 0.9",
        "ttft = -1",
        "ttft = 1\nshare = 2",
        "ttft =",
        "ttft = 'x'",
    ):
        path.write_text(text)
        with pytest.raises(UsageError, match="goals"):
            read_goals(str(path))
    for unknown in ("chatt", str(tmp_path / "none.toml")):
        with pytest.raises(UsageError, match="goals"):
            read_goals(unknown)


def test_slope_is_the_overload() -> None:
    draw = random.Random(2)
    steady = [(t / 10, 0.5 + draw.random()) for t in range(400)]
    growing = [(t, y + 0.3 * t) for t, y in steady]
    b, error = slope(growing)
    assert b == pytest.approx(0.3, abs=3 * error)
    for points, message in ((steady, False), (growing, True)):
        trend = Trend(0.05)
        for t, y in points:
            trend.add(t, y)
        assert trend.overloaded([]) is message


def test_requests_without_an_answer_speak_too() -> None:
    trend = Trend(0.05)
    for n in range(30):
        trend.add(n / 10, 0.2 + (n % 3) / 100)
    waiting = [(3 + n / 10, 12 - n / 10) for n in range(90)]
    assert trend.overloaded([(at, 0.1) for at, _ in waiting]) is False
    assert trend.overloaded([(at, 0.3 + at * 0.2) for at, _ in waiting]) is True
