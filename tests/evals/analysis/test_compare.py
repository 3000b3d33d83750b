from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evals.analysis.attribution import cause
from evals.analysis.compare import compare
from evals.core.errors import DataError, UsageError
from evals.core.schema import Score, unscored
from evals.core.store import MetricNote, SuiteNote
from evals.report.text import compare as compare_text
from evals.report.text.notes import sentences
from evals.stats.holm import holm
from tests.evals.analysis.families import run
from tests.evals.analysis.synthetic import line, rates, store


def test_a_real_difference_is_found_with_the_right_sign(tmp_path: Path) -> None:
    found = compare(
        [run(tmp_path, "old"), run(tmp_path, "new", {"accuracy": 0.75, "fabrication": 0.01})]
    )[0]
    axes = {(a.track, a.metric): a for a in found.axes}
    assert axes["all", "accuracy"].finding == "worse"
    assert axes["all", "fabrication"].finding == "better"
    assert axes["all", "truthful"].finding == "not_significant"
    assert axes["all", "truthful"].detectable is not None
    accuracy = axes["all", "accuracy"]
    assert (
        accuracy.candidate is not None
        and accuracy.baseline is not None
        and accuracy.difference is not None
    )
    assert accuracy.difference == pytest.approx(accuracy.candidate - accuracy.baseline)
    assert accuracy.p_holm is not None and accuracy.p is not None and accuracy.p_holm >= accuracy.p


def test_items_are_paired_whatever_their_order(tmp_path: Path) -> None:
    values = [float(v) for v in np.random.default_rng(3).random(300) < 0.6]
    old = rates(values)
    new = list(reversed(rates([1.0 if k < 20 else v for k, v in enumerate(values)])))
    axis = compare([store(tmp_path, "old", old), store(tmp_path, "new", new)])[0].axes[0]
    gained = sum(v == 0 for v in values[:20])
    assert axis.difference == pytest.approx(gained / 300)


def test_flips_are_counted_and_explained(tmp_path: Path) -> None:
    old = rates([1.0] * 20 + [0.0] * 10)
    stale = {"accuracy": Score(value=0.0), "stale": Score(value=1.0)}
    right = {"accuracy": Score(value=1.0)}
    new = [line(x.item, stale if k < 3 else right, cluster=x.cluster) for k, x in enumerate(old)]
    suites = {"qa": SuiteNote("accuracy", ("accuracy", "stale"), ("facts",))}
    metrics = {"accuracy": MetricNote("higher", "mean"), "stale": MetricNote("lower", "mean")}
    runs = [
        store(tmp_path, name, made, suites=suites, metrics=metrics)
        for name, made in (("old", old), ("new", new))
    ]
    flips = compare(runs)[0].flips[0]
    assert flips.lost == {"stale": 3}
    assert flips.gained == {"unexplained": 10}
    assert compare_text.flip_lines(flips) == [
        "\nqa: 10 fixed, 3 broken",
        "  fixed: 10 that were wrong (10 unexplained)",
        "  broken: 3 now wrong (3 stale memory)",
    ]


def test_every_family_is_corrected_for_its_own_comparisons(tmp_path: Path) -> None:
    found = compare([run(tmp_path, "old"), run(tmp_path, "new", {"accuracy": 0.75}, seed=1)])[0]
    whole = [a for a in found.axes if a.headline and a.track == "all" and a.p is not None]
    tracks = [a for a in found.axes if a.headline and a.track != "all" and a.p is not None]
    assert {a.tests for a in whole} == {len(whole)}
    shown = next(a for a in whole if a.finding == "worse")
    under = [a for a in tracks if a.suite == shown.suite]
    assert {a.tests for a in tracks} == {len(under)}
    assert [a.p_holm for a in under] == holm([a.p for a in under])
    assert f"after Holm over {len(whole)} comparisons" in compare_text.sentence(shown)


@pytest.mark.parametrize(
    ("scores", "label"),
    [
        ({"accuracy": Score(unscored="system_error")}, "failed"),
        ({"accuracy": Score(value=0.0), "over_refusal": Score(value=1.0)}, "refused"),
        ({"accuracy": Score(value=0.0), "recall_at_k": Score(value=0.5)}, "retrieval_miss"),
        ({"accuracy": Score(value=0.0), "recall_at_k": Score(value=1.0)}, "misread"),
        ({"accuracy": Score(value=0.0), "recall_at_k": Score(unscored="no_context")}, "no_context"),
        ({"accuracy": Score(value=0.0, detail={"correct": True})}, "off_brand"),
        ({"accuracy": Score(value=0.0), "schema_valid": Score(value=0.0)}, "malformed"),
        ({"accuracy": Score(value=0.0)}, "unexplained"),
    ],
)
def test_causes(scores: dict[str, Score], label: str) -> None:
    assert cause(line("x", scores), "accuracy") == label


