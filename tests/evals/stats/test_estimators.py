from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from evals.core.errors import UsageError
from evals.stats.estimators import ESTIMATORS, Sample, difference, estimate, estimator

N = 1200
RNG = np.random.default_rng(5)
CLUSTERS = np.repeat(np.arange(N // 4), 4)
GOLD = RNG.integers(0, 4, N)
CONFIDENCE = RNG.random(N)
DETAILS = {
    "gold": GOLD,
    "predicted": np.where(RNG.random(N) < 0.7, GOLD, RNG.integers(0, 4, N)),
    "confidence": CONFIDENCE,
    "correct": (RNG.random(N) < CONFIDENCE).astype(float),
}
VALUES = RNG.random(N)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_estimator_gives_a_value_inside_its_interval(name: str) -> None:
    found = estimate(name, Sample(VALUES, CLUSTERS, DETAILS, (0.0, 1.0)))
    assert found.value is not None
    if estimator(name).tested:
        assert found.low is not None and found.high is not None
        assert found.low <= found.value <= found.high
    else:
        assert found.low is None and found.high is None
    assert (found.n, found.clusters) == (N, N // 4)
    assert estimate(name, Sample(VALUES, CLUSTERS, DETAILS, (0.0, 1.0))) == found


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_influence_is_centred_and_predicts_the_error(name: str) -> None:
    found = estimator(name).influence(Sample(VALUES, CLUSTERS, DETAILS, (0.0, 1.0)))
    assert found is not None
    assert found.value == pytest.approx(
        estimate(name, Sample(VALUES, CLUSTERS, DETAILS, (0.0, 1.0))).value
    )
    assert abs(found.each.mean()) < 1e-9
    half = np.repeat(np.arange(N // 4) % 2 == 0, 4)
    picked = Sample(
        VALUES[half], CLUSTERS[half], {k: v[half] for k, v in DETAILS.items()}, (0.0, 1.0)
    )
    part = estimator(name).influence(picked)
    assert part is not None
    spread = np.abs(found.each).mean() / np.sqrt(N)
    assert part.value == pytest.approx(found.value + found.each[half].mean(), abs=3 * spread + 0.01)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_nothing_gives_nothing(name: str) -> None:
    empty = {key: value[:0] for key, value in DETAILS.items()}
    found = estimate(name, Sample(VALUES[:0], CLUSTERS[:0], empty))
    assert (found.value, found.n) == (None, 0)


def test_values_agree_with_scikit_learn() -> None:
    labels = f1_score(DETAILS["gold"], DETAILS["predicted"], average="macro")
    assert estimate("macro_f1", Sample(VALUES, CLUSTERS, DETAILS)).value == pytest.approx(
        labels, abs=1e-12
    )
    curve = roc_auc_score(DETAILS["correct"], DETAILS["confidence"])
    assert estimate("auroc", Sample(VALUES, CLUSTERS, DETAILS)).value == pytest.approx(
        curve, abs=1e-12
    )
    assert estimate("sd", Sample(VALUES, CLUSTERS, {})).value == pytest.approx(
        VALUES.std(ddof=1), abs=1e-12
    )


def test_aurc_is_the_mean_risk() -> None:
    order = np.argsort(-CONFIDENCE)
    risk = np.cumsum(1 - DETAILS["correct"][order]) / np.arange(1, N + 1)
    assert estimate("aurc", Sample(VALUES, CLUSTERS, DETAILS)).value == pytest.approx(risk.mean())


def test_one_nan_is_refused_and_never_turns_a_mean_into_nan() -> None:
    values = VALUES.copy()
    values[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        estimate("mean", Sample(values, CLUSTERS, {}))


def test_wrong_use_is_reported() -> None:
    with pytest.raises(UsageError, match="did you mean p9"):
        estimate("p96", Sample(VALUES, CLUSTERS, {}))
    with pytest.raises(ValueError, match="length"):
        estimate("mean", Sample(VALUES, CLUSTERS[:3], {}))
    with pytest.raises(ValueError, match="needs the details"):
        estimate("auroc", Sample(VALUES, CLUSTERS, {}))


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_a_system_against_itself_differs_by_nothing(name: str) -> None:
    sample = Sample(VALUES, CLUSTERS, DETAILS, (0.0, 1.0))
    found = difference(name, sample, sample)
    assert found.value == 0
    assert found.p in (None, 1.0)
    assert found.low is None or found.low <= 0


def test_paired_quantiles_find_a_slower_tail() -> None:
    slow = Sample(VALUES * np.where(VALUES > 0.9, 1.5, 1.0), CLUSTERS, {})
    found = difference("p95", slow, Sample(VALUES, CLUSTERS, {}))
    assert found.low is not None and found.low > 0
