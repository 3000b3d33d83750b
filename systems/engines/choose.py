"""Multiple choice by likelihood: one forward pass per context holds all of its continuations side
by side.

The continuations of a context are laid out behind it in one sequence. A mask lets each token see
the context and its own continuation only, and positions restart for each, so that every
continuation is scored as if it stood alone; the context is computed once, and the output head sees
continuation positions only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evals.core.schema import Usage
from systems.engines.base import EngineSettings, Generation, Priors
from systems.engines.decode import Row, causal, shared_prefix
from systems.engines.slots import SlotCache

if TYPE_CHECKING:
    import torch

    from systems.engines.weights import Weights

Ids = Sequence[int]

_READ = 1024
"""Positions whose logits are held at once."""


@dataclass
class Fork:
    """A context and the continuations to score after it.

    ``scores[c][i]`` is the log-probability of token i of c; ``greedy[c]``: each of its tokens is
    the likeliest one.
    """

    context: Ids
    continuations: Sequence[Ids]
    scores: list[list[float]] | None = None
    greedy: list[bool] | None = None
    seconds: float = 0.0

    @property
    def width(self) -> int:
        return len(self.context) + sum(len(c) for c in self.continuations)


def choose(
    weights: Weights,
    rows: list[Row],
    settings: EngineSettings,
    priors: Priors,
    *,
    share: bool,
) -> Iterator[Generation]:
    """For each row, the choice whose tokens and end of turn are likeliest after its prompt; where
    the row has neutral prompts, the one that is likelier than after those.
    """
    if not rows:
        return
    end = [min(weights.stop)] if weights.stop else []
    forks = [Fork(row.ids, [[*weights.encode(c), *end] for c in row.choices]) for row in rows]
    for row, fork in zip(rows, forks, strict=True):
        if row.neutral and (row.neutral, row.choices) not in priors:
            priors[row.neutral, row.choices] = _prior(weights, row, fork, settings)
    prefix = shared_prefix([row.ids for row in rows]) if share else 0
    for row, fork in zip(rows, score(weights, forks, settings, prefix=prefix), strict=True):
        scores = fork.scores or []
        known = priors.get((row.neutral, row.choices)) or [0.0] * len(scores)
        gains = [sum(s) - k for s, k in zip(scores, known, strict=True)]
        best = max(range(len(gains)), key=gains.__getitem__)
        yield Generation(
            key=row.key,
            text=row.choices[best],
            usage=Usage(prompt=len(row.ids), completion=len(scores[best]), cached=prefix),
            logprobs=tuple(round(v, 4) for v in scores[best]),
            prefill=row.prefill + fork.seconds,
        )


def _prior(weights: Weights, row: Row, fork: Fork, settings: EngineSettings) -> list[float]:
    """The mean log-likelihood of each choice after the neutral prompts. What all requests share is
    not a cost of one of them, so it is not timed.
    """
    forks = [Fork(ids, fork.continuations) for ids in row.neutral]
    found = [[sum(s) for s in f.scores or ()] for f in score(weights, forks, settings)]
    return [sum(values) / len(values) for values in zip(*found, strict=True)]


def score(
    weights: Weights, forks: list[Fork], settings: EngineSettings, *, prefix: int = 0
) -> list[Fork]:
    """Fill in the scores of all forks, whose contexts share their first ``prefix`` tokens. Returns
    them.
    """
    waiting = sorted(forks, key=lambda f: f.width)
    cache = _prefix_cache(weights, forks[0].context[:prefix], waiting, settings) if prefix else None
    while waiting:
        width = waiting[-1].width - prefix
        room = max(1, min(settings.prefill_tokens // width, cache.slots if cache else len(waiting)))
        group, waiting = waiting[-room:], waiting[:-room]
        began = time.perf_counter()
        _score_group(weights, group, cache, prefix)
        for fork in group:
            fork.seconds = (time.perf_counter() - began) / len(group)
    return forks


def _prefix_cache(
    weights: Weights, ids: Ids, forks: list[Fork], settings: EngineSettings
) -> SlotCache:
    import torch

    length = forks[-1].width
    narrowest = max(1, forks[0].width - len(ids))
    slots = max(
        1,
        min(
            len(forks),
            settings.rows,
            settings.prefill_tokens // narrowest,
            settings.kv_tokens // length,
        ),
    )
    cache = SlotCache(weights.layers, slots, length)
    cache.write_block(0, 1, 0)
    weights.model(
        input_ids=torch.tensor([list(ids)], device=weights.device),
        position_ids=torch.arange(len(ids), device=weights.device)[None],
        attention_mask=weights.mask(causal(len(ids), 0)),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    cache.spread(len(ids))
    return cache


def _score_group(weights: Weights, group: list[Fork], cache: SlotCache | None, prefix: int) -> None:
    import torch

    layouts = [_layout(fork, prefix) for fork in group]
    width = max(len(ids) for ids, _, _ in layouts)
    tokens = torch.zeros((len(group), width), dtype=torch.long)
    positions = torch.zeros((len(group), width), dtype=torch.long)
    mask = torch.ones((len(group), 1, width, prefix + width), dtype=torch.bool).tril(prefix)
    for row, (ids, places, spans) in enumerate(layouts):
        tokens[row, : len(ids)], positions[row, : len(ids)] = (
            torch.tensor(ids),
            torch.tensor(places),
        )
        own = len(group[row].context) - prefix
        for start, stop in spans:
            mask[row, :, start:stop, prefix + own : prefix + start] = False
    if cache is not None:
        cache.write_block(0, len(group), prefix)
    hidden = (
        weights.model.get_decoder()(
            input_ids=tokens.to(weights.device),
            position_ids=positions.to(weights.device),
            attention_mask=weights.mask(mask),
            past_key_values=cache,
            use_cache=cache is not None,
        )
    ).last_hidden_state
    for row, (fork, (_, _, spans)) in enumerate(zip(group, layouts, strict=True)):
        _read(weights, hidden[row], fork, spans, len(fork.context) - prefix - 1)


def _layout(fork: Fork, prefix: int) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Tokens behind the prefix, their positions, and where each continuation (without its last
    token) lies.
    """
    ids = list(fork.context[prefix:])
    places = list(range(prefix, len(fork.context)))
    spans = []
    for continuation in fork.continuations:
        shown = continuation[:-1]
        spans.append((len(ids), len(ids) + len(shown)))
        ids += shown
        places += range(len(fork.context), len(fork.context) + len(shown))
    return ids, places, spans


