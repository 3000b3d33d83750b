"""Greedy decoding over a slot cache: prefill in length buckets, one token for all rows per step,
rows come and go.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evals.core.interfaces import Show
from evals.core.schema import Finish, Usage
from systems.engines.base import EngineSettings, Generation
from systems.engines.endings import cut
from systems.engines.slots import SlotCache

if TYPE_CHECKING:
    import torch

    from systems.engines.weights import Weights

MIN_PREFIX = 16
"""A shared prefix shorter than this many tokens is not worth keeping."""


@dataclass
class Row:
    """One prompt on its way through the batch. Seconds are shared out evenly over the rows that
    were served at once.

    ``until`` are texts that end it, ``repeats`` says whether repeating itself does (see `endings`);
    ``neutral`` are other prompts with the same choices, against which these are calibrated.
    """

    key: str
    ids: list[int]
    max_new: int
    choices: tuple[str, ...] = ()
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    cached: int = 0
    prefill: float = 0.0
    decode: float = 0.0
    until: tuple[str, ...] = ()
    repeats: bool = False
    neutral: tuple[tuple[int, ...], ...] = ()
    show: Show | None = None
    shown: str = ""

    def text(self, weights: Weights) -> str:
        """What was written so far, without special tokens."""
        text: str = weights.tokenizer.decode(self.tokens, skip_special_tokens=True)
        return text

    def ended(self, weights: Weights) -> Finish | None:
        """Why it is done, or None: it has all its tokens, or a text that ends it."""
        if (self.until or self.repeats) and self.cut(weights) is not None:
            return "stop"
        return "length" if len(self.tokens) >= self.max_new else None

    def cut(self, weights: Weights) -> str | None:
        """The text before what ends it; None where nothing does."""
        return cut(self.text(weights), self.until, repeats=self.repeats)

    def tell(self, weights: Weights) -> None:
        """Show what the newest token adds to the text. White space and half characters wait for
        what follows them.
        """
        if self.show is not None:
            text = self.text(weights).strip()
            longer = text.startswith(self.shown) and len(text) > len(self.shown)
            if longer and not text.endswith("\N{REPLACEMENT CHARACTER}"):
                self.show(self.key, text[len(self.shown) :])
                self.shown = text

    def result(self, weights: Weights, finish: Finish) -> Generation:
        whole = self.cut(weights) if finish == "stop" else None
        return Generation(
            key=self.key,
            text=(self.text(weights) if whole is None else whole).strip(),
            usage=Usage(prompt=len(self.ids), completion=len(self.logprobs), cached=self.cached),
            logprobs=tuple(self.logprobs),
            finish=finish,
            prefill=self.prefill,
            decode=self.decode,
        )


def shared_prefix(rows: list[list[int]]) -> int:
    """How many first tokens all rows share, leaving each at least one of its own; 0 where it is not
    worth keeping.
    """
    if len(rows) < 2:
        return 0
    first, last = min(rows), max(rows)
    limit = min(len(r) for r in rows) - 1
    same = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), limit)
    return min(same, limit) if min(same, limit) >= MIN_PREFIX else 0


@dataclass
class Kept:
    """A prompt cache of one prompt: its tokens, and their keys and values in every layer."""

    ids: list[int] = field(default_factory=list)
    states: list[tuple[torch.Tensor, torch.Tensor]] = field(default_factory=list)

    def shared(self, rows: list[list[int]]) -> int:
        """How many of its first tokens all rows begin with, leaving each at least one of its
        own.
        """
        return shared_prefix([[*self.ids, -1], *rows]) if self.ids else 0


def decode(
    weights: Weights,
    rows: list[Row],
    settings: EngineSettings,
    *,
    share: bool,
    kept: Kept | None = None,
) -> Iterator[Generation]:
    """Continue every row greedily until a stop token or its limit; yield each as it finishes.

    ``share``: compute the tokens that all rows begin with once (throughput only). ``kept``: a
    prompt read before, of which nothing that the rows begin with is computed again; one of theirs
    takes its place.
    """
    if rows:
        yield from _Batch(weights, rows, settings, share=share, kept=kept).run()


class _Batch:
    """The state of one window: a queue of waiting rows (longest first), the rows in slots, and
    their cache.
    """

    def __init__(
        self,
        weights: Weights,
        rows: list[Row],
        settings: EngineSettings,
        *,
        share: bool,
        kept: Kept | None,
    ) -> None:
        self.weights, self.settings = weights, settings
        self.waiting = sorted(rows, key=lambda r: len(r.ids))
        self.active: list[Row] = []
        self.kept = kept
        self.known = kept.shared([r.ids for r in rows]) if kept is not None else 0
        self.prefix = max(self.known, shared_prefix([r.ids for r in rows]) if share else 0)
        length = max(len(r.ids) + r.max_new for r in rows)
        slots = max(1, min(settings.rows, len(rows), settings.kv_tokens // length))
        self.cache = SlotCache(weights.layers, slots, length)
        self.last: list[int] = []

    def run(self) -> Iterator[Generation]:
        if self.prefix:
            self._fill_prefix()
        while self.waiting or self.active:
            yield from self._enter()
            if self.active:
                yield from self._step()

    def _fill_prefix(self) -> None:
        import torch

        start = self.known
        if self.kept is not None and start:
            self.cache.paste(self.kept.states, start)
        if fresh := self.waiting[0].ids[start : self.prefix]:
            self.cache.write_block(0, 1, start)
            positions = torch.arange(start, self.prefix)[None]
            self._forward(torch.tensor([fresh]), positions, causal(len(fresh), start), keep=1)
        self.cache.spread(self.prefix)

    def _enter(self) -> Iterator[Generation]:
        """Prefill waiting rows into free slots, similar lengths together, at most
        ``prefill_tokens`` at once.

        To keep prefills large, nothing enters while fewer than a quarter of the slots are free.
        """
        free = self.cache.slots - len(self.active)
        if self.active and free * 4 < self.cache.slots:
            return
        while self.waiting and free:
            group: list[Row] = []
            width = len(self.waiting[-1].ids) - self.prefix
            while (
                self.waiting
                and len(group) < free
                and (len(group) + 1) * width <= self.settings.prefill_tokens
            ):
                group.append(self.waiting.pop())
            group = group or [self.waiting.pop()]
            yield from self._prefill(group, width)
            free = self.cache.slots - len(self.active)

    def _prefill(self, group: list[Row], width: int) -> Iterator[Generation]:
        import torch

        began = time.perf_counter()
        own = [row.ids[self.prefix :] for row in group]
        ids = torch.tensor([o + [0] * (width - len(o)) for o in own])
        positions = (self.prefix + torch.arange(width)).expand(len(group), -1)
        first = len(self.active)
        self.cache.write_block(first, len(group), self.prefix)
        ends = torch.tensor([len(o) - 1 for o in own])
        logits = self._forward(ids, positions, causal(width, self.prefix), ends=ends)
        tokens, logprobs = _pick(logits)
        if self.kept is not None:
            self.kept.ids = group[0].ids[: self.settings.prefill_tokens]
            self.kept.states, self.kept = self.cache.copy(first, len(self.kept.ids)), None
        spent = (time.perf_counter() - began) / len(group)
        for row in group:
            row.cached = self.prefix
            row.prefill += spent
        self.active += group
        self.last += tokens
        yield from self._take(tokens, logprobs, first)

    def _step(self) -> Iterator[Generation]:
        import torch

        began = time.perf_counter()
        device = self.weights.device
        positions = torch.tensor(
            [len(r.ids) + len(r.tokens) - 1 for r in self.active], device=device
        )
        end = int(positions.max()) + 1
        self.cache.write_tokens(positions, end)
        mask = (torch.arange(end, device=device)[None] <= positions[:, None])[:, None, None]
        logits = self._forward(torch.tensor(self.last)[:, None], positions[:, None], mask, keep=1)
        tokens, logprobs = _pick(logits)
        spent = (time.perf_counter() - began) / len(self.active)
        for row in self.active:
            row.decode += spent
        self.last = tokens
        yield from self._take(tokens, logprobs, 0)

    def _take(self, tokens: list[int], logprobs: list[float], first: int) -> Iterator[Generation]:
        """Give each row from slot ``first`` on its new token; yield and remove the rows that are
        done.
        """
        done: list[tuple[int, Finish]] = []
        for slot, (token, logprob) in enumerate(zip(tokens, logprobs, strict=True), start=first):
            row = self.active[slot]
            row.logprobs.append(round(logprob, 4))
            if token in self.weights.stop:
                done.append((slot, "stop"))
                continue
            row.tokens.append(token)
            row.tell(self.weights)
            if finish := row.ended(self.weights):
                done.append((slot, finish))
        for slot, finish in reversed(done):
            yield self.active[slot].result(self.weights, finish)
            self._leave(slot)

    def _leave(self, slot: int) -> None:
        last = len(self.active) - 1
        if slot != last:
            row = self.active[last]
            self.cache.move(last, slot, len(row.ids) + len(row.tokens))
            self.active[slot], self.last[slot] = row, self.last[last]
        self.active.pop()
        self.last.pop()

    def _forward(
        self,
        ids: torch.Tensor,
        positions: torch.Tensor,
        mask: torch.Tensor,
        *,
        keep: int = 0,
        ends: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Logits of shape (rows, vocabulary): at the last position, or at ``ends[r]`` of row r."""
        device = self.weights.device
        call = {
            "input_ids": ids.to(device),
            "position_ids": positions.to(device),
            "attention_mask": self.weights.mask(mask),
            "past_key_values": self.cache,
            "use_cache": True,
        }
        if ends is None:
            logits: torch.Tensor = self.weights.model(**call, logits_to_keep=keep).logits[:, -1]
            return logits
        return self.weights.logits_at(call, ends)


def causal(width: int, start: int) -> torch.Tensor:
    """A (1, 1, width, start + width) mask: each new token sees what stands before it, and
    itself.
    """
    import torch

    return torch.ones((width, start + width), dtype=torch.bool).tril(start)[None, None]


def _pick(logits: torch.Tensor) -> tuple[list[int], list[float]]:
    """Greedy tokens and their natural log-probabilities."""
    best, tokens = logits.float().max(-1)
    return tokens.tolist(), (best - logits.float().logsumexp(-1)).tolist()
