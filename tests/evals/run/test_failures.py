"""Failed answers are counted, and the first cause is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.core.log import Log
from evals.core.registry import SystemConfig
from evals.core.schema import Failure, Response
from evals.core.store import RESPONSES, StoredRun
from evals.run.execute import RunSpec, execute
from evals.run.failures import failures
from tests.fakes import TinyPack


@pytest.fixture
def run(tmp_path: Path, fake_registry: None) -> StoredRun:
    return execute(RunSpec(SystemConfig("fake", "fake", {}), TinyPack(), tmp_path, ("fake_suite",)))


def write(run: StoredRun, *answers: Response) -> StoredRun:
    (run.path / RESPONSES).unlink()
    with Log(run.path / RESPONSES) as log:
        for answer in answers:
            log.append(answer)
    return run


def test_nothing_is_reported_where_all_was_answered(run: StoredRun) -> None:
    assert failures(run) is None


def test_the_first_cause_is_one_printable_line(run: StoredRun) -> None:
    bad = Failure("exception", "ValueError: no\nidea \x1b[31m")
    answers = (
        Response("a", "x"),
        Response("b", error=bad),
        Response("c", error=Failure("timeout", "late")),
    )
    found = failures(write(run, *answers))
    assert found is not None
    assert not found.every
    assert found.first.item == "b"
    assert (
        found.summary == "2 of 3 answers failed; the first with exception: ValueError: no idea"
        " \N{REPLACEMENT CHARACTER}[31m"
    )
    found = failures(write(run, *answers[1:]))
    assert found is not None
    assert found.every
