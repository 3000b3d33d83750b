"""A local model seen through bare tokens, for benchmarks that bring their own text: a
`TextModel`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evals.core.errors import SystemFailure
from evals.core.interfaces import Likelihood
from evals.core.schema import Message
from systems.engines.base import EngineSettings
from systems.engines.choose import Fork, score
from systems.engines.decode import Row, decode, shared_prefix
from systems.engines.endings import cut

if TYPE_CHECKING:
    from systems.engines.weights import Weights

Ids = tuple[int, ...]


class PlainText:
    """The shared weights with one adapter (or none) switched on for the length of each call."""

    def __init__(self, weights: Weights, settings: EngineSettings, adapter: Path | None) -> None:
        self._weights, self._settings, self._adapter = weights, settings, adapter

    @property
    def context(self) -> int:
        return self._weights.context

    @property
    def prefix(self) -> int:
        begin = self._weights.tokenizer.bos_token_id
        return self.end if begin is None else int(begin)

    @property
    def end(self) -> int:
        return int(self._weights.tokenizer.eos_token_id)

    def encode(self, text: str, special: bool = True) -> list[int]:
        ids: list[int] = self._weights.tokenizer(text, add_special_tokens=special)["input_ids"]
        return ids

    def decode(self, tokens: Sequence[int], special: bool = False) -> str:
        text: str = self._weights.tokenizer.decode(list(tokens), skip_special_tokens=not special)
        return text

    def chat(self, messages: Sequence[Message], answer: bool = True) -> str:
        text: str = self._weights.tokenizer.apply_chat_template(
            [{"role": m.role, "content": m.content} for m in messages],
            tokenize=False,
            add_generation_prompt=answer,
            continue_final_message=not answer,
        )
        return text

    def score(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> list[Likelihood]:
        """As `TextModel.score`: contexts that are the same are computed once, and what all begin
        with too.
        """
        groups: dict[Ids, dict[Ids, Likelihood | None]] = {}
        for context, continuation in pairs:
            groups.setdefault(tuple(context), {})[tuple(continuation)] = None
        if not groups:
            return []
        with self._on():
            forks = [
                fork
                for context, asked in groups.items()
                for fork in self._forks(context, list(asked))
            ]
            score(
                self._weights,
                forks,
                self._settings,
                prefix=shared_prefix([list(c) for c in groups]),
            )
        for fork in forks:
            found = zip(fork.continuations, fork.scores or (), fork.greedy or (), strict=True)
            groups[tuple(fork.context)] |= {
                tuple(c): Likelihood(sum(s), greedy) for c, s, greedy in found
            }
        likelihoods = [
            groups[tuple(context)][tuple(continuation)] for context, continuation in pairs
        ]
        return [found for found in likelihoods if found is not None]

    def write(
        self, contexts: Sequence[Sequence[int]], most: int, until: Sequence[str] = ()
    ) -> list[str]:
        """As `TextModel.write`."""
        stops = tuple(stop for stop in until if stop)
        rows = [Row(str(i), list(ids), most, until=stops) for i, ids in enumerate(contexts)]
        with self._on():
            for start in range(0, len(rows), self._settings.window):
                for _ in decode(
                    self._weights,
                    rows[start : start + self._settings.window],
                    self._settings,
                    share=True,
                ):
                    pass
        texts = [row.text(self._weights) for row in rows]
        return [text if (whole := cut(text, stops)) is None else whole for text in texts]

    def close(self) -> None:
        """Nothing to give back: the weights are shared."""

    def _forks(self, context: Ids, continuations: list[Ids]) -> Iterator[Fork]:
        """One fork, or several where the continuations are too wide to stand side by side."""
        room = max(self._settings.prefill_tokens - len(context), 1)
        group: list[Ids] = []
        for continuation in continuations:
            if group and sum(map(len, group)) + len(continuation) > room:
                yield Fork(context, group)
                group = []
            group.append(continuation)
        yield Fork(context, group)

    @contextmanager
    def _on(self) -> Iterator[None]:
        import torch

        try:
            with self._weights.lock:
                self._weights.switch(self._adapter)
                yield
        except torch.OutOfMemoryError as error:
            raise SystemFailure(
                "the device ran out of memory",
                found=str(error),
                hint="lower rows, kv_tokens or prefill_tokens in [engine]",
            ) from error
