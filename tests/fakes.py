"""A pack in memory, a deterministic system and a metric: what most tests of the harness run on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.core.identity import digest
from evals.core.interfaces import Mode, Setup, Suite
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.registry import METRICS, SUITES, SYSTEM_KINDS
from evals.core.schema import (
    Document,
    Example,
    Fact,
    Item,
    Request,
    Response,
    Score,
    Slot,
    Timings,
    Usage,
    User,
    VoiceSample,
    scored,
    unscored,
)


@dataclass(frozen=True)
class TinyPack:
    """``count`` items, two to a cluster, over two tracks."""

    count: int = 40
    root: Path = Path("tiny")
    name: str = "tiny"
    brand: str = "tiny"
    company: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(
        default_factory=lambda: {"t0": "2025-01-01", "t1": "2025-06-01"}
    )

    @property
    def identity(self) -> str:
        return digest(["tiny", self.count])

    def documents(self, time: str | None = None) -> Iterator[Document]:
        return iter(())

    def items(self, suite: str | None = None) -> Iterator[Item]:
        if suite in (None, "fake_suite"):
            for n in range(self.count):
                gold = (Slot("n", "number", str(n)),)
                track = f"track{n % 4 // 2}"
                yield Item(
                    f"item{n:04}", "fake_suite", track, f"What is {n}?", f"c{n // 2:04}", gold=gold
                )

    def examples(self) -> Iterator[Example]:
        return iter(())

    def facts(self) -> Iterator[Fact]:
        return iter(())

    def users(self) -> Iterator[User]:
        return iter(())

    def voices(self) -> Iterator[VoiceSample]:
        return iter(())


FAKE_SUITE = Suite(
    name="fake_suite",
    about="A suite for tests.",
    tracks=("track0", "track1"),
    metrics=("fake_metric", "fake_time"),
    headline="fake_metric",
    clusters={"quick": 5, "standard": 8, "full": None},
)

FAKE_LATENCY = Suite(
    name="fake_latency",
    about="A latency suite for tests.",
    tracks=("fake_suite",),
    metrics=("fake_time",),
    headline="fake_time",
    clusters={"quick": 3, "standard": 5, "full": None},
    measured="latency",
    replays=("fake_suite",),
)


def fake_metric(context: MetricContext) -> Metric:
    """Bytes of a hash of the answer, so that any change of an answer changes a score."""

    def score(answer: Answer) -> Score:
        return scored(
            hashlib.sha256(f"{answer.item.id}{answer.response.text}".encode()).digest()[0] / 255
        )

    return Metric("fake_metric", "higher", score)


def fake_time(context: MetricContext) -> Metric:
    """1 where the response was timed in a latency pass."""

    def score(answer: Answer) -> Score:
        timings = answer.response.timings
        timed = timings is not None and timings.measured == "latency"
        return scored(1.0) if timed else unscored("not_measured")

    return Metric("fake_time", "higher", score)


@dataclass
class FakeSystem:
    """Answers from a hash of the question, in windows whose order is reversed, as batching systems
    do.
    """

    name: str = "fake"
    privileged: bool = False
    window: int = 4
    delay: float = 0.0
    drop: str | None = None
    twice: str | None = None
    fail_after: int | None = None
    asked: list[str] = field(default_factory=list)

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {"kind": "fake", "window": self.window}

    def open(self, setup: Setup) -> None:
        pass

    def close(self) -> None:
        pass

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        waiting: list[Request] = []
        for request in requests:
            waiting.append(request)
            if len(waiting) == self.window or mode == "latency":
                yield from self._flush(waiting, mode)
                waiting = []
        yield from self._flush(waiting, mode)

    def _flush(self, waiting: list[Request], mode: Mode) -> Iterator[Response]:
        for request in reversed(waiting):
            if self.fail_after is not None and len(self.asked) >= self.fail_after:
                raise KeyboardInterrupt
            if self.delay:
                time.sleep(self.delay)
            if request.id == self.drop:
                continue
            self.asked.append(request.id)
            text = hashlib.sha256(request.question.encode()).hexdigest()[:8]
            timings = Timings(measured=mode, prefill=0.01, decode=0.02, total=0.03)
            for _ in range(2 if request.id == self.twice else 1):
                yield Response(item=request.id, text=text, usage=Usage(10, 2), timings=timings)


def fake_system(settings: Mapping[str, Any]) -> FakeSystem:
    """Factory as the registry wants it."""
    return FakeSystem(**settings)


def register() -> None:
    """Make the fakes known by name. Safe to call twice."""
    SUITES.add("fake_suite", "tests.fakes:FAKE_SUITE")
    SUITES.add("fake_latency", "tests.fakes:FAKE_LATENCY")
    METRICS.add("fake_metric", "tests.fakes:fake_metric")
    METRICS.add("fake_time", "tests.fakes:fake_time")
    SYSTEM_KINDS.add("fake", "tests.fakes:fake_system")
