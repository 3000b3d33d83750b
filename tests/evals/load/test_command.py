"""`adaptbench load` end to end on loopback: measured, stored, read back, refused where it must
be.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evals.analysis.leaderboard import build
from evals.cli.load import load
from evals.core.errors import AdaptbenchError, DataError, SystemFailure, UsageError
from evals.core.store import StoredRun, stored_runs
from evals.load.record import FIGURES, read_load, sustained_rates
from evals.load.run import LoadResult
from evals.load.target import served
from evals.report.text.notes import sentences
from tests.evals.load.servers import calibrated
from tests.evals.serve.conftest import Served, start
from tests.fakes import TinyPack

pytestmark = pytest.mark.slow

QUICK = (
    "--seconds",
    "2",
    "--warm-up",
    "0.3",
    "--cool-down",
    "0.2",
    "--suite",
    "fake_suite",
    "--profile",
    "full",
)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch, fake_registry: None) -> None:
    monkeypatch.setattr("evals.core.registry.open_pack", lambda reference, cache: TinyPack())


@pytest.fixture(scope="module")
def talker() -> Iterator[Served]:
    with start() as running:
        yield running


@pytest.fixture
def patient(tmp_path: Path) -> str:
    """Goals that a busy machine meets too."""
    path = tmp_path / "goals.toml"
    path.write_text("e2e = 2.0\nmax_lag = 0.5\n")
    return str(path)


def run(results: Path, *arguments: str) -> tuple[str, StoredRun, LoadResult]:
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(load)
    result = CliRunner().invoke(app, [*QUICK, "--results", str(results), *arguments])
    if isinstance(result.exception, AdaptbenchError):
        raise result.exception
    assert result.exit_code == 0, result.output
    stored = stored_runs(results / "load")[-1]
    return result.output, stored, read_load(stored)


def test_a_served_system_under_load(talker: Served, tmp_path: Path, patient: str) -> None:
    message, stored, result = run(
        tmp_path, talker.url, "--rate", "20", "--model", "talker", "--goals", patient
    )
    f = result.figures
    assert f.failed == 0 and f.goodput.value == 1.0 and f.void == ()
    assert 20 < f.requests < 70 and f.offered == pytest.approx(f.requests / 2)
    e2e = f.latency["e2e"]["p50"].observed
    stages = [
        f.latency[name]["p50"].observed for name in ("queue", "retrieve", "prefill", "decode")
    ]
    assert e2e is not None and e2e > 0.09
    assert sum(s or 0 for s in stages) == pytest.approx(e2e, rel=0.5)
    between = f.latency["itl"]["p50"].observed
    assert (
        between is not None and between > 0.015
    )  # it waits 20 ms between tokens; a busy machine may add to that
    assert "prompt cache warm, 33.3% of prompt tokens" in message and "| whole answer |" in message
    assert stored.tampering() == []
    # a warm cache is measured, and is no latency to report
    assert result.cached == pytest.approx(1 / 3)
    board = build([stored])
    row = board.find(stored.manifest.system, "load", "e2e_p50")
    assert row is not None and row.value is None
    assert any("cached" in note for note in sentences(board.notes))


def test_a_cold_run_stands_in_the_leaderboard(tmp_path: Path, patient: str) -> None:
    with calibrated(tmp_path / "server", service=[0.05]) as server:
        _, stored, result = run(
            tmp_path, server.url, "--rate", "30", "--arrivals", "constant", "--goals", patient
        )
    board = build([stored])
    row = board.find(stored.manifest.system, "load", "e2e_p50")
    shown = result.figures.latency["e2e"]["p50"].value
    assert row is not None and row.value is not None and row.value == pytest.approx(shown, abs=1e-5)
    good = board.find(stored.manifest.system, "load", "goodput")
    assert good is not None and good.value == 1.0 and good.n == 60
    assert stored.manifest.profile == "load constant 30/s 2 s"


def test_a_late_client_is_void_and_refused(tmp_path: Path) -> None:
    strict = tmp_path / "goals.toml"
    strict.write_text("e2e = 2.0\nmax_lag = 0.000001\n")
    with calibrated(tmp_path / "server", service=[0.01]) as server:
        message, stored, _ = run(tmp_path, server.url, "--rate", "30", "--goals", str(strict))
    assert "VOID: the client was late" in message
    board = build([stored])
    assert all(row.value is None for row in board.rows)
    assert any("load client was late" in note for note in sentences(board.notes))


def test_the_sustainable_rate_is_found_and_kept(tmp_path: Path) -> None:
    goals = tmp_path / "goals.toml"
    goals.write_text("e2e = 0.15\nshare = 0.9\nmax_lag = 0.5\n")
    with calibrated(tmp_path / "server", service=[0.005], single=True) as server:
        arguments = ("--rate", "110", "--sustainable", "--goals", str(goals), "--seconds", "0.8")
        message, stored, result = run(tmp_path, server.url, *arguments)
    found = result.sustained
    assert found is not None and found.rate is not None
    assert 0 < found.rate < 240  # it serves 200 a second; a busy machine less, never more
    assert any(step.held and step.rate == found.rate for step in found.steps)
    assert result.spec.rate == found.rate
    assert "sustainable rate" in message
    assert sustained_rates(tmp_path)[stored.manifest.system].sustained == found


def test_a_changed_record_is_refused(talker: Served, tmp_path: Path, patient: str) -> None:
    _, stored, _ = run(
        tmp_path,
        talker.url,
        "--seconds",
        "0.5",
        "--rate",
        "9",
        "--model",
        "talker",
        "--goals",
        patient,
    )
    file = stored.path / FIGURES
    file.write_text(file.read_text().replace("talker", "walker"))
    with pytest.raises(DataError, match="edited"):
        read_load(stored)
    assert sustained_rates(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("http://127.0.0.1:9/v1",), "cannot be reached"),
        (("no-such-system",), "unknown system"),
        (("fake", "--lengths", "--arrivals", "trace"), "replayed from a file"),
        (("fake", "--arrivals", "sometimes"), "not a load"),
        (("fake", "--arrivals", "constant", "--trace", "x.csv"), "its own arrivals"),
        (("fake", "--rate", "0"), "positive"),
        (("fake", "--goals", "none"), "unknown service goals"),
        (("fake", "--suite", "none"), "unknown suite"),
    ],
)
def test_wrong_usage(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises((UsageError, SystemFailure), match=message):
        run(tmp_path, *arguments)


def test_a_server_that_ends_before_it_serves(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no weights here')"]
    with pytest.raises(SystemFailure, match="no weights here"), served(command, tmp_path / "log"):
        pytest.fail("there is no server")