def _read(
    weights: Weights, hidden: torch.Tensor, fork: Fork, spans: list[tuple[int, int]], before: int
) -> None:
    """Fill in a fork's scores from hidden states; ``before`` is the place of its context's last
    token.
    """
    import torch

    from systems.engines.weights import head

    places: list[int] = []
    for start, stop in spans:
        places += [before, *range(start, stop)]
    wanted = [t for c in fork.continuations for t in c]
    scores: list[float] = []
    likeliest: list[bool] = []
    for first in range(0, len(places), _READ):
        tokens = torch.tensor(wanted[first : first + _READ], device=hidden.device)
        some = places[first : first + _READ]
        row = {place: i for i, place in enumerate(dict.fromkeys(some))}
        back = torch.tensor([row[place] for place in some], device=hidden.device)
        logits = head(weights.model, hidden[torch.tensor(list(row), device=hidden.device)])
        logprobs = logits.float().log_softmax(-1)
        scores += logprobs[back, tokens].tolist()
        likeliest += (logprobs.argmax(-1)[back] == tokens).tolist()
    fork.scores, fork.greedy, at = [], [], 0
    for continuation in fork.continuations:
        end = at + len(continuation)
        fork.scores.append(scores[at:end])
        fork.greedy.append(all(likeliest[at:end]))
        at = end
