from __future__ import annotations

import numpy as np
import pytest

from evals.stats.clustered import clustered_mean
from evals.stats.wilson import bounded, t_critical

WIDE = (0.0, 1e12)


def test_seconds_with_bounds_that_mean_none_get_an_ordinary_interval() -> None:
    """An upper bound of 1e12 once made the interval of half a second reach to 10^11."""
    seconds = np.random.default_rng(0).lognormal(-0.7, 0.3, 40)
    found = clustered_mean(seconds, np.arange(40), WIDE)
    half = t_critical(39) * seconds.std(ddof=1) / np.sqrt(40)
    assert found.low is not None and found.high is not None
    assert found.high - found.low == pytest.approx(2 * half, rel=0.2)
    assert found.high - seconds.mean() > seconds.mean() - found.low


def test_a_wide_interval_stays_above_the_lower_bound() -> None:
    assert bounded(0.1, 1.0, 10, 2.0, WIDE) == (0.0, 2.1)


def test_what_never_varied_and_has_no_bounds_has_no_interval() -> None:
    assert bounded(0.04, 0.0, 10, 2.0, WIDE) is None
    assert bounded(0.04, 0.0, 10, 2.0, (float("-inf"), float("inf"))) is None
