from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar as reference
from statsmodels.stats.multitest import multipletests

from evals.stats.difference import paired_mean
from evals.stats.holm import holm
from evals.stats.mcnemar import mcnemar
from evals.stats.power import detectable, settling

RNG = np.random.default_rng(2)


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (1, 0), (3, 9), (20, 20), (150, 100)])
def test_mcnemar_agrees_with_statsmodels(gained: int, lost: int) -> None:
    exact = float(np.nan_to_num(reference(np.array([[5, gained], [lost, 5]])).pvalue, nan=1.0))
    half = float(binom.pmf(min(gained, lost), gained + lost, 0.5)) if gained != lost else 0.0
    assert mcnemar(gained, lost) == pytest.approx(exact - half, abs=1e-9)


def test_mcnemar_keeps_its_level_and_uses_it() -> None:
    """Over all samples of 30 discordant items."""
    chances = binom.pmf(np.arange(31), 30, 0.5)
    rejected = sum(c for k, c in enumerate(chances) if mcnemar(k, 30 - k) < 0.05)
    assert 0.03 < rejected <= 0.052


def test_holm_agrees_with_statsmodels_and_ignores_what_was_not_tested() -> None:
    raw = [0.001, 0.04, 0.03, 0.2, 0.0009]
    assert holm(raw) == pytest.approx(multipletests(raw, method="holm")[1].tolist(), abs=1e-12)
    assert holm([None, 0.03, None]) == [None, 0.03, None]
    assert holm([]) == []
    with pytest.raises(ValueError, match="p-value"):
        holm([1.2])


def test_singletons_are_the_paired_t_test() -> None:
    a, b = RNG.random(60), RNG.random(60)
    found, expected = paired_mean(a, b, np.arange(60)), ttest_rel(a, b)
    interval = expected.confidence_interval()
    assert found.p == pytest.approx(float(expected.pvalue), abs=1e-9)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_binary_singletons_use_mcnemar() -> None:
    a, b = (RNG.random(200) < 0.8).astype(float), (RNG.random(200) < 0.7).astype(float)
    found = paired_mean(a, b, np.arange(200), (0, 1))
    assert found.p == mcnemar(int(((a - b) > 0).sum()), int(((a - b) < 0).sum()))
    assert found.value == pytest.approx((a - b).mean())


def test_never_disagreeing_is_no_proof_of_equality() -> None:
    found = paired_mean(np.ones(100), np.ones(100), np.arange(100), (0, 1))
    assert found.low is not None and found.high is not None
    assert found.low < -0.02 and found.high > 0.02 and found.p == 1.0
    unbounded = paired_mean(np.ones(100), np.ones(100), np.arange(100))
    assert (unbounded.value, unbounded.low, unbounded.p) == (0.0, None, 1.0)


def test_clusters_count_once() -> None:
    change = np.repeat(RNG.choice((-1.0, 0.0, 1.0), 50), 8)
    alone = paired_mean(change, np.zeros(400), np.arange(400), (0, 1))
    together = paired_mean(change, np.zeros(400), np.repeat(np.arange(50), 8), (0, 1))
    assert alone.error is not None and together.error is not None
    assert together.error > 2 * alone.error


def test_one_cluster_or_nothing_is_undecided() -> None:
    assert paired_mean(np.ones(5), np.zeros(5), np.zeros(5)).low is None
    assert paired_mean(np.empty(0), np.empty(0), np.empty(0)).value is None


def test_false_findings_stay_below_six_percent() -> None:
    rng = np.random.default_rng(0)
    code, zeros, wrong, passed = np.repeat(np.arange(100), 4), np.zeros(400), 0, 0
    for _ in range(500):
        draw = rng.choice((-1.0, 0.0, 1.0), size=(100, 5), p=(0.1, 0.8, 0.1))
        change = np.where(rng.random((100, 4)) < 0.5, draw[:, :1], draw[:, 1:]).ravel()
        p = paired_mean(change, zeros, code, (0, 1)).p
        wrong += p is not None and p < 0.05
        worse = rng.choice((-1.0, 0.0, 1.0), size=400, p=(0.065, 0.9, 0.035))
        low = paired_mean(worse, zeros, code, (0, 1)).low
        passed += low is not None and low > -0.03
    assert wrong / 500 <= 0.07
    assert passed / 500 <= 0.05


def test_power() -> None:
    assert detectable((0.1 / 400) ** 0.5) == pytest.approx(
        (1.959964 + 0.841621) * (0.1 / 400) ** 0.5, abs=1e-6
    )
    assert settling(400, 0.01, 0.028016) == pytest.approx(400, abs=2)
    assert settling(400, 0.01, 0.0) is None
