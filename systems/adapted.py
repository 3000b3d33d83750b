"""The 2x2 in one class: a prompt, with or without retrieval, with or without an adapter, on one set
of base weights.

``base`` is a prompt alone; ``rag`` adds a retriever, ``finetuned`` an adapter, ``hybrid`` both.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from evals.core.errors import SystemFailure, UsageError
from evals.core.identity import source_digest
from evals.core.interfaces import Mode, Placed, Setup, Show, TextModel
from evals.core.schema import Factors, Passage, Request, Response, Role, Timings
from systems import models
from systems.engines.base import (
    Engine,
    EngineSettings,
    Generation,
    HostingEngine,
    Prompt,
    StreamingEngine,
)
from systems.engines.make import make_engine
from systems.engines.weights import pick_device
from systems.examples import kind_of
from systems.prompts import Prompter, PromptSettings
from systems.retrieval.retriever import Retriever, RetrieverSettings, make_retriever
from systems.settings import Settings, as_table, parse


class AdaptedSettings(Settings, frozen=True):
    """A system of kind ``adapted``. ``adapter`` is a recipe (by name or TOML file) or an adapter's
    folder.
    """

    name: str = "adapted"
    model: str = models.DEFAULT_LM
    adapter: str | None = None
    prompt: PromptSettings = PromptSettings()
    retriever: RetrieverSettings | None = None
    engine: EngineSettings = EngineSettings()


def build(settings: Mapping[str, Any]) -> Adapted:
    """The system that a TOML table describes. Raises UsageError for anything unknown in it."""
    return Adapted(
        parse(settings, AdaptedSettings, what=f"system {settings.get('name', 'adapted')!r}")
    )


class Adapted:
    """A prompt, an engine, an optional retriever and an optional adapter."""

    role: Role = "contender"

    def __init__(self, settings: AdaptedSettings) -> None:
        self.settings = settings
        self.name = settings.name
        self.privileged = settings.retriever is not None and settings.retriever.kind == "gold"
        self.factors = Factors(
            retrieval=settings.retriever is not None, adapter=settings.adapter is not None
        )
        self._retriever: Retriever | None = (
            make_retriever(settings.retriever) if settings.retriever else None
        )
        make_engine(
            settings.model, settings.engine, Path(settings.adapter) if settings.adapter else None
        )
        self._engine: Engine | None = None
        self._prompter: Prompter | None = None

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        """Weights, wanted adapter, retriever, prompt, decode settings and the digest of the code
        that can run.
        """
        return {
            "kind": "adapted",
            "engine": make_engine(self.settings.model, self.settings.engine).identity(),
            "adapter": self._wanted_adapter(setup),
            "retriever": self._retriever.identity() if self._retriever else None,
            "prompt": as_table(self.settings.prompt),
            "code": source_digest(__name__),
        }

    def open(self, setup: Setup) -> None:
        """Load weights, adapter (trained now where there is none yet) and index.

        Raises EnvironmentProblem, UsageError or SystemFailure where one of them cannot be had.
        """
        if self.settings.engine.kind == "local" and self.settings.engine.device != "auto":
            pick_device(self.settings.engine.device)  # before an adapter is trained for nothing
        adapter = self._ready_adapter(setup)
        if self._retriever is not None:
            self._retriever.open(setup)
        self._prompter = self._make_prompter(setup)
        self._engine = make_engine(self.settings.model, self.settings.engine, adapter, setup.seed)
        self._engine.open()

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        """As `System.answer`: retrieval for a whole window, then generation."""
        return self._answers(requests, mode, None)

    def stream(self, requests: Iterable[Request], mode: Mode, show: Show) -> Iterator[Response]:
        """As `Streaming.stream`; an engine that cannot stream shows nothing before its answers."""
        return self._answers(requests, mode, show)

    def text_model(self, setup: Setup) -> TextModel:
        """As `Hosted.text_model`."""
        engine = make_engine(self.settings.model, self.settings.engine, self._ready_adapter(setup))
        if not isinstance(engine, HostingEngine):
            raise UsageError(
                f"{self.name} does not hold its model itself",
                found=f'kind = "{self.settings.engine.kind}" in [engine]',
                hint=(
                    "ask it for whole answers instead, or its server with lm-eval's"
                    " local-completions"
                ),
            )
        engine.open()
        return engine.text_model()

    def placement(self) -> Mapping[str, Any] | None:
        """As `Placed.placement`."""
        return self._engine.placement() if isinstance(self._engine, Placed) else None

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()
        self._engine = None

    def _answers(
        self, requests: Iterable[Request], mode: Mode, show: Show | None
    ) -> Iterator[Response]:
        stream = iter(requests)
        while window := list(
            islice(stream, 1 if mode == "latency" else self.settings.engine.window)
        ):
            yield from self._window(window, mode, show)

    def _window(
        self, requests: Sequence[Request], mode: Mode, show: Show | None
    ) -> Iterator[Response]:
        if self._engine is None or self._prompter is None:
            raise SystemFailure(
                f"{self.name} was asked before it was opened", hint="call open() first"
            )
        began = time.perf_counter()
        found: dict[str, tuple[Passage, ...]] = {}
        if self._retriever is not None:
            asked = [r for r in requests if needs_passages(r)]
            found = {r.id: p for r, p in zip(asked, self._retriever.search(asked), strict=True)}
        most = self.settings.engine.max_new_tokens
        prompts = [
            Prompt(
                key=request.id,
                messages=self._prompter.render(request, found.get(request.id)),
                max_new_tokens=min(most, request.max_new_tokens or most),
                choices=request.choices,
                neutral=self._prompter.others(request) if request.choices else (),
            )
            for request in requests
        ]
        retrieve = (time.perf_counter() - began) / len(requests)
        engine = self._engine
        if show is not None and isinstance(engine, StreamingEngine):
            generations = engine.stream(prompts, mode, show)
        else:
            generations = engine.generate(prompts, mode)
        for generation in generations:
            total = time.perf_counter() - began if mode == "latency" else None
            yield response(
                generation, found.get(generation.key), mode, retrieve=retrieve, total=total
            )

    def _make_prompter(self, setup: Setup) -> Prompter:
        return Prompter(self.settings.prompt, setup.pack, grounded=self._retriever is not None)

    def _wanted_adapter(self, setup: Setup) -> Mapping[str, Any] | None:
        if self.settings.adapter is None:
            return None
        from systems.training.adapters import wanted

        return wanted(self.settings.adapter, self.settings.model, setup).identity()

    def _ready_adapter(self, setup: Setup) -> Path | None:
        if self.settings.adapter is None:
            return None
        from systems.training.adapters import ready, wanted

        return ready(wanted(self.settings.adapter, self.settings.model, setup), setup)


def needs_passages(request: Request) -> bool:
    """Whether a request is looked up: as it says, else unless it brings its own text to label or to
    read out of.
    """
    return kind_of(request) == "answer" if request.lookup is None else request.lookup


def response(
    generation: Generation,
    passages: tuple[Passage, ...] | None,
    mode: Mode,
    *,
    retrieve: float = 0.0,
    total: float | None = None,
) -> Response:
    """The frozen record of one generation. ``total`` is wall time where it was measured, else the
    sum of stages.
    """
    stages = retrieve + generation.queue + generation.prefill + generation.decode
    return Response(
        item=generation.key,
        text=generation.text,
        passages=passages,
        usage=generation.usage,
        timings=Timings(
            measured=mode,
            retrieve=round(retrieve, 6),
            queue=round(generation.queue, 6),
            prefill=round(generation.prefill, 6),
            decode=round(generation.decode, 6),
            total=round(stages if total is None else total, 6),
        ),
        logprobs=generation.logprobs,
        finish=generation.finish,
        error=generation.error,
        reasoning=generation.reasoning,
    )
