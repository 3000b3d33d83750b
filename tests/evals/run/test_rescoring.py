"""Scoring again: only metrics that changed, whatever interrupts it; and each answer is judged
once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from evals.core.errors import DataError
from evals.core.identity import file_digest, source_digest
from evals.core.interfaces import Suite
from evals.core.registry import METRICS, SUITES, SystemConfig
from evals.core.store import MANIFEST, SCORES, StoredRun, open_run, seal, write_manifest
from evals.metrics import outcome
from evals.run.execute import RunSpec, Silent, execute, rescore
from evals.run.scoring import BEFORE, KEPT
from evals.run.verify import unverified
from tests.fakes import FAKE_LATENCY, FAKE_SUITE, TinyPack

pytestmark = pytest.mark.usefixtures("fake_registry")

FORGED = re.compile(rb'"steady":\{"value":[\d.]+')
METRIC = """
from evals.core.metric import Metric
from evals.core.schema import scored

CALLS = []
LIMIT = [10**9]

def build(context):
    def measure(answer):
        if len(CALLS) >= LIMIT[0]:
            raise KeyboardInterrupt
        CALLS.append(answer.item.id)
        return scored(len(answer.response.text) % 7 / 7)
    return Metric("NAME", "higher", measure)
"""


class Noted(Silent):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, message: str) -> None:
        self.notes.append(message)


class Two:
    """A run with two metrics, `steady` and `edited`, each a module of its own in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        for name in ("steady", "edited"):
            (folder / f"{name}_{folder.name}.py").write_text(METRIC.replace("NAME", name))
        monkeypatch.syspath_prepend(folder)
        monkeypatch.setattr(METRICS, "_added", dict(METRICS._added))
        for name in ("steady", "edited"):
            METRICS._added[name] = f"{name}_{folder.name}:build"
        suite(monkeypatch, "steady", "edited")
        self.run = execute(spec(folder / "results"))
        self.notes: list[str] = []

    def module(self, name: str) -> Any:
        return __import__(f"{name}_{self.folder.name}")

    def edit(self, name: str = "edited") -> None:
        file = self.folder / f"{name}_{self.folder.name}.py"
        file.write_text(file.read_text() + "# edited\n")
        source_digest.cache_clear()

    def again(self) -> tuple[int, int]:
        """Scores again; how often each of the two was computed for it."""
        for name in ("steady", "edited"):
            self.module(name).CALLS.clear()
        noted = Noted()
        self.run = rescore(open_run(self.run.path), TinyPack(), noted)
        self.notes = noted.notes
        return len(self.module("steady").CALLS), len(self.module("edited").CALLS)


def spec(results: Path) -> RunSpec:
    return RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), results, ("fake_suite",))


def suite(monkeypatch: pytest.MonkeyPatch, *metrics: str) -> Suite:
    chosen = replace(FAKE_SUITE, metrics=metrics, headline=metrics[0])
    monkeypatch.setattr(SUITES, "get", lambda name: chosen)
    return chosen


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    return Two(tmp_path, monkeypatch)


def test_a_comment_in_one_metric_scores_only_that_one_again(two: Two) -> None:
    before = (two.run.path / SCORES).read_bytes()
    two.edit()
    assert two.again() == (0, two.run.manifest.items)
    assert two.notes == ["scoring the stored answers again; changed metrics: edited; unchanged: 1"]
    assert (two.run.path / SCORES).read_bytes() == before
    assert two.run.tampering() == []
    assert not (two.run.path / BEFORE).exists()
    assert two.again() == (0, 0)


@pytest.mark.parametrize("done", [0, 7])
def test_an_interrupted_scoring_is_checked_whole(two: Two, done: int) -> None:
    """What stands in a run that was never sealed is computed once more: nobody vouches for it."""
    before = (two.run.path / SCORES).read_bytes()
    two.edit()
    two.module("edited").LIMIT[0] = done
    with pytest.raises(KeyboardInterrupt):
        two.again()
    two.module("edited").LIMIT[0] = 10**9
    for name in ("steady", "edited"):
        two.module(name).CALLS.clear()
    run = execute(spec(two.folder / "results"))
    for name in ("steady", "edited"):
        assert len(two.module(name).CALLS) == run.manifest.items
    assert (run.path / SCORES).read_bytes() == before


@pytest.mark.parametrize("file", [SCORES, BEFORE])
def test_a_run_set_back_to_running_is_not_sealed_with_edited_scores(two: Two, file: str) -> None:
    """Whether the edit is in the scores or in what is set aside to be copied."""
    path = two.run.path
    before = (path / SCORES).read_bytes()
    forged = FORGED.sub(b'"steady":{"value":0.9', before, 1)
    if file == BEFORE:
        (path / SCORES).unlink()
    (path / file).write_bytes(forged)
    manifest = msgspec.structs.replace(two.run.manifest, status="running", files={}, seal=None)
    if file == BEFORE:
        known = {n: str(m.identity) for n, m in manifest.metrics.items()}
        manifest = msgspec.structs.replace(manifest, kept=known)
    write_manifest(path, manifest)
    if file == BEFORE:
        execute(spec(two.folder / "results"))
        assert (path / SCORES).read_bytes() == before
    else:
        with pytest.raises(DataError, match="not what the stored answer scores"):
            execute(spec(two.folder / "results"))
        assert open_run(path).manifest.status == "running"


