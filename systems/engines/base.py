"""The smallest interface an engine needs, and the two records that pass through it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol, runtime_checkable

import msgspec

from evals.core.interfaces import Mode, Show, TextModel
from evals.core.schema import Failure, Finish, Message, Usage
from systems.runtime import DType
from systems.settings import Settings


@dataclass(frozen=True)
class Prompt:
    """One conversation to be continued. Where ``choices`` are given, the likeliest of them is the
    answer; ``neutral`` are then the conversations of other questions with the same choices.
    """

    key: str
    messages: tuple[Message, ...]
    max_new_tokens: int = 48
    choices: tuple[str, ...] = ()
    neutral: tuple[tuple[Message, ...], ...] = ()


@dataclass(frozen=True)
class Generation:
    """What an engine gave for one prompt. Times are seconds; ``logprobs`` are natural, one per
    generated token.

    ``usage`` is None where a server does not say. ``reasoning`` holds thoughts that are no part of
    the text.
    """

    key: str
    text: str = ""
    usage: Usage | None = field(default_factory=Usage)
    logprobs: tuple[float, ...] | None = None
    finish: Finish = "stop"
    queue: float = 0.0
    prefill: float = 0.0
    decode: float = 0.0
    error: Failure | None = None
    reasoning: str | None = None


Priors = dict[tuple[tuple[tuple[int, ...], ...], tuple[str, ...]], list[float]]
"""The mean log-likelihood of each choice after other prompts, by the prompts' tokens and the
choices: worked out once for all requests.
"""

Count = Annotated[int, msgspec.Meta(ge=1)]


class EngineSettings(Settings, frozen=True):
    """How to generate. ``rows`` and ``kv_tokens`` bound a batch and its key-value cache, ``window``
    the look-ahead.

    ``dtype`` is what the weights are held in. ``float32`` gives the same texts on nearly every
    machine; ``auto`` is faster where bfloat16 is native, and gives other texts there.
    """

    kind: Literal["local", "endpoint", "fake"] = "local"
    device: str = "auto"
    dtype: DType = "float32"
    max_new_tokens: Count = 48
    rows: Count = 32
    kv_tokens: Count = 16_384
    prefill_tokens: Count = 2_048
    window: Count = 256
    options: dict[str, Any] = msgspec.field(default_factory=dict)


class Engine(Protocol):
    """Continues conversations. Greedy and deterministic where it can be."""

    def identity(self) -> Mapping[str, Any]:
        """What makes its answers the same ones: weights and decode settings, nothing about speed.
        Loads no model.
        """

    def open(self) -> None:
        """Load the model, or make sure that the server answers. Raises EnvironmentProblem or
        SystemFailure.
        """

    def count(self, text: str) -> int:
        """How many tokens a text has, or nearly so."""

    def generate(self, prompts: Iterable[Prompt], mode: Mode) -> Iterator[Generation]:
        """Pull prompts as there is room, yield as they finish, in any order, one per prompt.

        In ``latency`` mode: one at a time, nothing kept between prompts.
        """

    def close(self) -> None: ...


@runtime_checkable
class StreamingEngine(Protocol):
    """What an engine may have beside `Engine`: it tells its texts piece by piece while it makes
    them.
    """

    def stream(self, prompts: Iterable[Prompt], mode: Mode, show: Show) -> Iterator[Generation]:
        """As `Engine.generate`; ``show`` gets the prompt's key and each new piece, as in
        `Streaming.stream`.
        """


@runtime_checkable
class HostingEngine(Protocol):
    """What an engine may have beside `Engine`: the model is in this process and can be asked for
    bare tokens.
    """

    def text_model(self) -> TextModel:
        """The opened model, adapter included. Raises SystemFailure before `Engine.open`."""
