"""A fast engine without a model: its answer is a function of the prompt alone. Drives most
tests.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from evals.core.errors import SystemFailure
from evals.core.interfaces import Mode
from evals.core.schema import Failure, Usage
from systems.engines.base import EngineSettings, Generation, Prompt
from systems.settings import Settings, as_table, parse


class FakeOptions(Settings, frozen=True):
    """``delay``: seconds per prompt; ``fail``: share of prompts that fail; ``down``: the engine
    cannot be opened.
    """

    delay: float = 0.0
    fail: float = 0.0
    down: bool = False


class FakeEngine:
    """Answers ``answer <hash of the prompt>``, or the choice that the hash points at."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.options = parse(settings.options, FakeOptions, what="[engine.options]")
        self.prompts: list[Prompt] = []

    def identity(self) -> Mapping[str, Any]:
        return {"kind": "fake", **as_table(self.options)}

    def open(self) -> None:
        """Raises SystemFailure where the options say that the engine is down."""
        if self.options.down:
            raise SystemFailure("the fake engine is down", hint="set down = false")

    def close(self) -> None:
        self.prompts.clear()

    def count(self, text: str) -> int:
        return len(text.split())

    def generate(self, prompts: Iterable[Prompt], mode: Mode) -> Iterator[Generation]:
        for prompt in prompts:
            self.prompts.append(prompt)
            yield self._answer(prompt)

    def _answer(self, prompt: Prompt) -> Generation:
        began = time.perf_counter()
        if self.options.delay:
            time.sleep(self.options.delay)
        seed = hashlib.sha256(
            "\0".join(f"{m.role}\0{m.content}" for m in prompt.messages).encode()
        ).digest()
        spent = time.perf_counter() - began
        if seed[0] < 256 * self.options.fail:
            return Generation(
                prompt.key, finish="error", error=Failure("fake", "failed as asked"), prefill=spent
            )
        text = (
            prompt.choices[seed[1] % len(prompt.choices)]
            if prompt.choices
            else f"answer {seed.hex()[:8]}"
        )
        words = sum(self.count(m.content) for m in prompt.messages)
        return Generation(
            prompt.key,
            text,
            Usage(prompt=words, completion=len(text.split())),
            logprobs=(-0.5, -0.25),
            prefill=spent,
        )
