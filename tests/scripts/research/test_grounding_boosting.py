from __future__ import annotations

import msgspec
import numpy as np
import pytest

from evals.scorers.groundedness.features import NAMES
from evals.scorers.groundedness.model import KINDS, bundled, sigmoid
from evals.scorers.groundedness.trees import DEPTH, Floats, Trees
from scripts.research import grounding_boosting
from scripts.research.grounding_boosting import TREES

COLUMNS = ("a", "b", "c", "d")


def draw(n: int) -> tuple[Floats, Floats, Floats]:
    """Rows with ties, labels that need an interaction, and unequal weights."""
    random = np.random.default_rng(7)
    rows = np.round(random.normal(size=(n, len(COLUMNS))), 1)
    target = (rows[:, 0] * rows[:, 1] + 0.5 * random.normal(size=n) > 0).astype(float)
    return rows, target, random.uniform(0.2, 2, size=n)


@pytest.mark.parametrize("n", [30, 90, 700], ids=["no split", "branches that end early", "full"])
def test_it_agrees_with_scikit_learn(n: int) -> None:
    rows, target, weight = draw(n)
    model = grounding_boosting.booster().fit(rows, target, sample_weight=weight)
    trees = grounding_boosting.stored(model, COLUMNS)
    far = np.vstack([rows, 100 * rows, np.nextafter(rows, np.inf)])
    assert np.abs(trees.logit(far) - model.decision_function(far)).max() < 1e-9
    assert np.abs(sigmoid(trees.logit(far)) - model.predict_proba(far)[:, 1]).max() < 1e-9


def test_a_fit_is_deterministic_and_survives_json() -> None:
    rows, target, weight = draw(300)
    trees = grounding_boosting.fit(rows, target, weight, COLUMNS)
    assert trees == grounding_boosting.fit(rows, target, weight, COLUMNS)
    read = msgspec.json.decode(msgspec.json.encode(trees), type=Trees)
    assert read == trees
    assert (read.logit(rows) == trees.logit(rows)).all()


def test_trees_learn_what_no_line_separates() -> None:
    rows, target, weight = draw(700)
    said = grounding_boosting.fit(rows, target, weight, COLUMNS).logit(rows)
    assert ((said > 0) == (target == 1)).mean() > 0.8


def test_weights_matter() -> None:
    rows, target, weight = draw(300)
    heavy = grounding_boosting.fit(rows, target, weight * np.where(target == 1, 20, 1), COLUMNS)
    assert (
        heavy.logit(rows).mean()
        > grounding_boosting.fit(rows, target, weight, COLUMNS).logit(rows).mean() + 1
    )


def test_the_bundled_trees_read_the_features_in_order() -> None:
    trees = bundled().answer.trees
    assert trees.columns == (*NAMES, *KINDS)
    assert bundled().answer.logistic.features == NAMES
    assert {len(t) for t in trees.feature} == {len(t) for t in trees.threshold} == {2**DEPTH - 1}
    assert {len(t) for t in trees.leaf} == {2**DEPTH}
    assert len(trees.feature) == len(trees.threshold) == len(trees.leaf) == TREES


def test_a_blend_is_the_mean_of_both_log_odds() -> None:
    answer = bundled().answer
    rows, kinds = (
        np.tile(answer.logistic.mean, (2, 1)),
        np.array([[1.0, 0.0, 0.2], [0.0, 1.0, 0.9]]),
    )
    parts = answer.logistic.logit(rows, kinds), answer.trees.logit(np.hstack([rows, kinds]))
    assert sigmoid((parts[0] + parts[1]) / 2) == pytest.approx(answer.probability(rows, kinds))
