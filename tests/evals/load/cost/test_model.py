"""The formulas, by hand and by their inverses."""

from __future__ import annotations

import pytest

from evals.core.errors import UsageError
from evals.load.cost.model import (
    TokenPrice,
    amortised,
    api,
    break_even,
    flops,
    per_correct,
    self_hosted,
)

PRICE = TokenPrice(prompt=2.0, cached=0.5, completion=10.0)


def test_api_by_hand() -> None:
    # 800 fresh at $2, 200 cached at $0.5, 100 out at $10 per million: 0.0016 + 0.0001 + 0.001
    # dollars a query
    assert api(1000, 200, 100, PRICE) == pytest.approx(2.7)
    assert api(1000, 200, 100, PRICE, retrieval=0.4) == pytest.approx(3.1)
    assert api(1000, 1000, 0, PRICE) == pytest.approx(0.5)


def test_own_machine_by_hand() -> None:
    # 2 requests/s is 7,200 an hour; at $0.72 an hour, 1,000 queries cost $0.1; at a quarter of the
    # capacity $0.4
    assert self_hosted(0.72, 2.0, 1.0) == pytest.approx(0.1)
    assert self_hosted(0.72, 2.0, 0.25) == pytest.approx(0.4)
    assert amortised(50.0, 100_000) == pytest.approx(0.5)


def test_break_even_is_where_both_cost_the_same() -> None:
    for per_1k, fixed in ((0.4, 0.0), (2.7, 0.5), (0.02, 0.0)):
        share = break_even(0.72, 2.0, per_1k, fixed)
        assert share is not None
        if share <= 1:
            assert self_hosted(0.72, 2.0, share) + fixed == pytest.approx(per_1k)
        else:
            assert self_hosted(0.72, 2.0, 1.0) + fixed > per_1k
    assert break_even(0.72, 2.0, 0.5, 0.5) is None


def test_long_contexts_erase_the_parameter_ratio() -> None:
    small, large = flops(1e9, 2200, 0, 100), flops(10e9, 200, 0, 100)
    assert large / small == pytest.approx(1.3, abs=0.01)
    assert flops(1e9, 200, 200, 100) == pytest.approx(2e11)


def test_per_correct_answer() -> None:
    assert per_correct(2.0, 0.5) == pytest.approx(0.004)
    assert per_correct(2.0, 0.0) is None and per_correct(2.0, None) is None


@pytest.mark.parametrize(
    ("hourly", "rate", "share"), [(1, 0, 0.5), (1, 1, 0), (1, 1, 1.1), (-1, 1, 0.5)]
)
def test_impossible_machines(hourly: float, rate: float, share: float) -> None:
    with pytest.raises(UsageError):
        self_hosted(hourly, rate, share)


def test_impossible_tokens_and_trainings() -> None:
    with pytest.raises(UsageError):
        api(100, 101, 1, PRICE)
    with pytest.raises(UsageError):
        amortised(1.0, 0)
