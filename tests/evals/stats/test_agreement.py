from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from evals.stats.agreement import contrast, kappa, repeated_agreement


@pytest.mark.parametrize("categories", [2, 3])
def test_kappa_is_that_of_the_libraries(categories: int) -> None:
    rng = np.random.default_rng(categories)
    first = rng.integers(0, categories, 400)
    second = np.where(rng.random(400) < 0.6, first, rng.integers(0, categories, 400))
    found = kappa(first, second, np.arange(400))
    table = np.zeros((categories, categories))
    np.add.at(table, (first, second), 1)
    theirs = cohens_kappa(table)
    assert (
        found.value
        == pytest.approx(cohen_kappa_score(first, second))
        == pytest.approx(theirs.kappa)
    )
    assert found.low == pytest.approx(theirs.kappa_low, abs=0.01)
    assert found.high == pytest.approx(theirs.kappa_upp, abs=0.01)


def test_kappa_covers_also_when_items_come_in_clusters() -> None:
    rng = np.random.default_rng(1)
    studies, hits, blind = 400, 0, 0
    clusters = np.repeat(np.arange(60), 4)
    for _ in range(studies):
        truth = np.repeat(rng.random(60) < 0.4, 4)
        wrong = np.repeat(rng.random(60) < 0.15, 4)
        found, naive = (kappa(truth, truth ^ wrong, c) for c in (clusters, np.arange(240)))
        # p_o = .85; the judge says yes to .4·.85 + .6·.15 = .43
        expected = 0.4 * 0.43 + 0.6 * 0.57
        true = (0.85 - expected) / (1 - expected)
        assert (
            found.low is not None
            and found.high is not None
            and naive.low is not None
            and naive.high is not None
        )
        hits += found.low <= true <= found.high
        blind += naive.low <= true <= naive.high
    assert 0.91 <= hits / studies <= 0.99
    assert blind / studies < 0.8


def test_kappa_at_its_edges() -> None:
    same = np.array([0, 1] * 50)
    perfect = kappa(same, same, np.arange(100))
    assert perfect.value == 1
    assert perfect.low is not None and 0.9 < perfect.low < 1
    assert kappa(np.ones(5), np.ones(5), np.arange(5)).value is None
    assert kappa(np.array([]), np.array([]), np.array([])).value is None
    assert kappa(same, same, np.zeros(100)).low is None
    opposite = kappa(same, 1 - same, np.arange(100))
    assert opposite.value == pytest.approx(-1)


def test_contrast_is_a_difference_of_means() -> None:
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(300):
        group = rng.random(200) < 0.3
        values = np.where(rng.random(200) < np.where(group, 0.5, 0.3), 1.0, 0.0)
        found = contrast(values, group, np.arange(200), 2.0)
        assert found.value == pytest.approx(values[group].mean() - values[~group].mean())
        assert found.low is not None and found.high is not None
        hits += found.low <= 0.2 <= found.high
    assert 0.91 <= hits / 300 <= 0.99
    assert contrast(np.ones(3), np.array([True] * 3), np.arange(3), 1.0).value is None
    assert contrast(np.ones(4), np.array([True, False] * 2), np.zeros(4), 1.0).low is None


def test_repeated_verdicts() -> None:
    found = repeated_agreement(
        np.array([1, 1, 0, 1, 1, 0]), np.array(["a", "a", "b", "b", "b", "once"])
    )
    assert found.value == pytest.approx((1 + 1 / 3) / 2)
    assert found.n == 2
    assert repeated_agreement(np.array([1.0]), np.array(["a"])).value is None
