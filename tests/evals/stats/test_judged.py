from __future__ import annotations

import numpy as np
import pytest

from evals.stats.judged import prediction_powered, rogan_gladen


def test_prediction_powered_means_undo_a_biased_judge() -> None:
    rng = np.random.default_rng(0)
    hits, naive = 0, 0
    for _ in range(300):
        truth = (rng.random(1200) < 0.6).astype(float)
        judge = np.clip(truth + (rng.random(1200) < 0.3), 0, 1)
        found = prediction_powered(
            judge[200:], np.arange(1000), judge[:200], truth[:200], np.arange(200)
        )
        hits += found.low is not None and found.high is not None and found.low <= 0.6 <= found.high
        naive += abs(judge.mean() - 0.6) < 0.05
    assert 0.91 <= hits / 300 <= 0.99
    assert naive == 0


def test_rogan_gladen() -> None:
    found = rogan_gladen(600, 1000, (180, 200), (160, 200))
    assert found.value == pytest.approx((0.6 + 0.8 - 1) / 0.7)
    assert found.low is not None and found.high is not None and found.low < found.value < found.high  # type: ignore[operator]
    assert rogan_gladen(600, 1000, (100, 200), (90, 200)).value is None
    with pytest.raises(ValueError, match="labels"):
        rogan_gladen(1, 2, (0, 0), (1, 1))


def test_edges() -> None:
    with pytest.raises(ValueError, match="labelled"):
        prediction_powered(np.ones(3), np.arange(3), np.empty(0), np.empty(0), np.empty(0))
    assert (
        prediction_powered(np.ones(3), np.zeros(3), np.ones(2), np.ones(2), np.arange(2)).low
        is None
    )
