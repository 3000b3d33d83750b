from __future__ import annotations

import numpy as np
import pytest

from evals.stats.difference import paired_mean
from evals.stats.seeds import over_seeds

RATES = np.linspace(0.2, 0.9, 60)


def study(
    rng: np.random.Generator, seeds: int, spread: float
) -> tuple[float, float | None, float | None]:
    """A study of two equal methods: 60 clusters of 2 items, every adapter a little better or worse
    than its method.
    """
    clusters = np.repeat(np.arange(60), 2)
    level = np.clip(
        RATES[rng.integers(0, 60, 60)][clusters] + rng.normal(0, spread, (2, seeds, 1)), 0.0, 1.0
    )
    answers = (rng.random((2, seeds, 120)) < level).astype(float)
    found = over_seeds(answers[0], answers[1], clusters, (0.0, 1.0))
    return found.value, found.low, found.high


@pytest.mark.parametrize(("seeds", "spread"), [(3, 0.0), (3, 0.1), (5, 0.1)])
def test_the_interval_covers_the_truth_however_much_seeds_matter(seeds: int, spread: float) -> None:
    rng = np.random.default_rng(11)
    covered = []
    for _ in range(600):
        _, low, high = study(rng, seeds, spread)
        assert low is not None and high is not None
        covered.append(low <= 0 <= high)
    assert np.mean(covered) >= 0.93


def test_items_alone_would_cover_too_little_where_seeds_matter() -> None:
    rng = np.random.default_rng(12)
    clusters = np.arange(200)
    covered = []
    for _ in range(400):
        level = 0.6 + rng.normal(0, 0.1, (2, 1, 1))
        a, b = (rng.random((2, 1, 200)) < level).astype(float)
        found = paired_mean(a[0], b[0], clusters, (0.0, 1.0))
        assert found.low is not None and found.high is not None
        covered.append(found.low <= 0 <= found.high)
    assert np.mean(covered) < 0.7


def test_one_seed_has_a_difference_and_no_interval() -> None:
    found = over_seeds(np.ones((1, 4)), np.zeros((1, 4)), np.arange(4), (0.0, 1.0))
    assert (found.value, found.low, found.deviation) == (1.0, None, None)
    assert found.each == (1.0,)


def test_the_interval_stays_inside_what_a_difference_can_be() -> None:
    found = over_seeds(np.ones((2, 4)), np.zeros((2, 4)), np.arange(4), (0.0, 1.0))
    assert found.high is None or found.high <= 1.0


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="same items"):
        over_seeds(np.ones((2, 4)), np.ones((3, 4)), np.arange(4))