def test_a_resealed_run_is_refused_where_its_scores_are_computed_once_more(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.run.verify.pack_behind", lambda *_: TinyPack())
    assert unverified(two.run) == ""
    path = two.run.path
    forged = FORGED.sub(b'"steady":{"value":0.9', (path / SCORES).read_bytes(), 1)
    (path / SCORES).write_bytes(forged)
    files = {**two.run.manifest.files, SCORES: file_digest(path / SCORES)}
    manifest = msgspec.structs.replace(two.run.manifest, files=files)
    write_manifest(path, msgspec.structs.replace(manifest, seal=seal(manifest)))
    forged_run = open_run(path)
    assert forged_run.tampering() == []
    with pytest.raises(DataError, match="not what the stored answer scores"):
        unverified(forged_run)
    two.edit()
    assert "other versions of the metrics" in unverified(forged_run)


def test_a_leftover_of_an_earlier_scoring_is_not_taken_for_scores(two: Two) -> None:
    scores = two.run.path / SCORES
    before = scores.read_bytes()
    (two.run.path / BEFORE).write_bytes(
        before.replace(b'"steady":{"value":', b'"steady":{"value":0.5')
    )
    two.edit()
    assert two.again() == (0, two.run.manifest.items)
    assert scores.read_bytes() == before


def test_a_metric_that_is_new_or_gone(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    suite(monkeypatch, "steady", "fake_metric")
    assert two.again() == (0, 0)
    assert {name for line in two.run.scores() for name in line.scores} == {"steady", "fake_metric"}


def test_a_metric_that_another_suite_takes_up_is_kept_where_it_was(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    suites = {
        s.name: replace(s, metrics=("steady",), headline="steady")
        for s in (FAKE_SUITE, FAKE_LATENCY)
    }
    monkeypatch.setattr(SUITES, "get", lambda name: suites.get(name, FAKE_SUITE))
    run = execute(
        RunSpec(**{**vars(spec(two.folder / "both")), "suites": ("fake_suite", "fake_latency")})
    )
    asked = sum(line.suite == "fake_latency" for line in run.scores())
    suites["fake_latency"] = replace(suites["fake_latency"], metrics=("steady", "edited"))
    two.run = rescore(run, TinyPack())
    suites["fake_suite"] = replace(suites["fake_suite"], metrics=("steady", "edited"))
    assert two.again() == (0, two.run.manifest.items - asked)


def test_a_run_stored_before_metrics_had_identities_is_read_and_scored_again(two: Two) -> None:
    scores = two.run.path / SCORES
    before = scores.read_bytes()
    two.run = old_form(two.run)
    assert two.run.tampering() == []
    assert two.again() == (two.run.manifest.items,) * 2
    assert two.notes == [
        "this run was scored before metrics had identities of their own: scoring all of them again"
    ]
    assert scores.read_bytes() == before
    assert two.again() == (0, 0)


def old_form(run: StoredRun) -> StoredRun:
    """The run as it was written before metrics declared a unit and an identity."""
    manifest = json.loads((run.path / MANIFEST).read_bytes())
    for note in manifest["metrics"].values():
        del note["unit"], note["identity"]
    (run.path / MANIFEST).write_text(json.dumps({**manifest, "scoring": "0" * 64}))
    old = open_run(run.path).manifest
    write_manifest(run.path, msgspec.structs.replace(old, seal=seal(old)))
    return open_run(run.path)


PROJECTIONS = (
    "truthful",
    "accuracy",
    "slot_accuracy",
    "penalised_50",
    "penalised_75",
    "penalised_90",
    "fabrication",
    "over_refusal",
    "abstention",
    "abstention_correct",
    "failure",
    "contradiction",
    "stale",
    "auroc",
    "ece",
    "on_brand_and_correct",
)


@pytest.mark.parametrize("metrics", [PROJECTIONS, PROJECTIONS[1:]])
def test_an_answer_is_judged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metrics: tuple[str, ...]
) -> None:
    """Also where a metric first looks at the whole run."""
    calls: Counter[str] = Counter()
    for name in ("read", "judge"):
        function = getattr(outcome, name)

        def counted(*given: Any, name: str = name, function: Any = function) -> Any:
            calls[name] += 1
            return function(*given)

        monkeypatch.setattr(outcome, name, counted)
    suite(monkeypatch, *metrics)
    run = execute(spec(tmp_path))
    assert run.manifest.items <= KEPT
    assert calls == {"read": run.manifest.items, "judge": run.manifest.items}


def test_more_answers_than_are_kept_give_the_same_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite(monkeypatch, *PROJECTIONS)
    whole = execute(spec(tmp_path / "whole"))
    monkeypatch.setattr("evals.run.scoring.KEPT", 3)
    few = execute(spec(tmp_path / "few"))
    assert (few.path / SCORES).read_bytes() == (whole.path / SCORES).read_bytes()
