from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evals.stats.estimators import Sample, contrast, difference, estimate

BINARY = (0.0, 1.0)
RATES = np.linspace(0.2, 0.9, 60)


def answers(
    rng: np.random.Generator, seeds: int, spread: float, groups: np.ndarray | None = None
) -> Sample:
    """A system trained with several seeds on 60 clusters of 2 items; adapters differ by
    ``spread``.
    """
    clusters = np.repeat(np.arange(60), 2)
    found = []
    for _ in range(seeds):
        level = np.clip(RATES[clusters] + rng.normal(0, spread), 0, 1)
        values = (rng.random(120) < level).astype(float)
        found.append(Sample(values, clusters, {}, BINARY, groups))
    return replace(found[0], seeds=tuple(found[1:]))


@pytest.mark.parametrize(("seeds", "spread"), [(3, 0.0), (3, 0.05), (5, 0.1)])
def test_a_difference_covers_the_truth_however_much_seeds_matter(seeds: int, spread: float) -> None:
    rng = np.random.default_rng(11)
    covered = []
    for _ in range(400):
        found = difference("mean", answers(rng, seeds, spread), answers(rng, seeds, spread))
        assert found.low is not None and found.high is not None
        covered.append(found.low <= 0 <= found.high)
    assert np.mean(covered) >= 0.93


def test_items_alone_would_cover_too_little_where_seeds_matter() -> None:
    rng = np.random.default_rng(12)
    covered = []
    for _ in range(300):
        found = difference("mean", answers(rng, 1, 0.1), answers(rng, 1, 0.1))
        assert found.low is not None and found.high is not None
        covered.append(found.low <= 0 <= found.high)
    assert np.mean(covered) < 0.85


def test_a_trained_system_is_compared_with_one_that_has_no_seed() -> None:
    rng = np.random.default_rng(13)
    ours, theirs = answers(rng, 3, 0.1), answers(rng, 1, 0.0)
    found = difference("mean", ours, theirs)
    alone = difference("mean", replace(ours, seeds=()), theirs)
    assert found.error is not None and alone.low is not None and alone.high is not None
    mean = np.mean([seed.values.mean() for seed in (ours, *ours.seeds)])
    assert found.value == pytest.approx(mean - theirs.values.mean())


def test_templates_that_decide_outcomes_widen_the_interval() -> None:
    """Outcomes go by template alone, so the effective size is 8, not 120."""
    groups = np.arange(120) % 8
    values = (groups < 5).astype(float)
    plain = Sample(values, np.arange(120), {}, BINARY)
    narrow, wide = estimate("mean", plain), estimate("mean", replace(plain, groups=groups))
    assert narrow.low is not None and narrow.high is not None
    assert wide.low is not None and wide.high is not None
    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)
    assert (wide.value, wide.n) == (narrow.value, narrow.n)


def test_a_group_of_one_template_has_no_interval_over_templates() -> None:
    sample = Sample(np.array([0.0, 1.0] * 5), np.arange(10), {}, BINARY, np.zeros(10))
    assert estimate("mean", sample).low is None


def test_a_contrast_without_seeds_and_groups_is_the_clustered_one() -> None:
    rng = np.random.default_rng(14)
    first, second = answers(rng, 1, 0.0), answers(rng, 1, 0.0)
    made = contrast("mean", (first, second), (1.0, -1.0))
    change = (first.values - second.values).reshape(60, 2).sum(axis=1)
    error = np.sqrt(60 / 59 * ((change - change.mean()) ** 2).sum()) / 120
    assert made is not None
    assert made.error == pytest.approx(error)
    assert made.freedom == pytest.approx(59) and made.units == 60


def test_no_interval_leaves_what_a_share_can_be() -> None:
    rng = np.random.default_rng(15)
    found = estimate("mean", answers(rng, 2, 0.3))
    assert found.low is not None and found.high is not None
    assert 0 <= found.low <= found.high <= 1
