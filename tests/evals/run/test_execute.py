"""Runs end complete whatever interrupts them: nothing lost, nothing answered twice, scores to the
byte the same.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from filelock import FileLock

from evals.core.errors import DataError, EnvironmentProblem, UsageError
from evals.core.registry import SystemConfig
from evals.core.store import ITEMS, RESPONSES, SCORES, StoredRun, open_run
from evals.run.execute import RunSpec, execute, rescore
from tests.evals.run import resume_driver
from tests.fakes import FakeSystem, TinyPack

pytestmark = pytest.mark.usefixtures("fake_registry")


def spec(results: Path, **settings: object) -> RunSpec:
    return RunSpec(
        SystemConfig("fake", "fake", settings), TinyPack(), results, ("fake_suite", "fake_latency")
    )


def answered(run: StoredRun) -> Counter[str]:
    return Counter(r.item for r in run.responses())


def test_run_is_complete_sealed_and_untampered(tmp_path: Path) -> None:
    run = execute(spec(tmp_path))
    assert run.manifest.status == "complete"
    assert run.tampering() == []
    lines = list(run.scores())
    assert len(lines) == run.manifest.items == 20 + 3
    assert {line.item for line in lines} == set(answered(run))
    assert [line.suite for line in lines] == ["fake_suite"] * 20 + ["fake_latency"] * 3


def test_run_keeps_its_questions(tmp_path: Path) -> None:
    run = execute(spec(tmp_path))
    kept = list(run.items())
    assert [item.id for item in kept] == [line.item for line in run.scores()]
    assert kept[0].gold and kept[0].question
    assert ITEMS in run.manifest.files
    path = run.path / ITEMS
    path.write_bytes(path.read_bytes().replace(b"What is", b"What was", 1))
    assert run.tampering() == [f"{ITEMS}: edited after the run was finished"]


def test_latency_suite_is_timed_in_its_own_pass(tmp_path: Path) -> None:
    run = execute(spec(tmp_path))
    by_suite = {line.suite: line.scores["fake_time"] for line in run.scores()}
    assert by_suite["fake_latency"].value == 1.0
    assert by_suite["fake_suite"].unscored == "not_measured"


def test_second_run_answers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = execute(spec(tmp_path))
    monkeypatch.setattr(FakeSystem, "answer", lambda *_: pytest.fail("answered again"))
    assert execute(spec(tmp_path)).manifest == first.manifest


def test_changed_identity_starts_fresh(tmp_path: Path) -> None:
    assert execute(spec(tmp_path)).name != execute(spec(tmp_path, window=8)).name


def test_fresh_keeps_the_old_run_aside(tmp_path: Path) -> None:
    first = execute(spec(tmp_path))
    again = execute(RunSpec(**{**vars(spec(tmp_path)), "fresh": True}))
    assert again.name == first.name
    assert len(list((tmp_path / "replaced").iterdir())) == 1


def test_interrupt_then_resume_gives_the_same_scores(tmp_path: Path) -> None:
    whole = execute(spec(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        execute(spec(tmp_path / "cut", fail_after=7))
    folder = next((tmp_path / "cut" / "runs").glob("fake-*"))
    assert open_run(folder).manifest.status == "running"
    resumed = execute(spec(tmp_path / "cut"))
    assert set(answered(resumed).values()) == {1}
    assert (resumed.path / SCORES).read_bytes() == (whole.path / SCORES).read_bytes()


def elsewhere() -> dict[str, object]:
    return {"class": "another processor, AVX2, 2 cores"}


def test_the_same_run_has_the_same_name_on_every_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = execute(spec(tmp_path / "here"))
    monkeypatch.setattr("evals.run.execute.machine", elsewhere)
    there = execute(spec(tmp_path / "there"))
    assert (there.name, there.manifest.identity) == (here.name, here.manifest.identity)
    assert there.manifest.machine == elsewhere() != here.manifest.machine


def test_a_run_is_not_continued_on_another_class_of_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of its latencies would be another machine's."""
    with pytest.raises(KeyboardInterrupt):
        execute(spec(tmp_path, fail_after=7))
    with monkeypatch.context() as there:
        there.setattr("evals.run.execute.machine", elsewhere)
        with pytest.raises(UsageError, match=r"(?s)another class of machine.*--fresh"):
            execute(spec(tmp_path))
    assert execute(spec(tmp_path)).manifest.status == "complete"


def test_what_the_hardware_settled_is_in_the_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        FakeSystem, "placement", lambda self: {"device": "cpu", "dtype": "float32"}, raising=False
    )
    run = execute(spec(tmp_path))
    assert run.manifest.machine["engine"] == {"device": "cpu", "dtype": "float32"}
    assert "engine" not in str(run.manifest.identity)


