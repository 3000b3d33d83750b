"""Runs over a real Ray cluster of two machines: nothing lost, nothing answered twice, the scores of
a local run.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.cli.main import run as command
from evals.core import jsonl
from evals.core.errors import (
    EXIT_ENVIRONMENT,
    EXIT_SYSTEM,
    EXIT_USAGE,
    EnvironmentProblem,
    SystemFailure,
    UsageError,
)
from evals.core.registry import SYSTEM_KINDS, SystemConfig
from evals.core.schema import Response
from evals.core.store import SCORES, StoredRun
from evals.run.execute import RunSpec, execute
from evals.run.executors import EXECUTORS, LocalExecutor
from evals.run.ray_executor import ray_cluster, share
from tests.evals.run.cluster import After, TwoMachines
from tests.fakes import TinyPack

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.usefixtures("fake_registry"),
    pytest.mark.allow_hosts(["127.0.0.1"]),
]

ITEMS = 120


@pytest.fixture(scope="module")
def machines() -> Iterator[TwoMachines]:
    cluster = TwoMachines()
    yield cluster
    cluster.close()


def spec(results: Path, kind: str = "fake", executor: Any = None, **settings: Any) -> RunSpec:
    SYSTEM_KINDS.add("mortal", "tests.evals.run.cluster:mortal")
    config = SystemConfig(kind, kind, settings)
    who = executor or LocalExecutor()
    return RunSpec(config, TinyPack(ITEMS), results, ("fake_suite",), profile="full", executor=who)


def answered(path: Path) -> Counter[str]:
    return Counter(r.item for r in jsonl.read(path / "responses.jsonl", Response))


def same(run: StoredRun, whole: StoredRun) -> bool:
    """Whether a run has every answer once, and the other's name and scores."""
    counts = answered(run.path)
    scores = [(r.path / SCORES).read_bytes() for r in (run, whole)]
    return (
        len(counts) == ITEMS
        and set(counts.values()) == {1}
        and scores[0] == scores[1]
        and run.name == whole.name
    )


