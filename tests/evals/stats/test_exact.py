"""Exact bounds against scipy's, by simulation, and the counts that reach a ceiling."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from evals.stats.exact import needed, upper_bound


@pytest.mark.parametrize(("events", "n"), [(0, 24), (1, 24), (3, 60), (60, 60), (59, 60)])
def test_the_bound_is_that_of_scipy(events: int, n: int) -> None:
    above = binomtest(events, n, alternative="less").proportion_ci(0.95).high
    assert upper_bound(events, n, 0.05) == pytest.approx(above)


@pytest.mark.parametrize("share", [0.02, 0.05, 0.2])
def test_a_share_at_the_ceiling_passes_at_most_alpha_of_the_time(share: float) -> None:
    for n in (24, 59, 300):
        chances = binom.pmf(np.arange(n + 1), n, share)
        passed = [upper_bound(k, n, 0.05) < share for k in range(n + 1)]
        assert chances[passed].sum() <= 0.05


def test_the_needed_count_is_the_first_that_reaches_the_ceiling() -> None:
    assert needed(0.0, 0.05, 0.05) == 59
    assert needed(0.0, 0.12, 0.05) == 24
    assert needed(0.05, 0.05, 0.05) is None
    found = needed(0.02, 0.05, 0.05)
    assert found is not None
    assert upper_bound(0.02 * found, found, 0.05) <= 0.05
    assert upper_bound(0.02 * (found - 1), found - 1, 0.05) > 0.05


def test_impossible_counts_are_refused() -> None:
    for events, n in ((2, 1), (-1, 5), (0, 0)):
        with pytest.raises(ValueError, match="events"):
            upper_bound(events, n, 0.05)