def test_half_written_line_is_answered_again(tmp_path: Path) -> None:
    whole = execute(spec(tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        execute(spec(tmp_path / "cut", fail_after=7))
    folder = next((tmp_path / "cut" / "runs").glob("fake-*"))
    data = (folder / RESPONSES).read_bytes()
    (folder / RESPONSES).write_bytes(data[:-9])
    resumed = execute(spec(tmp_path / "cut"))
    assert set(answered(resumed).values()) == {1}
    assert (resumed.path / SCORES).read_bytes() == (whole.path / SCORES).read_bytes()


@pytest.mark.slow
def test_killed_at_twenty_random_moments(tmp_path: Path) -> None:
    """kill -9 of the whole process; one run is killed again and again until it has survived 20
    kills.
    """
    whole = execute(resume_driver.spec(tmp_path / "whole", 0.0))
    results, chance, kills = tmp_path / "killed", random.Random(7), 0
    while kills < 20:
        delay = "0.03"
        command = [sys.executable, "-m", "tests.evals.run.resume_driver", str(results), delay]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "ended before it was killed; make the run longer"
        process.stdout.close()
        kills += 1
    resumed = execute(resume_driver.spec(results, 0.0))
    assert set(answered(resumed).values()) == {1}
    assert resumed.manifest.items == sum(answered(resumed).values())
    assert (resumed.path / SCORES).read_bytes() == (whole.path / SCORES).read_bytes()


def test_changed_metric_code_scores_again_without_answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = execute(spec(tmp_path))
    before = (first.path / SCORES).read_bytes()
    monkeypatch.setattr("evals.run.scoring.code_of", lambda *_: "other code")
    monkeypatch.setattr(FakeSystem, "answer", lambda *_: pytest.fail("answered again"))
    again = execute(spec(tmp_path))
    assert again.manifest.scoring != first.manifest.scoring
    assert (again.path / SCORES).read_bytes() == before


def test_rescore_needs_no_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = execute(spec(tmp_path))
    monkeypatch.setattr("evals.run.scoring.code_of", lambda *_: "other code")
    monkeypatch.setattr("tests.fakes.fake_system", lambda *_: pytest.fail("built the system"))
    again = rescore(first, TinyPack())
    assert again.manifest.scoring != first.manifest.scoring
    assert again.manifest.finished == first.manifest.finished
    assert again.tampering() == []


def test_rescore_refuses_other_questions_and_edited_answers(tmp_path: Path) -> None:
    run = execute(spec(tmp_path))
    with pytest.raises(DataError, match="no longer asks"):
        rescore(run, TinyPack(38))
    path = run.path / RESPONSES
    path.write_bytes(path.read_bytes().replace(b'"text":"', b'"text":"x', 1))
    with pytest.raises(DataError, match="changed after it was finished"):
        rescore(run, TinyPack())


def test_request_that_is_never_answered_becomes_a_typed_failure(tmp_path: Path) -> None:
    item = next(iter(TinyPack().items())).id
    run = execute(RunSpec(**{**vars(spec(tmp_path, drop=item)), "profile": "full"}))
    failed = [r for r in run.responses() if r.error is not None]
    assert [(r.item, r.error and r.error.kind) for r in failed] == [(item, "no_response")]
    lost = next(line for line in run.scores() if line.item == item)
    assert lost.scores["fake_metric"].unscored == "system_error"


def test_two_answers_to_one_request_are_refused(tmp_path: Path) -> None:
    item = next(iter(TinyPack().items())).id
    with pytest.raises(Exception, match="twice"):
        execute(RunSpec(**{**vars(spec(tmp_path, twice=item)), "profile": "full"}))


def test_two_processes_on_one_run(tmp_path: Path) -> None:
    name = execute(spec(tmp_path)).name
    with (
        FileLock(tmp_path / "runs" / f".{name}.lock"),
        pytest.raises(UsageError, match="another process"),
    ):
        execute(spec(tmp_path))


def test_results_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(EnvironmentProblem, match="cannot be written"):
        execute(spec(tmp_path / "file"))


def test_full_disk_loses_nothing_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    real, written = os.write, 0

    def full(file: int, data: bytes) -> int:
        nonlocal written
        if data.startswith(b'{"item"'):
            written += 1
            if written > 6:
                raise OSError(28, "No space left on device")
        return real(file, data)

    with monkeypatch.context() as patch:
        patch.setattr("evals.core.log.os.write", full)
        with pytest.raises(EnvironmentProblem, match="No space left"):
            execute(spec(tmp_path))
    folder = next((tmp_path / "runs").glob("fake-*"))
    assert len((folder / RESPONSES).read_bytes().splitlines()) == 6
    assert set(answered(execute(spec(tmp_path))).values()) == {1}