def test_a_machine_killed_mid_run_loses_nothing(machines: TwoMachines, tmp_path: Path) -> None:
    whole = execute(spec(tmp_path / "local"))
    over_both = ray_cluster({"address": machines.address, "workers": 2})
    show = After(ITEMS // 4, machines.kill)
    spread = execute(spec(tmp_path / "ray", executor=over_both, delay=0.03), show)
    assert show.count < 0, "ended before the machine was killed"
    assert [
        note
        for note in show.notes
        if "died" in note and "go to others, 1 of 2 workers left" in note
    ]
    assert same(spread, whole)
    assert spread.tampering() == []


def test_all_workers_dead_keeps_what_was_answered(machines: TwoMachines, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.touch()
    settings = {"deadly": "item0050", "trap": str(trap)}
    whole = execute(spec(tmp_path / "local", "mortal"))
    alone = ray_cluster({"address": machines.address, "workers": 1})
    spring = After(ITEMS // 4, lambda: trap.write_text("now"))
    with pytest.raises(SystemFailure, match="all 1 workers are lost") as caught:
        execute(spec(tmp_path / "ray", "mortal", alone, **settings), spring)
    assert caught.value.exit_code == EXIT_SYSTEM
    (folder,) = (tmp_path / "ray" / "runs").glob("mortal-*")
    assert ITEMS // 4 <= len(answered(folder)) < ITEMS
    trap.unlink()
    assert same(execute(spec(tmp_path / "ray", "mortal", alone, **settings)), whole)


def test_a_problem_of_the_system_is_reported_as_it_is(
    machines: TwoMachines, tmp_path: Path
) -> None:
    alone = ray_cluster({"address": machines.address, "workers": 1})
    with pytest.raises(SystemFailure, match="the key is wrong") as caught:
        execute(spec(tmp_path, "mortal", alone, refused="item0010"))
    assert (caught.value.where, caught.value.hint) == ("the server", "mend it")
    assert sum(answered(next((tmp_path / "runs").glob("mortal-*"))).values()) > 0


def test_a_worker_that_is_another_system_answers_nothing(
    machines: TwoMachines, tmp_path: Path
) -> None:
    alone = ray_cluster({"address": machines.address, "workers": 1})
    with pytest.raises(
        EnvironmentProblem, match=r"another system than the run's(.|\n)*system\.weights"
    ):
        execute(spec(tmp_path, "mortal", alone, alien=True))
    assert not list(tmp_path.rglob("responses.jsonl")) or not sum(
        answered(next(tmp_path.glob("runs/*"))).values()
    )


def test_a_cluster_of_its_own_answers_and_is_gone_before_the_timing(tmp_path: Path) -> None:
    suites = ("fake_suite", "fake_latency")
    whole = execute(replace(spec(tmp_path / "local"), suites=suites))
    spread = execute(
        replace(spec(tmp_path / "ray", executor=ray_cluster({"workers": 1})), suites=suites)
    )
    assert (spread.path / SCORES).read_bytes() == (whole.path / SCORES).read_bytes()
    assert "ray" in sys.modules
    assert not sys.modules["ray"].is_initialized()


def test_latency_is_not_measured_on_a_shared_machine() -> None:
    with pytest.raises(UsageError, match="latency is measured alone"):
        ray_cluster({"address": "auto"}).for_mode("latency")
    assert ray_cluster({}).for_mode("latency") == LocalExecutor()


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--workers", "2"], EXIT_USAGE, "the local executor has no settings"),
        (["--executor", "rai"], EXIT_USAGE, "did you mean ray"),
        (
            ["--executor", "ray", "--ray-address", "127.0.0.1:1"],
            EXIT_ENVIRONMENT,
            "Connection refused",
        ),
        (
            ["--executor", "ray", "--ray-address", "ray://head:10001"],
            EXIT_USAGE,
            "expected: auto, or HOST:PORT",
        ),
    ],
)
def test_problems_are_one_message(
    options: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    monkeypatch.setattr("evals.core.registry.open_pack", lambda *_: TinyPack())
    arguments = [
        "run",
        "always_abstain",
        "--suite",
        "fake_suite",
        "--results",
        str(tmp_path),
        *options,
    ]
    assert command(arguments) == code
    shown = capsys.readouterr().err
    assert said in shown
    assert shown.count("error: ") == 1


def test_without_ray_the_hint_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EnvironmentProblem, match=r"pip install 'adaptbench\[ray\]'"):
        execute(spec(tmp_path, executor=ray_cluster({})))


def test_executors_are_found_by_name() -> None:
    assert EXECUTORS.names() == ["local", "ray"]
    assert EXECUTORS.get("ray")({"workers": 3}) == ray_cluster({"workers": 3})
    with pytest.raises(UsageError, match="a setting of the executor ray"):
        EXECUTORS.get("ray")({"wokers": 3})


@pytest.mark.parametrize(
    ("rooms", "workers", "got"),
    [
        ([(2, 0)], None, (1, 2)),
        ([(2, 0)], 2, (2, 1)),
        ([(16, 0), (16, 0)], 3, (3, 8)),
        ([(16, 0), (4, 0)], None, (2, 8)),
        ([(16, 4), (8, 0)], None, (4, 4)),
        ([(16, 4), (0, 0)], 2, (2, 8)),
    ],
)
def test_workers_share_the_cores(
    rooms: list[tuple[int, int]], workers: int | None, got: tuple[int, int]
) -> None:
    assert share(rooms, workers) == got


@pytest.mark.parametrize(
    ("rooms", "workers"), [([(2, 0)], 3), ([(16, 2)], 3), ([(0, 0)], None), ([], None)]
)
def test_more_workers_than_room_are_refused(
    rooms: list[tuple[int, int]], workers: int | None
) -> None:
    with pytest.raises(UsageError, match="more workers than the cluster has room for"):
        share(rooms, workers)
