"""The local engine: transformers weights, a slot cache, rows that leave and enter, greedy
decoding.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from evals.core.errors import SystemFailure
from evals.core.interfaces import Mode, Show, TextModel
from evals.core.schema import Failure, Message
from systems import models
from systems.engines.base import EngineSettings, Generation, Priors, Prompt
from systems.runtime import prepare
from systems.settings import Settings, as_table, parse


class LocalOptions(Settings, frozen=True):
    """``[engine.options]`` of the local engine.

    An answer ends before one of the texts ``stop``, and, with ``stop_repeats``, where it begins to
    repeat itself. ``calibrate`` takes from each choice's log-likelihood its mean over other
    questions of the kind (Fei et al. 2023, 2305.19148), so that no label wins by being likely
    anyway.
    """

    stop: tuple[str, ...] = ()
    stop_repeats: bool = False
    calibrate: bool = False


class LocalEngine:
    """Answers with weights in this process. The adapter, where there is one, is a folder made by
    `systems.training`.
    """

    def __init__(self, model: str, settings: EngineSettings, adapter: Path | None = None) -> None:
        self.options = parse(settings.options, LocalOptions, what="[engine.options]")
        self.model, self.settings, self.adapter = model, settings, adapter
        self._weights: Any = None
        self._kept: Any = None
        self._priors: Priors = {}

    def identity(self) -> Mapping[str, Any]:
        decode = {
            "greedy": True,
            "max_new_tokens": self.settings.max_new_tokens,
            "dtype": self.settings.dtype,
            **as_table(self.options),
        }
        return {"kind": "local", "model": models.identity(self.model), "decode": decode}

    def open(self) -> None:
        prepare(offline=False)
        from systems.engines.decode import Kept
        from systems.engines.weights import shared

        self._weights = shared(self.model, device=self.settings.device, dtype=self.settings.dtype)
        self._kept = Kept()

    def close(self) -> None:
        self._weights = self._kept = None
        self._priors = {}

    def placement(self) -> Mapping[str, Any] | None:
        """As `Placed.placement`."""
        weights = self._weights
        return (
            {"device": str(weights.device), "dtype": weights.dtype} if weights is not None else None
        )

    def count(self, text: str) -> int:
        return len(self._opened().encode(text))

    def generate(self, prompts: Iterable[Prompt], mode: Mode) -> Iterator[Generation]:
        """As `Engine.generate`. Raises SystemFailure where the device runs out of memory or the
        engine is closed.
        """
        return self._generations(prompts, mode, None)

    def stream(self, prompts: Iterable[Prompt], mode: Mode, show: Show) -> Iterator[Generation]:
        """As `StreamingEngine.stream`: a piece per token. A choice is made at once and not shown
        before it is made.
        """
        return self._generations(prompts, mode, show)

    def text_model(self) -> TextModel:
        """As `HostingEngine.text_model`."""
        from systems.engines.plain import PlainText

        return PlainText(self._opened(), self.settings, self.adapter)

    def _generations(
        self, prompts: Iterable[Prompt], mode: Mode, show: Show | None
    ) -> Iterator[Generation]:
        window = 1 if mode == "latency" else self.settings.window
        stream = iter(prompts)
        while batch := list(islice(stream, window)):
            yield from self._window(batch, mode, show)

    def _window(self, prompts: list[Prompt], mode: Mode, show: Show | None) -> Iterator[Generation]:
        import torch

        from systems.engines.choose import choose
        from systems.engines.decode import Row, decode

        weights = self._opened()
        groups: dict[tuple[Message, ...], list[Row]] = {}
        for prompt in prompts:
            began = time.perf_counter()
            ids = weights.encode_chat(prompt.messages)
            spent = time.perf_counter() - began
            if len(ids) + prompt.max_new_tokens > weights.context:
                message = (
                    f"{len(ids)} prompt tokens and {prompt.max_new_tokens} to come exceed"
                    f" {weights.context}"
                )
                yield Generation(
                    prompt.key, error=Failure("prompt_too_long", message), finish="error"
                )
            else:
                row = Row(
                    prompt.key,
                    ids,
                    prompt.max_new_tokens,
                    prompt.choices,
                    prefill=spent,
                    until=self.options.stop,
                    repeats=self.options.stop_repeats,
                    neutral=self._neutral(prompt),
                    show=show,
                )
                groups.setdefault(prompt.messages[:-1], []).append(row)
        try:
            with weights.lock:
                weights.switch(self.adapter)
                cached = mode == "throughput"
                for rows in groups.values():
                    choosing = [r for r in rows if r.choices]
                    yield from choose(weights, choosing, self.settings, self._priors, share=cached)
                    kept = self._kept if cached else None
                    texts = [r for r in rows if not r.choices]
                    yield from decode(weights, texts, self.settings, share=cached, kept=kept)
        except torch.OutOfMemoryError as error:
            raise SystemFailure(
                "the device ran out of memory",
                found=str(error),
                hint=(
                    'lower rows, kv_tokens or prefill_tokens in [engine], or use dtype = "bfloat16"'
                ),
            ) from error

    def _neutral(self, prompt: Prompt) -> tuple[tuple[int, ...], ...]:
        """Prompts of other questions, where choices are to be calibrated."""
        if not self.options.calibrate:
            return ()
        return tuple(tuple(self._opened().encode_chat(messages)) for messages in prompt.neutral)

    def _opened(self) -> Any:
        if self._weights is None:
            raise SystemFailure(
                "the engine was asked before it was opened", hint="call open() first"
            )
        return self._weights
