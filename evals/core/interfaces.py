"""What can be plugged in: packs, suites and systems, as the runner sees them. Metrics:
`evals.core.metric`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Protocol, runtime_checkable

from evals.core.schema import (
    Document,
    Example,
    Fact,
    Factors,
    Item,
    Message,
    Request,
    Response,
    Role,
    User,
    VoiceSample,
)

Mode = Literal["throughput", "latency"]

TRAINING_LIMIT: Final = 900.0
"""Seconds that a command which was not asked to train may train for."""


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
        """Prompt material of pack.toml's [company]: name, description, voice_guide, policy_summary,
        ...
        """

    @property
    def times(self) -> Mapping[str, str]:
        """Moment name (t0, t1) -> ISO date."""

    @property
    def identity(self) -> str:
        """Content hash of the whole pack."""

    def documents(self, time: str | None = None) -> Iterator[Document]:
        """Documents dated no later than the moment ``time``; superseded ones stay in (they are
        distractors).
        """

    def items(self, suite: str | None = None) -> Iterator[Item]: ...
    def examples(self) -> Iterator[Example]: ...
    def facts(self) -> Iterator[Fact]: ...
    def users(self) -> Iterator[User]: ...
    def voices(self) -> Iterator[VoiceSample]: ...


@dataclass(frozen=True)
class Setup:
    """What a system is given before it answers.

    ``gold`` is filled only for systems declared ``privileged``. ``training_limit`` is how many
    seconds a system that has to be trained first may take for it.
    """

    pack: Pack
    cache: Path
    seed: int = 0
    gold: Mapping[str, Item] | None = None
    progress: Callable[[str], None] = lambda message: None
    training_limit: float = TRAINING_LIMIT


class System(Protocol):
    """Anything that turns requests into responses."""

    name: str
    privileged: bool

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        """What makes this system the same one: weights, adapter, index, prompts, decode settings.
        Loads no model.
        """

    def open(self, setup: Setup) -> None:
        """Load what is needed (weights, adapter, index). Called once, before the first answer."""

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """Pull requests as they can be served, yield responses as they finish, in any order, one
        per request.

        A request that fails yields a response with ``error`` set; only a failure of the whole
        system raises. In ``latency`` mode: one at a time, nothing cached between requests, timings
        of every stage.
        """

    def close(self) -> None: ...


@runtime_checkable
class Declaring(Protocol):
    """What a system may have beside `System`: its role and factors, where its TOML file does not
    give others.
    """

    @property
    def role(self) -> Role: ...
    @property
    def factors(self) -> Factors | None: ...


@runtime_checkable
class Placed(Protocol):
    """What a system may have beside `System`: it knows what the hardware, or the server it asks,
    settled for it.
    """

    def placement(self) -> Mapping[str, Any] | None:
        """Device and precision that it computes in, or the form of request that its server takes;
        None where unknown.

        Asked when the system is open, and again after each pass.
        """


Show = Callable[[str, str], None]
"""Called with (item, piece of text) while an answer is being made."""


@runtime_checkable
class Streaming(Protocol):
    """What a system may have beside `System`: it can tell its answers piece by piece while it makes
    them.
    """

    def stream(self, requests: Iterable[Request], mode: Mode, show: Show) -> Iterator[Response]:
        """As `System.answer`, calling ``show`` with each new piece, from the thread that pulls the
        responses.

        The pieces of one answer, joined in order, are the beginning of its text.
        """


@dataclass(frozen=True)
class Likelihood:
    """How likely a continuation is: its natural log-probability, and whether greedy decoding would
    write it.
    """

    logprob: float
    greedy: bool


class TextModel(Protocol):
    """A language model held in this process, seen through bare tokens: no chat template, no
    retrieval, no cache.
    """

    @property
    def context(self) -> int:
        """Longest sequence, tokens."""

    @property
    def prefix(self) -> int:
        """The token that stands before a text without context."""

    @property
    def end(self) -> int:
        """The token that ends a text."""

    def encode(self, text: str, special: bool = True) -> list[int]:
        """Token ids; ``special``: with those that the tokenizer adds by itself."""

    def decode(self, tokens: Sequence[int], special: bool = False) -> str:
        """The text of tokens, special ones shown or left out."""

    def chat(self, messages: Sequence[Message], answer: bool = True) -> str:
        """A conversation in the model's chat template, ready for the ``answer``, or for the last
        turn to go on.
        """

    def score(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[Likelihood]:
        """The likelihood of each (context, continuation), in order; a sequence fits ``context`` but
        for one token.
        """

    def write(
        self, contexts: Sequence[Sequence[int]], most: int, until: Sequence[str] = ()
    ) -> list[str]:
        """Greedy continuations, in order: at most ``most`` tokens, cut at the first of the texts in
        ``until``.
        """

    def close(self) -> None: ...


class Token(NamedTuple):
    """A token of a text: the characters it stands for, and its natural log-probability after all
    that stands before.
    """

    start: int
    end: int
    logprob: float


class TextLikelihood(Protocol):
    """What tells how likely answers are after a prompt, token by token; found by name under
    `registry.LIKELIHOODS`.
    """

    @property
    def identity(self) -> str:
        """What makes its log-probabilities the same ones: the model and its precision."""

    def tokens(self, prompt: str, answers: Sequence[str]) -> list[tuple[Token, ...]]:
        """The tokens of each answer to the prompt, in order; none for an empty answer.

        What is too long is cut at its end: a prompt, and an answer, whose tokens then cover its
        beginning only.
        """


class Source(NamedTuple):
    """A context as it was retrieved, and its sentences in order (the fields of a JSON record as
    statements).
    """

    text: str
    sentences: tuple[str, ...]


class Risk(NamedTuple):
    """A part of an answer (a token, a sentence, all of it): its characters, and the probability, 0
    to 1, that no context supports it."""

    start: int
    end: int
    risk: float


class Detector(Protocol):
    """What finds the parts of answers that their contexts do not support; found by name under
    `registry.DETECTORS`.
    """

    @property
    def identity(self) -> str:
        """What makes its risks the same ones: the model and its files."""

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        """The risks of an answer's parts, in order; ``sentences`` are the (start, end) of its
        sentences.

        The parts are as fine as the detector sees. What stands between them asserts nothing.
        """


@runtime_checkable
class Hosted(Protocol):
    """What a system may have beside `System`: it answers with a language model that it holds
    itself.
    """

    def text_model(self, setup: Setup) -> TextModel:
        """Its weights with its adapter on, without its prompt and its retrieval, loaded.

        Raises UsageError where its engine is a server, EnvironmentProblem where weights or adapter
        cannot be had.
        """


MIN_CLUSTERS: Final = 20
"""Fewest independent clusters of a suite on which anything is decided; `adaptbench plan` says how
many a decision takes.
"""


@dataclass(frozen=True)
class Suite:
    """Items of a pack and the metrics that read them. ``headline`` is one of ``metrics``.

    ``clusters`` maps a profile to how many clusters per track it asks (None: all). ``measured`` is
    ``latency`` for the suite that makes its own pass; ``replays`` names the suites whose items it
    asks again instead of having its own.
    """

    name: str
    about: str
    tracks: Sequence[str]
    metrics: Sequence[str]
    headline: str
    clusters: Mapping[str, int | None]
    measured: Mode = "throughput"
    replays: Sequence[str] = ()
