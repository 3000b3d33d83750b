"""The gate on the committed reference runs: nothing beats itself, and damage on one axis is found
on that axis.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

from evals.analysis.gate import Verdict, gate
from evals.analysis.leaks import leaked_questions, training_questions
from evals.analysis.policy import read_policy
from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.identity import file_digest
from evals.core.schema import ScoreLine, encode
from evals.core.store import SCORES, StoredRun, open_run, seal, stored_runs, write_manifest
from evals.report.text.gate import reasons
from tests.results.test_reference import CONTROLS, FAMILIES, REFERENCE

Change = Callable[[int, float], float]
POLICY = read_policy("default")


@cache
def run(system: str) -> StoredRun:
    return next(r for r in stored_runs(REFERENCE) if r.manifest.system == system)


def decide(candidate: StoredRun, baseline: StoredRun) -> Verdict:
    return gate(candidate, baseline, POLICY, [run(name) for name in CONTROLS])


def damaged(folder: Path, source: StoredRun, suite: str, metric: str, change: Change) -> StoredRun:
    """A sealed copy of a run with one metric of one suite changed: ``change`` gets the line's
    number and its value.
    """
    copy = folder / source.name
    shutil.copytree(source.path, copy)
    lines = list(jsonl.read(copy / SCORES, ScoreLine))
    for number, line in enumerate(lines):
        score = line.scores.get(metric)
        if line.suite == suite and score is not None and score.value is not None:
            line.scores[metric] = msgspec.structs.replace(score, value=change(number, score.value))
    (copy / SCORES).write_bytes(b"".join(encode(line) + b"\n" for line in lines))
    manifest = source.manifest
    manifest = msgspec.structs.replace(
        manifest, files={**manifest.files, SCORES: file_digest(copy / SCORES)}, seal=""
    )
    write_manifest(copy, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return open_run(copy)


@pytest.mark.parametrize("system", FAMILIES)
def test_a_run_is_never_promoted_over_itself(system: str) -> None:
    assert decide(run(system), run(system)).outcome == "INCONCLUSIVE"


@pytest.mark.parametrize(
    ("suite", "metric", "change"),
    [
        ("domain_accuracy", "accuracy", lambda number, value: 0.0 if number % 2 else value),
        ("hallucination", "fabrication", lambda number, value: 1.0),
        ("brand_tone", "voice", lambda number, value: value - 0.4),
        ("domain_accuracy", "leak", lambda number, value: 1.0),
        ("latency_cost", "e2e_p95", lambda number, value: 1.6 * value),
        ("latency_cost", "api_cost_per_1k", lambda number, value: 1.6 * value),
    ],
)
def test_damage_on_one_axis_is_rejected_for_that_axis(
    tmp_path: Path, suite: str, metric: str, change: Change
) -> None:
    baseline = run("oracle") if metric == "fabrication" else run("hybrid")
    verdict = decide(damaged(tmp_path, baseline, suite, metric, change), baseline)
    assert (verdict.outcome, verdict.exit_code) == ("REJECT", 10)
    assert [t.axis.metric for t in verdict.axes if "fail" in (t.bound, t.non_inferiority)] == [
        metric
    ]
    assert any(metric in reason for reason in reasons(verdict))


def test_the_leak_check_reads_the_pack_that_asked() -> None:
    """The strict policy needs it, from the command and from the pytest plugin alike."""
    training = list(training_questions(run("hybrid")) or ())
    assert training
    assert leaked_questions(run("hybrid"), training) == 0
    foreign = msgspec.structs.replace(
        run("hybrid").manifest, identity={"pack": {"identity": "another"}}
    )
    assert training_questions(StoredRun(run("hybrid").path, foreign)) is None


def test_an_edit_without_a_new_seal_is_refused(tmp_path: Path) -> None:
    copy = damaged(
        tmp_path, run("hybrid"), "domain_accuracy", "accuracy", lambda number, value: 1.0
    )
    (copy.path / SCORES).write_bytes(
        (copy.path / SCORES).read_bytes().replace(b'"value":1.0', b'"value":0.0', 1)
    )
    with pytest.raises(DataError, match="edited after the run was finished"):
        decide(open_run(copy.path), run("rag"))
