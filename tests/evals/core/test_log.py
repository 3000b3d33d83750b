"""Appends that neither a crash nor a full disk can break, and what is there already."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evals.core import jsonl
from evals.core.errors import DataError, EnvironmentProblem
from evals.core.log import Log
from evals.core.schema import Response

WHOLE = b'{"item":"a"}\n{"item":"b"}\n'


@pytest.mark.parametrize("tail", [b"", b'{"item": "c', b"x" * 200_000])
def test_a_half_written_line_is_cut_off_and_the_log_goes_on(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(WHOLE + tail)
    with Log(path) as log:
        assert path.read_bytes() == WHOLE
        assert log.append(Response("c")) == len(WHOLE)
    assert path.read_bytes() == WHOLE + b'{"item":"c"}\n'
    path.write_bytes(b"no newline at all")
    assert Log(path).end == 0


def test_records_are_read_back_and_their_ids_known(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    records = [Response(item=f"i{n}", text='line\nbreak "quote"') for n in range(3)]
    with Log(path) as log:
        assert len(log.ids(Response)) == log.count() == 0
        assert not path.exists(), "nothing is created before the first line"
        for record in records:
            log.append(record)
    assert list(jsonl.read(path, Response)) == records
    ids = Log(path).ids(Response)
    assert ("i0" in ids, "i2" in ids, "i3" in ids, len(ids), Log(path).count()) == (
        True,
        True,
        False,
        3,
        3,
    )


def test_a_line_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(WHOLE + b'{"item":7}\n')
    with pytest.raises(DataError, match=r"r\.jsonl:3"):
        Log(path).ids(Response)


def test_restart_replaces_what_is_there_with_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(WHOLE)
    Log(path, restart=True).close()
    assert path.read_bytes() == WHOLE
    with Log(path, restart=True) as log:
        log.append(Response("c"))
        log.append(Response("d"))
    assert path.read_bytes() == b'{"item":"c"}\n{"item":"d"}\n'


@pytest.mark.parametrize("written", [0, 5])
def test_a_full_disk_leaves_whole_lines(
    tmp_path: Path, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r.jsonl"
    write = os.write

    def full(file: int, data: bytes) -> int:
        return write(file, data[:written])

    with Log(path) as log:
        log.append(Response("a"))
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(EnvironmentProblem, match="No space left"):
            log.append(Response("b"))
        monkeypatch.undo()
        log.append(Response("b"))
    assert path.read_bytes() == WHOLE


def test_a_folder_that_is_not_there_is_a_problem_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="No such file"):
        Log(tmp_path / "gone" / "r.jsonl").append(Response("a"))


def test_a_disk_that_is_full_at_the_end_is_one_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flushing fails, and then closing does too."""
    log = Log(tmp_path / "log.jsonl")
    log.append({"item": "a"})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    real = os.close

    def closing(file: int) -> None:
        real(file)
        full()

    with monkeypatch.context() as patch:
        patch.setattr("evals.core.log.os.fsync", full)
        patch.setattr("evals.core.log.os.close", closing)
        with pytest.raises(EnvironmentProblem, match="No space left"):
            log.close()
