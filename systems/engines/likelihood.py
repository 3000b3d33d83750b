"""How likely answers are after a prompt, token by token, by a local model:
`evals.core.interfaces.TextLikelihood`.

The prompt is computed once for all of its answers. Weights are held in float32, which every
processor computes alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from evals.core.interfaces import TextLikelihood, Token
from evals.core.schema import Message
from systems import models
from systems.engines.base import EngineSettings
from systems.engines.choose import Fork, score

if TYPE_CHECKING:
    from systems.engines.weights import Weights

MAX_PROMPT: Final = 4096
"""Tokens of a prompt that are read at most; a longer one loses its end."""


class LocalLikelihood:
    """A model by name, hub id or folder. Its weights are loaded at the first question and shared by
    the process.
    """

    def __init__(self, reference: str, settings: EngineSettings | None = None) -> None:
        models.describe(reference)
        self._reference = reference
        self._settings = settings or EngineSettings(rows=8)
        self._weights: Weights | None = None

    @property
    def identity(self) -> str:
        return f"{self._reference} {self._settings.dtype}"

    def tokens(self, prompt: str, answers: Sequence[str]) -> list[tuple[Token, ...]]:
        """As `TextLikelihood.tokens`; an answer that the model cannot hold is read on its
        beginning.
        """
        import torch

        weights = self._load()
        read = [_encode(weights, a, weights.context // 2) for a in answers]
        longest = max((len(ids) for ids, _ in read), default=0)
        context = _prompt(weights, prompt, min(MAX_PROMPT, weights.context - longest - 1))
        forks = {n: Fork(context, [ids]) for n, (ids, _) in enumerate(read) if ids}
        if forks:
            # one row an answer behind the cached prompt: side by side in one row, answers would pay
            # for each other
            rows = min(len(forks), self._settings.rows)
            room = msgspec.structs.replace(
                self._settings, kv_tokens=rows * (len(context) + longest)
            )
            with torch.no_grad(), weights.lock:
                weights.switch(None)
                score(
                    weights,
                    list(forks.values()),
                    room,
                    prefix=len(context) - 1 if len(forks) > 1 else 0,
                )
        return [
            tuple(
                Token(a, b, p)
                for (a, b), p in zip(places, (forks[n].scores or [[]])[0], strict=True)
            )
            if n in forks
            else ()
            for n, (_, places) in enumerate(read)
        ]

    def _load(self) -> Weights:
        from systems.engines.weights import shared

        if self._weights is None:
            self._weights = shared(
                self._reference, device=self._settings.device, dtype=self._settings.dtype
            )
        return self._weights


def _encode(weights: Weights, text: str, most: int) -> tuple[list[int], list[tuple[int, int]]]:
    """At most so many tokens of a text, and the characters that each stands for."""
    found = weights.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return found["input_ids"][:most], found["offset_mapping"][:most]


def _prompt(weights: Weights, prompt: str, most: int) -> list[int]:
    """The prompt as the user's turn of a conversation, its end cut until it has at most so many
    tokens.
    """
    ids = weights.encode_chat((Message("user", prompt),))
    while len(ids) > most and prompt:
        prompt = prompt[: min(len(prompt) - 1, int(len(prompt) * 0.98 * most / len(ids)))]
        ids = weights.encode_chat((Message("user", prompt),))
    return ids


def build(reference: str) -> TextLikelihood:
    """The default provider. Raises UsageError for a model nobody knows."""
    return LocalLikelihood(reference or models.DEFAULT_LM)
