"""The search for the sustainable rate, on a simulated server whose limit is known."""

from __future__ import annotations

import random

import pytest

from evals.load.goals import Goals
from evals.load.measure import Figures, measure
from evals.load.records import Observed
from evals.load.schedule import poisson
from evals.load.sustain import sustainable, verdict

GOALS = Goals(e2e=0.5, share=0.9)


def _simulated(
    rate: float, service: float, *, seconds: float = 120.0, lag: float = 0.0, goals: Goals = GOALS
) -> Figures:
    """A first-come-first-served server with exponential service times, run on paper."""
    draw, free, seen = random.Random(3), 0.0, []
    for n, at in enumerate(poisson(rate, seconds, 1)):
        free = max(at, free) + draw.expovariate(1 / service)
        seen.append(Observed(f"r{n}", at, at + lag, free, free, free, 200, 1))
    return measure(seen, goals, start=0, end=seconds)


def test_the_limit_is_bracketed() -> None:
    """M/M/1: P(sojourn ≤ t) = 1 − exp(−(μ − λ)t), so 90 % within 0.5 s hold up to λ = μ −
    ln(10)/0.5.
    """
    service = 0.05
    limit = 1 / service - 2 * 2.302585
    found = sustainable(lambda rate: _simulated(rate, service), GOALS, first=1.0, precision=0.05)
    assert found.rate is not None and found.above is not None
    assert found.rate <= found.above <= found.rate * 1.05
    assert found.rate == pytest.approx(limit, rel=0.1)
    assert [s.rate for s in found.steps[:5]] == [1, 2, 4, 8, 16]


def test_the_search_also_goes_down() -> None:
    found = sustainable(lambda rate: _simulated(rate, 0.1), GOALS, first=100.0)
    assert found.rate is not None and 4 < found.rate < 7
    assert [s.rate for s in found.steps[:3]] == [100, 50, 25]


def test_nothing_holds() -> None:
    found = sustainable(lambda rate: _simulated(rate, 5.0), GOALS, first=1.0, most=5)
    assert found.rate is None and len(found.steps) == 5
    assert all("goals met by" in s.why or "grows" in s.why for s in found.steps)


def test_overload_is_reported_by_growth_where_goals_are_wide() -> None:
    wide = Goals(e2e=1000.0)
    assert verdict(_simulated(8, 0.1, goals=wide), wide) == ""
    assert "latency grows by" in verdict(_simulated(15, 0.1, goals=wide), wide)


def test_a_late_client_ends_the_search() -> None:
    found = sustainable(
        lambda rate: _simulated(rate, 0.01, lag=0.05 if rate > 4 else 0.0), GOALS, first=1.0
    )
    assert found.rate == 4 and found.above is None
    assert "client was late" in found.steps[-1].why
