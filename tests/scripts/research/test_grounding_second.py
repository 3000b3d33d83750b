from __future__ import annotations

import numpy as np
import pytest

from evals.scorers.groundedness.model import Floats
from evals.scorers.groundedness.words import WORD_NAMES
from scripts.research import grounding_boosting, grounding_fit, grounding_second
from scripts.research.grounding_fit import Table
from scripts.research.grounding_logistic import Examples, fit_second
from scripts.research.labelled import Judged

THINGS = (
    "lamp",
    "kettle",
    "clock",
    "heater",
    "mirror",
    "basket",
    "radio",
    "drill",
    "shelf",
    "chair",
)
GROUPS = ("ragtruth_qa", "ragtruth_summary", "begin_wow")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty answers need no more, and the folds fit many models."""
    monkeypatch.setattr(grounding_boosting, "TREES", 10)


@pytest.fixture(scope="module")
def data() -> Table:
    """Of each set ten sources with a copied answer and an invented one each."""
    judged = []
    for group in GROUPS:
        for number, thing in enumerate(THINGS):
            context = f"The {thing} weighs {number} kg and was made in Lisbon by Ana Ruiz."
            copied, invented = (
                f"The {thing} was made in Lisbon.",
                f"Retired fishermen wove the {thing} from seaweed.",
            )
            judged += [
                Judged(group, thing, "", a, y, (context,))
                for a, y in ((copied, 1.0), (invented, 0.0))
            ]
    return grounding_fit.table(judged)


def evidence(data: Table, with_evidence: grounding_second.Rows) -> Floats:
    noise = np.random.default_rng(3).normal(size=(len(with_evidence), len(WORD_NAMES)))
    noise[:, 1] += 2 * data.target[with_evidence]
    return noise


def test_the_second_stage_is_fit_on_every_set_and_judges_each_unseen(data: Table) -> None:
    with_evidence = grounding_second.rows(data)
    assert len(with_evidence) == len(data.rows)
    said = evidence(data, with_evidence)
    every = np.arange(len(data.rows))
    stage = grounding_second.fit(data, with_evidence, said, every, "fake")
    assert stage.fit_on == {"begin": 20, "ragtruth_qa": 20, "ragtruth_summary": 20}
    assert stage.reference_model == "fake"
    folds = grounding_second.held_out(data, with_evidence, said)
    first, second = grounding_second.unseen(data, with_evidence, said)
    for found in (folds, first, second):
        assert found.shape == (60,)
        assert ((found > 0) & (found < 1)).all()
        assert (
            found[data.target[with_evidence] == 1].mean()
            > found[data.target[with_evidence] == 0].mean()
        )


def test_generated_answers_are_not_used_and_those_that_stand_there_twice_fit_on_once() -> None:
    groups = ("ragtruth_qa", "begin_wow", "begin_turn", "company_neutral")
    data = grounding_fit.table(
        [Judged(g, "a", "", "It is red.", 1.0, ("It is red.",)) for g in groups]
    )
    assert data.group.tolist() == ["ragtruth_qa", "begin", "begin", "company"]
    with_evidence = grounding_second.rows(data)
    assert data.part[with_evidence].tolist() == ["ragtruth_qa", "begin", "begin_turn"]
    assert grounding_second.once(data, with_evidence).tolist() == [True, True, False]
    assert data.source[1] == data.source[2], (
        "a reply and the same reply to its turn fall into one fold"
    )
    assert grounding_fit.weights(data.part) == pytest.approx(np.array([1, 1, 0.3, 0.4]) * 4 / 2.7)


def test_what_tells_sets_apart_is_no_evidence() -> None:
    """One column tells the sets apart, whose shares of supported answers differ; another is
    evidence within both.
    """
    rng = np.random.default_rng(5)
    n = 2000
    group = np.repeat(["often", "seldom"], n)
    target = (rng.random(2 * n) < np.where(group == "often", 0.8, 0.3)).astype(float)
    words = np.column_stack([group == "often", rng.normal(size=2 * n) + target]).astype(float)
    given = Examples(np.full(2 * n, 0.5), words, target, group, np.ones(2 * n))
    stage = fit_second(given, ("apart", "evidence"), "fake")
    _, apart, evidence = stage.weights
    assert abs(apart) < 0.05 * evidence
    assert stage.probability(given.chance, words).mean() == pytest.approx(target.mean(), abs=0.01)


def test_no_row_is_judged_by_a_first_stage_that_saw_its_label(data: Table) -> None:
    train = np.flatnonzero(data.group != "begin")
    wrong = 1 - data.target
    other = Table(
        **{**data.__dict__, "target": np.where(data.source == data.source[0], wrong, data.target)}
    )
    at = np.flatnonzero(data.source == data.source[0])
    assert (
        grounding_second.chance(data, train, at) == grounding_second.chance(other, train, at)
    ).all()
    fitted = grounding_fit.fit_answer(data, train).probability(data.rows[at], data.kind[at])
    refitted = grounding_fit.fit_answer(other, train).probability(data.rows[at], data.kind[at])
    assert not np.allclose(fitted, refitted)
