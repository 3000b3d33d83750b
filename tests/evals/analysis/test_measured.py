"""Latencies that must not be shown: cached, of another class of machine, or from a client that was
late.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from evals.analysis.leaderboard import build
from evals.analysis.measured import unmeasured_suites
from evals.core.schema import Response, Score, Timings, Usage
from evals.core.store import StoredRun, open_run, seal, write_manifest
from evals.report.text.notes import sentences, words
from tests.evals.analysis.synthetic import line, store


def _timed(
    root: Path, system: str, *, cached: int = 0, machine: str = "laptop, 2 cores", **more: Any
) -> StoredRun:
    lines = [line(f"t{k}", {"e2e_p95": Score(value=0.2)}, suite="speed") for k in range(80)]
    answer = Timings("latency", prefill=0.1, total=0.2)

    def respond(li: Any) -> Response:
        return Response(li.item, text="yes", usage=Usage(100, 10, cached), timings=answer)

    return store(root, system, lines, machine=machine, respond=respond, **more)


def _with_client(run: StoredRun, **client: Any) -> StoredRun:
    manifest = msgspec.structs.replace(
        run.manifest, machine={**run.manifest.machine, "client": client}, seal=None
    )
    write_manifest(run.path, msgspec.structs.replace(manifest, seal=seal(manifest)))
    return open_run(run.path)


def test_a_prompt_cache_is_refused(tmp_path: Path) -> None:
    assert unmeasured_suites(_timed(tmp_path, "cold")) == {}
    assert "80 with a prompt cache" in words(
        unmeasured_suites(_timed(tmp_path, "warm", cached=60))["speed"]
    )


@pytest.mark.parametrize(
    ("client", "message"),
    [
        ({"lag_p99": 0.002, "lag_bound": 0.01, "stopped": None}, ""),
        ({"lag_p99": 0.02, "lag_bound": 0.01, "stopped": None}, "client was late"),
        ({"lag_p99": None, "lag_bound": 0.01, "stopped": None}, "lag is unknown"),
        ({"lag_p99": 0.002, "lag_bound": 0.01, "stopped": "overload"}, "stopped early"),
    ],
)
def test_the_load_clients_account_is_used(
    tmp_path: Path, client: dict[str, Any], message: str
) -> None:
    found = unmeasured_suites(_with_client(_timed(tmp_path, "loaded"), **client))
    assert bool(found) == bool(message) and all(message in words(why) for why in found.values())


def test_classes_of_machine_are_not_mixed(tmp_path: Path) -> None:
    old = _timed(tmp_path, "base", machine="phone", finished="2026-01-01T00:00:00+00:00")
    new = _timed(tmp_path, "hybrid", finished="2026-01-02T00:00:00+00:00")
    board = build([old, new])
    shown, refused = (
        board.find("hybrid", "speed", "e2e_p95"),
        board.find("base", "speed", "e2e_p95"),
    )
    assert shown is not None and shown.value == pytest.approx(0.2)
    assert (
        refused is not None and refused.value is None and refused.unscored == {"not_measured": 80}
    )
    assert any("another class of machine: 'phone'" in note for note in sentences(board.notes))
