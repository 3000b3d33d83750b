from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evals.stats.clustered import clustered_error, clustered_mean, codes, design_effect
from evals.stats.wilson import wilson

RNG = np.random.default_rng(0)


def test_the_error_agrees_with_statsmodels() -> None:
    """OLS on a constant with clustered covariance; its factor is C/(C − 1)·(n − 1)/(n − 1)."""
    clusters = RNG.integers(0, 60, 300)
    values = RNG.random(300) + 0.3 * RNG.random(60)[clusters]
    code, count = codes(clusters)
    model = sm.OLS(values, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": code})
    assert clustered_error(values, code, count) == pytest.approx(float(model.bse[0]), abs=1e-9)


def test_singletons_are_the_ordinary_error_and_wilson() -> None:
    values = RNG.random(50)
    code, count = codes(np.arange(50))
    assert clustered_error(values, code, count) == pytest.approx(
        values.std(ddof=1) / np.sqrt(50), abs=1e-12
    )
    binary = (values > 0.2).astype(float)
    found = clustered_mean(binary, np.arange(50))
    assert (found.low, found.high) == pytest.approx(wilson(float(binary.sum()), 50))


def test_copies_of_an_item_add_nothing() -> None:
    """lm-eval pooled subtasks as if their items were independent; here 8 copies count as one."""
    values = np.repeat((RNG.random(100) < 0.7).astype(float), 8)
    copied = clustered_mean(values, np.repeat(np.arange(100), 8))
    alone = clustered_mean(values[::8], np.arange(100))
    assert copied.value == alone.value
    assert (
        copied.high is not None
        and copied.low is not None
        and alone.high is not None
        and alone.low is not None
    )
    assert copied.high - copied.low == pytest.approx(alone.high - alone.low, rel=0.1)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_all_alike_is_no_certainty(p: float) -> None:
    found = clustered_mean(np.full(40, p), np.repeat(np.arange(10), 4))
    assert found.low is not None and found.high is not None
    assert found.high - found.low > 0.1


def test_edges() -> None:
    assert clustered_mean(np.empty(0), np.empty(0)).value is None
    one = clustered_mean(np.array([1.0, 0.0, 1.0]), np.zeros(3))
    assert one.value == pytest.approx(2 / 3)
    assert (one.low, one.high, one.clusters) == (None, None, 1)
    constant = clustered_mean(np.full(10, 0.37), np.arange(10))
    assert constant.value == pytest.approx(0.37) and constant.low is None
    with pytest.raises(ValueError, match="two clusters"):
        clustered_error(np.ones(3), np.zeros(3, dtype=np.int64), 1)
    assert design_effect(np.array([1.0, 1.0, 0.0, 0.0]), np.array([0, 1, 2, 3]), 4).value >= 1


@pytest.mark.parametrize(
    ("count", "size", "p", "rho"), [(60, 1, 0.8, 0.0), (60, 4, 0.9, 0.3), (100, 8, 0.7, 0.6)]
)
def test_intervals_cover(count: int, size: int, p: float, rho: float) -> None:
    rng = np.random.default_rng(1)
    code = np.repeat(np.arange(count), size)
    hits = 0
    for _ in range(400):
        odds = (1 - rho) / rho if rho else 0.0
        shares = rng.beta(p * odds, (1 - p) * odds, (count, 1)) if rho else p
        found = clustered_mean(
            (rng.random((count, size)) < shares).astype(float).ravel(), code, (0, 1)
        )
        hits += found.low is not None and found.high is not None and found.low <= p <= found.high
    assert 0.92 <= hits / 400 <= 0.985
