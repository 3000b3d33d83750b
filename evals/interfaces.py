"""What can be plugged in: packs, suites, systems and metrics, as the runner sees them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from evals.schema import Document, Example, Fact, Item, Request, Response, Score, User, VoiceSample

Mode = Literal["throughput", "latency"]
Better = Literal["higher", "lower", "none"]


@runtime_checkable
class Pack(Protocol):
    """Everything known about one company. All iterators stream; none loads a file whole."""

    @property
    def root(self) -> Path: ...
    @property
    def name(self) -> str: ...
    @property
    def brand(self) -> str: ...
    @property
    def company(self) -> Mapping[str, str]:
        """Prompt material of pack.toml's [company]: name, description, voice_guide, policy_summary, ..."""

    @property
    def times(self) -> Mapping[str, str]:
        """Moment name (t0, t1) -> ISO date."""

    @property
    def identity(self) -> str:
        """Content hash of the whole pack."""

    def documents(self, time: str | None = None) -> Iterator[Document]:
        """Documents dated no later than the moment ``time``; superseded ones stay in (they are distractors)."""

    def items(self, suite: str | None = None) -> Iterator[Item]: ...
    def examples(self) -> Iterator[Example]: ...
    def facts(self) -> Iterator[Fact]: ...
    def users(self) -> Iterator[User]: ...
    def voices(self) -> Iterator[VoiceSample]: ...


@dataclass(frozen=True)
class Setup:
    """What a system is given before it answers. ``gold`` is filled only for systems declared ``privileged``."""

    pack: Pack
    cache: Path
    seed: int = 0
    gold: Mapping[str, Item] | None = None
    progress: Callable[[str], None] = lambda message: None


class System(Protocol):
    """Anything that turns requests into responses."""

    name: str
    privileged: bool

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        """What makes this system the same one: weights, adapter, index, prompts, decode settings. Loads no model."""

    def open(self, setup: Setup) -> None:
        """Load what is needed (weights, adapter, index). Called once, before the first answer."""

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """Pull requests as they can be served, yield responses as they finish, in any order, one per request.

        A request that fails yields a response with ``error`` set; only a failure of the whole system raises.
        In ``latency`` mode: one at a time, nothing cached between requests, timings of every stage.
        """

    def close(self) -> None: ...


Show = Callable[[str, str], None]
"""Told (item, piece of text) while an answer is being made."""


@runtime_checkable
class Streaming(Protocol):
    """What a system may have beside `System`: it can tell its answers piece by piece while it makes them."""

    def stream(self, requests: Iterable[Request], mode: Mode, show: Show) -> Iterator[Response]:
        """As `System.answer`, calling ``show`` with each new piece, from the thread that pulls the responses.

        The pieces of one answer, joined in order, are the beginning of its text.
        """


@dataclass(frozen=True)
class Metric:
    """A named pure function (item, response) -> score, and how its values are summarised over items.

    ``estimator`` names an entry of `evals.stats.estimators`: ``mean`` (default), ``p50`` / ``p95`` / ``p99``,
    ``sd``, ``macro_f1``, ``auroc`` (of details) and so on.
    """

    name: str
    better: Better
    score: Callable[[Item, Response], Score]
    estimator: str = "mean"
    about: str = ""
    bounds: tuple[float, float] = (0.0, 1.0)
    over_run: Callable[[Iterable[tuple[Item, Response]]], Callable[[Item, Response], Score]] | None = None
    """Where a score depends on the run's other answers (boilerplate): given a stream of all, it returns ``score``."""


class MetricFactory(Protocol):
    """Builds a metric for one pack (a voice classifier is fit, a fact table read); most ignore the pack."""

    def __call__(self, pack: Pack) -> Metric: ...


@dataclass(frozen=True)
class Suite:
    """Items of a pack and the metrics that read them. ``headline`` is one of ``metrics``.

    ``clusters`` maps a profile to how many clusters per track it asks (None: all).
    ``measured`` is ``latency`` for the suite that makes its own pass; ``replays`` names the suites whose items it asks
    again instead of having its own.
    """

    name: str
    about: str
    tracks: Sequence[str]
    metrics: Sequence[str]
    headline: str
    clusters: Mapping[str, int | None]
    measured: Mode = "throughput"
    replays: Sequence[str] = ()
