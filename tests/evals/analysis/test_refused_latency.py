"""A latency that was not measured cold, in time and on one class of machine: no table shows it, no
gate uses it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from evals.analysis.gate import gate
from evals.analysis.leaderboard import build
from evals.analysis.policy import read_policy
from evals.core.schema import Response, ScoreLine, Timings, Usage
from evals.core.store import StoredRun, open_run, seal, write_manifest
from evals.report.text.gate import outcome
from evals.report.text.notes import sentences
from tests.evals.analysis.families import run

LATENCY = ("e2e", "e2e_p95")
LATE = {"lag_p99": 0.02, "lag_bound": 0.01, "stopped": None}


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> StoredRun:
    return run(tmp_path_factory.mktemp("refused"), "base")


def _cached(line: ScoreLine) -> Response:
    """One single answer of all took a part of its prompt from a cache."""
    hit = 60 if line.item == "latency_cost-7" else 0
    timings = Timings("latency", prefill=0.1, total=0.2)
    return Response(line.item, text="yes", usage=Usage(100, 10, cached=hit), timings=timings)


def _candidate(root: Path, kind: str) -> StoredRun:
    """Better on quality and twice as fast; only how its latency was measured speaks against it."""
    options: dict[str, Any] = {
        "prompt cache": {"respond": _cached},
        "machine": {"machine": "server, 64 cores"},
    }
    found = run(root, "new", {"accuracy": 0.95, "e2e": 0.5}, **options.get(kind, {}))
    if kind == "client":
        machine = {**found.manifest.machine, "client": LATE}
        manifest = msgspec.structs.replace(found.manifest, machine=machine, seal=None)
        write_manifest(found.path, msgspec.structs.replace(manifest, seal=seal(manifest)))
        return open_run(found.path)
    return found


def test_a_sound_candidate_is_promoted(tmp_path: Path, baseline: StoredRun) -> None:
    assert (
        gate(_candidate(tmp_path, "sound"), baseline, read_policy("default")).outcome == "PROMOTE"
    )


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("prompt cache", "with a prompt cache"),
        ("machine", "class of machine"),
        ("client", "client was late"),
    ],
)
def test_an_unsound_latency_promotes_nothing_and_is_not_shown(
    tmp_path: Path, baseline: StoredRun, kind: str, message: str
) -> None:
    candidate = _candidate(tmp_path, kind)
    verdict = gate(candidate, baseline, read_policy("default"))
    assert verdict.outcome == "INCONCLUSIVE"
    axes = [test for test in verdict.axes if test.axis.metric in LATENCY]
    assert axes and all(
        message in outcome(test) and test.non_inferiority == "undecided" for test in axes
    )
    board = build([baseline, candidate])
    shown = {row.system for row in board.rows if row.metric in LATENCY and row.value is not None}
    assert len(shown) == 1, "of two classes of machine one is shown, else the sound run alone"
    assert any(message in note for note in sentences(board.notes))