def test_what_does_not_compare_is_refused_with_all_reasons(tmp_path: Path) -> None:
    old = store(tmp_path, "old", rates([1.0] * 9))
    other = store(tmp_path, "pack", rates([1.0] * 9), pack_identity="x")
    with pytest.raises(DataError, match="other questions"):
        compare([old, other])
    items = store(tmp_path, "items", rates([1.0] * 8))
    with pytest.raises(DataError, match="other items"):
        compare([old, items])
    assert compare([old, items], allow=["items"])[0].axes[0].n == 8
    with pytest.raises(UsageError, match="at least two"):
        compare([old, old])
    with pytest.raises(UsageError, match="allowance"):
        compare([old, items], allow=["everything"])


def test_the_words_fit_the_intervals(tmp_path: Path) -> None:
    found = compare([run(tmp_path, "old"), run(tmp_path, "new", {"accuracy": 0.75})])[0]
    out = io.StringIO()
    compare_text.render(found, Console(file=out, width=80), full=False)
    assert (
        "worse" in out.getvalue()
        and "no difference shown" in out.getvalue()
        and "broken" in out.getvalue()
    )
    page = compare_text.markdown(found)
    assert page.count("\n| ") > 10 and "What flipped" in page


def test_latency_of_other_machines_is_left_out(tmp_path: Path) -> None:
    found = compare([run(tmp_path, "old"), run(tmp_path, "new", machine="server")])[0]
    timed = {a.metric for a in found.axes if a.suite == "latency_cost"}
    assert timed == {"api_cost_per_1k"}  # tokens cost the same on every machine
    assert any("class of machine" in note for note in sentences(found.notes))


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_a_failed_answer_counts_as_wrong_where_the_other_answered(
    tmp_path: Path, side: str
) -> None:
    steady = rates([1.0] * 30 + [0.0] * 10)
    gone = {"accuracy": unscored("system_error")}
    crashing = [
        line(x.item, gone, cluster=x.cluster) if k % 40 >= 10 else x for k, x in enumerate(steady)
    ]
    runs = [store(tmp_path, "steady", steady), store(tmp_path, "crashing", crashing)]
    found = compare(runs if side == "candidate" else runs[::-1])[0]
    axis = found.axes[0]
    assert axis.difference == pytest.approx(-0.5 if side == "candidate" else 0.5)
    assert (axis.n, axis.unpaired) == (40, 0)
    assert axis.finding == ("worse" if side == "candidate" else "better")
    assert any("crashing failed on 30 items" in note for note in sentences(found.notes))
    assert (
        sum((found.flips[0].lost if side == "candidate" else found.flips[0].gained).values()) == 20
    )


def test_a_failure_says_nothing_by_metrics_that_count_faults_or_seconds(tmp_path: Path) -> None:
    suites = {"qa": SuiteNote("fabrication", ("fabrication",), ("facts",))}
    metrics = {"fabrication": MetricNote("lower", "mean")}
    lines = rates([0.0, 1.0] * 10, metric="fabrication")
    gone = [
        line(x.item, {"fabrication": unscored("system_error")}) if k < 5 else x
        for k, x in enumerate(lines)
    ]
    made = [
        store(tmp_path, n, li, suites=suites, metrics=metrics)
        for n, li in (("old", lines), ("new", gone))
    ]
    axis = compare(made)[0].axes[0]
    assert (axis.n, axis.unpaired) == (15, 5)


def test_what_neither_answered_is_left_out(tmp_path: Path) -> None:
    lines = [*rates([1.0] * 20), line("lost", {"accuracy": unscored("system_error")})]
    found = compare([store(tmp_path, name, lines) for name in ("old", "new")])[0]
    assert (found.axes[0].n, found.axes[0].unpaired) == (20, 0)
    assert [n.code for n in found.notes] == ["no_information"]


def test_a_track_is_tested_only_under_a_suite_that_differs(tmp_path: Path) -> None:
    """Gains and losses of two tracks cancel, so their suite shows nothing."""
    old = rates([0.0] * 40) + rates([1.0] * 40, track="freshness")
    new = rates([1.0] * 40) + rates([0.0] * 40, track="freshness")
    found = compare([store(tmp_path, n, made) for n, made in (("old", old), ("new", new))])[0]
    tracks = [a for a in found.axes if a.track != "all"]
    assert {a.finding for a in tracks} == {"not_significant"}
    assert {(a.p_holm, a.tests) for a in tracks} == {(None, 0)}
    assert "not tested" in compare_text.sentence(tracks[0])
    (note,) = sentences(found.notes)
    assert note.startswith("2 tracks not tested, since their suite shows no difference: qa facts")
