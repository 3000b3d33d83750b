from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from evals.stats.intracluster import effect_of, proportion_effect

SIZE = np.full(100, 8)


def failing(*failures: int) -> np.ndarray:
    """Successes of 100 clusters of 8, the first of them with these numbers of failures."""
    successes = np.full(100, 8.0)
    successes[: len(failures)] -= failures
    return successes


def test_the_effect_of_a_correlation() -> None:
    assert effect_of(0.0, SIZE) == 1
    assert effect_of(1.0, SIZE) == 8
    assert effect_of(0.5, np.array([1, 1, 4])) == pytest.approx(1 + (18 / 6 - 1) / 2)


def test_without_a_failure_the_correlation_stays_a_half() -> None:
    assert proportion_effect(0.0, 0, failing(), SIZE).value == pytest.approx(effect_of(0.5, SIZE))


def test_failures_apart_are_reported_from_failures_together() -> None:
    apart = proportion_effect(1.0, 16, failing(*[1] * 16), SIZE)
    together = proportion_effect(8.0, 2, failing(8, 8), SIZE)
    few = proportion_effect(1.0, 2, failing(1, 1), SIZE)
    assert 1 <= apart.value < 1.1 < few.value < 4 < together.value < 8
    assert apart.freedom > few.freedom > 4


def test_what_is_seen_in_many_clusters_stands() -> None:
    rng = np.random.default_rng(0)
    size = np.full(4000, 8)
    successes = rng.binomial(8, 0.5, 4000).astype(float)
    found = proportion_effect(3.0, 4000, successes, size)
    assert found.value == pytest.approx(3.0, abs=0.01)
    assert found.freedom > 1000


def test_the_posterior_agrees_with_scipy() -> None:
    """The mean of ρ under scipy's beta-binomial distribution, clusters of several sizes; ≤ 1e-9."""
    size = np.array([1, 2, 3, 8, 8, 5, 2, 2])
    successes = np.array([1.0, 2.0, 1.0, 8.0, 2.0, 5.0, 0.0, 2.0])
    share = successes.sum() / size.sum()
    grid = (np.arange(40) + 0.5) / 40
    log = [
        betabinom.logpmf(successes, size, share * (1 - r) / r, (1 - share) * (1 - r) / r).sum()
        for r in grid.tolist()
    ]
    weights = np.exp(np.array(log) - max(log))
    effects = np.array([effect_of(r, size) for r in grid.tolist()])
    mean = weights @ effects / weights.sum()
    spread = weights @ (effects - mean) ** 2 / weights.sum() / mean**2
    found = proportion_effect(mean, 3, successes, size)
    assert found.value == pytest.approx(mean, abs=1e-9)
    assert found.freedom == pytest.approx(1 / (spread / 2 + (3 / 7) ** 2 / 7), abs=1e-9)
