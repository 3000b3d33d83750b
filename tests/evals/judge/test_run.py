"""A judged metric in a run: several at a time, in order, noted in the manifest, and scored again
for another judge.
"""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from evals.analysis.leaderboard import build
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.registry import METRICS, SUITES, SystemConfig
from evals.core.schema import Score, scored
from evals.judge.standing import standing
from evals.report.text.notes import sentences
from evals.run.execute import RunSpec, execute
from tests.fakes import FAKE_SUITE, TinyPack

pytestmark = pytest.mark.usefixtures("fake_registry")
SUITE = replace(FAKE_SUITE, metrics=("fake_metric", "judged_fake"))
busy: list[int] = []


def judged(context: MetricContext) -> Metric:
    """A judge that takes its time."""
    settings, lock, now = context.judge, threading.Lock(), [0]
    assert settings is not None

    def score(answer: Answer) -> Score:
        with lock:
            now[0] += 1
            busy.append(now[0])
        time.sleep(0.01)
        with lock:
            now[0] -= 1
        return scored(int(answer.item.id[-2:]) / 100, judge=settings.model)

    note = standing(settings, "judged_fake")
    return Metric(
        "judged_fake", "higher", score, judge=note, settings=settings.identity(), workers=3
    )


def test_a_judged_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    METRICS.add("judged_fake", f"{__name__}:judged")
    monkeypatch.setattr(SUITES, "get", lambda name: SUITE)
    spec = RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), tmp_path, ("fake_suite",))
    monkeypatch.setenv("ADAPTBENCH_JUDGE", "http://127.0.0.1:1/v1#one")
    run = execute(spec)
    calls = len(busy)
    assert execute(spec).manifest == run.manifest
    lines = list(run.scores())
    assert [line.scores["judged_fake"].value for line in lines] == [
        int(line.item[-2:]) / 100 for line in lines
    ]
    assert calls == len(lines) == len(busy)
    assert 2 <= max(busy) <= 3
    remark = (
        "judged_fake: judged by one, UNCALIBRATED (never measured against people): shown, cannot"
        " gate"
    )
    assert remark in sentences(build([run]).notes)
    monkeypatch.setenv("ADAPTBENCH_JUDGE", "http://127.0.0.1:1/v1#other")
    again = execute(spec)
    assert len(busy) == 2 * calls
    assert again.name == run.name
    assert "judged by other" in sentences(build([again]).notes)[-1]
