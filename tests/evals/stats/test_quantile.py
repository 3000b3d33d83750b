from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from evals.stats.quantile import needed, order_ranks, quantile, quantile_influence


@pytest.mark.parametrize(("share", "least"), [(0.95, 59), (0.99, 299)])
def test_an_infinite_upper_bound_is_no_estimate(share: float, least: int) -> None:
    assert needed(share) == least
    values = np.arange(least, dtype=float)
    assert quantile(values[:-1], np.arange(least - 1), share).value is None
    found = quantile(values, np.arange(least), share)
    assert found.high == least - 1


@pytest.mark.parametrize("n", [59, 73, 200, 1000])
@pytest.mark.parametrize("share", [0.5, 0.95])
def test_ranks_hold_their_level_exactly(n: int, share: float) -> None:
    low, high = order_ranks(n, share) or (0, 0)
    covered = binom.cdf(high - 1, n, share) - binom.cdf(low - 1, n, share)
    assert covered >= 0.95 - 1e-12
    assert 1 <= low <= high <= n


def test_clusters_widen_the_interval() -> None:
    values = np.repeat(np.random.default_rng(0).lognormal(0, 1, 100), 5)
    alone = quantile(values, np.arange(500), 0.5)
    together = quantile(values, np.repeat(np.arange(100), 5), 0.5)
    assert (
        alone.low is not None
        and alone.high is not None
        and together.low is not None
        and together.high is not None
    )
    assert together.high - together.low > 1.5 * (alone.high - alone.low)


def test_five_values_do_not_bracket_a_median() -> None:
    assert order_ranks(5, 0.5) is None
    assert order_ranks(6, 0.5) == (1, 6)


def test_edges() -> None:
    assert quantile(np.empty(0), np.empty(0), 0.5).value is None
    assert quantile(np.ones(100), np.zeros(100), 0.5).value is None
    assert quantile_influence(np.ones(100), 0.95) is None
    assert quantile_influence(np.arange(10.0), 0.95) is None
