from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from evals.stats.bootstrap import bca, resampled_totals
from evals.stats.estimate import Floats


def mean(totals: Floats) -> Floats:
    share: Floats = totals[:, 0] / totals[:, 1]
    return share


def sums(values: Floats) -> Floats:
    return np.column_stack([values, np.ones(len(values))])


def test_agrees_with_scipy_up_to_chance() -> None:
    values = np.random.default_rng(0).lognormal(0, 0.8, 80)
    theirs = bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(1)
    )
    ours = bca(sums(values), mean, draws=20_000)
    expected = (theirs.confidence_interval.low, theirs.confidence_interval.high)
    assert ours == pytest.approx(expected, abs=0.03)


def test_the_width_does_not_shrink_with_the_draws() -> None:
    """A known bug elsewhere: the standard error divided by the root of the iterations, 32 times too
    small.
    """
    values = np.random.default_rng(0).random(100)
    error = values.std(ddof=1) / 10
    for draws in (1000, 30_000):
        low, high = bca(sums(values), mean, draws=draws) or (0, 0)
        assert (high - low) / (2 * 1.96) == pytest.approx(error, rel=0.1)


def test_grouped_rows_have_the_same_distribution() -> None:
    values = (np.random.default_rng(0).random(300) < 0.3).astype(float)
    few = resampled_totals(sums(values), 20_000, 0)[:, 0]
    many = resampled_totals(sums(values + 1e-12 * np.arange(300)), 20_000, 0)[:, 0]
    assert few.mean() == pytest.approx(many.mean(), rel=0.01)
    assert few.std() == pytest.approx(many.std(), rel=0.03)


def test_what_cannot_be_resampled_has_no_interval() -> None:
    assert bca(sums(np.ones(1)), mean) is None
    assert bca(sums(np.ones(20)), mean, draws=100) is None
    assert bca(sums(np.ones(20)), lambda t: np.full(len(t), np.nan), draws=100) is None


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(100)
    assert bca(sums(values), mean, draws=500) == bca(sums(values), mean, draws=500)
