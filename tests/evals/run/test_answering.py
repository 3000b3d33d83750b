"""The latency pass: each request cold, every fifth of the plan once more with caches allowed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from evals.core import jsonl
from evals.core.errors import SystemFailure
from evals.core.interfaces import Mode
from evals.core.log import Log
from evals.core.schema import Failure, Request, Response, Timings, Usage
from evals.run.answering import WARM_EVERY, WARM_UP, answer_all
from tests.fakes import TinyPack


class Caching:
    """Keeps what it was asked in throughput mode; takes all but a token of it from its cache then,
    never else.
    """

    name = "caching"

    def __init__(self, broken: str = "") -> None:
        self.kept: set[str] = set()
        self.modes: list[Mode] = []
        self.broken = broken

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for request in requests:
            self.modes.append(mode)
            if mode == "throughput" and request.id == self.broken:
                yield Response(request.id, finish="error", error=Failure("timeout", "too slow"))
                continue
            cached = 9 if mode == "throughput" and request.id in self.kept else 0
            if mode == "throughput":
                self.kept.add(request.id)
            timings = Timings(mode, prefill=0.5, total=0.7)
            yield Response(request.id, "yes", usage=Usage(10, 2, cached), timings=timings)


def timed(path: Path, system: Caching, done: set[str]) -> dict[str, Response]:
    with Log(path) as log:
        answer_all(system, TinyPack(count=20).items(), "latency", log, done=done, tick=lambda: None)
    return {r.item: r for r in jsonl.read(path, Response)}


def test_every_fifth_request_is_asked_again_warm(tmp_path: Path) -> None:
    system = Caching()
    found = timed(tmp_path / "responses.jsonl", system, set())
    assert len(found) == 20
    for place, response in enumerate(found.values()):
        assert response.timings == Timings("latency", prefill=0.5, total=0.7), (
            "the answer itself is the cold one"
        )
        assert response.usage == Usage(10, 2)
        assert (response.warm is not None) == (place % WARM_EVERY == 0)
        if response.warm is not None:
            assert (
                response.warm.timings.measured == "cached" and response.warm.timings.prefill == 0.5
            )
            assert response.warm.timings.total < 0.5, (
                "wall time of this process, not the system's own sum"
            )
    asked = WARM_UP + 20 // WARM_EVERY
    assert (
        system.modes.count("throughput") == asked and system.modes.count("latency") == WARM_UP + 20
    )
    warm = found["item0000"].warm
    assert warm is not None and warm.usage == Usage(10, 2, cached=9)


def test_which_are_asked_again_does_not_depend_on_a_crash(tmp_path: Path) -> None:
    whole = timed(tmp_path / "whole.jsonl", Caching(), set())
    resumed = timed(tmp_path / "resumed.jsonl", Caching(), {f"item{n:04}" for n in range(8)})
    assert len(resumed) == 12
    for item, response in resumed.items():
        assert (response.warm is None) == (whole[item].warm is None)


def test_a_failed_repeat_leaves_the_answer_alone(tmp_path: Path) -> None:
    found = timed(tmp_path / "responses.jsonl", Caching(broken="item0005"), set())
    assert found["item0005"].error is None and found["item0005"].warm is None
    assert found["item0010"].warm is not None


class Leaving:
    """Answers one request, then calls sys.exit where no failure of one request can hold it."""

    name = "leaving"

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for place, request in enumerate(requests):
            if place:
                sys.exit(0)
            yield Response(request.id, "bad \ud800 text", usage=Usage(-1, 10**20))


def test_a_system_that_exits_ends_the_run_as_its_failure_and_loses_nothing(tmp_path: Path) -> None:
    path, items = tmp_path / "responses.jsonl", list(TinyPack(count=3).items())
    for left in (2, 1, 0):
        refused = pytest.raises(SystemFailure, match="called sys") if left else nullcontext()
        with refused, Log(path) as log:
            answer_all(
                Leaving(), items, "throughput", log, done=log.ids(Response), tick=lambda: None
            )
    assert [r.text for r in jsonl.read(path, Response)] == ["bad \ufffd text"] * 3
