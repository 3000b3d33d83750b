"""Labels recover what a metric gets wrong, although unsure answers are labelled more often."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.core.schema import ScoreLine, scored
from evals.core.store import StoredRun
from evals.label.order import order, strata
from evals.label.session import Given, Session
from evals.label.summary import _metrics, summarise
from evals.report.text.labels import render


def planted(rng: np.random.Generator, count: int = 300) -> tuple[list[ScoreLine], dict[str, float]]:
    """Score lines of a metric that is right on 95 % of clear answers and 60 % of unsure ones."""
    lines, truth = [], {}
    for n in range(count):
        unsure, right = rng.random() < 0.2, bool(rng.random() < 0.6)
        said = right if rng.random() < (0.6 if unsure else 0.95) else not right
        other = not said if unsure else said
        scores = {"accuracy": scored(float(said)), "answer_match": scored(float(other))}
        lines.append(ScoreLine(f"i{n}", "domain_accuracy", "t", f"c{n}", scores=scores))
        truth[f"i{n}"] = float(right)
    return lines, truth


@pytest.mark.slow
def test_sixty_labels_recover_the_error_of_a_metric() -> None:
    rng, inside, apart, studies = np.random.default_rng(3), 0, 0, 300
    for _ in range(studies):
        lines, truth = planted(rng)
        chosen = order(strata(lines))[:60]
        found, _ = _metrics(lines, {item: truth[item] for item in chosen})
        said = [float(line.scores["accuracy"].value or 0) for line in lines]
        error = float(np.mean(said) - np.mean([truth[line.item] for line in lines]))
        assert found.error.low is not None and found.error.high is not None
        inside += found.error.low <= error <= found.error.high
        apart += found.disagrees
    assert inside / studies >= 0.93
    assert apart / studies <= 0.02


def test_a_metric_that_is_far_off_is_marked() -> None:
    lines, truth = planted(np.random.default_rng(4))
    wrong = {item: 1.0 - value * 0.2 for item, value in truth.items()}
    found, _ = _metrics(lines, {item: wrong[item] for item in order(strata(lines))[:60]})
    assert found.disagrees


@pytest.fixture
def labelled(tmp_path: Path, runs: list[StoredRun]) -> StoredRun:
    """A run that two raters labelled; ben says "wrong" to every fifth answer that ann finds
    right.
    """
    for rater in ("ann", "ben"):
        session = Session(tmp_path, runs[0], rater, suites=("domain_accuracy",))
        for place, item in enumerate(session.queue[:40]):
            off = rater == "ben" and place % 5 == 0
            session.add(Given(item, "wrong" if off else "right"))
    return runs[0]


def test_raters_metrics_and_outdated_marks_are_summarised(
    tmp_path: Path, labelled: StoredRun
) -> None:
    found = summarise(tmp_path, labelled)
    assert (found.marks, found.outdated) == (80, 0)
    (pair,) = found.agreement
    assert (pair.n, pair.same) == (40, 0.8)
    accuracy = next(m for m in found.metrics if m.metric == "accuracy")
    assert accuracy.labels == 40
    assert accuracy.human_mean.value == pytest.approx(0.9, abs=0.05)
    text = render(found)
    assert "ann and ben agree on 80% of 40 answers" in text
    assert "domain_accuracy / accuracy" in text


def test_no_labels_is_said(tmp_path: Path, runs: list[StoredRun]) -> None:
    assert "no labels" in render(summarise(tmp_path, runs[0]))
