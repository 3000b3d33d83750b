"""How long a training will take, measured on a few of its own batches before its first step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from evals.core.errors import UsageError

MEASURED: Final = 3
"""Batches that are timed, spread evenly over the sizes of those to come."""


@dataclass(frozen=True)
class Estimate:
    """``seconds`` for what is left to train, and the rate that this rests on, padded tokens a
    second.
    """

    seconds: float
    rate: float

    def __str__(self) -> str:
        return f"about {spell(self.seconds)} at {self.rate:.0f} tokens/s (measured)"


def measure(trainer: Any, sizes: Sequence[int], done: int = 0) -> Estimate:
    """Time the loss and its gradients on `MEASURED` batches; what they change is undone.

    ``sizes`` are the numbers of examples of the consecutive batches, of which the first ``done``
    are trained already. A batch's time is taken to grow with its tokens, padding included. The
    first batch timed is computed twice and counted once: the first computation of a process also
    allocates and chooses kernels.
    """
    ends = [0]
    for size in sizes:
        ends.append(ends[-1] + size)
    left = range(min(done, len(sizes) - 1), len(sizes))
    lengths = [len(row) for row in trainer.train_dataset["input_ids"]]
    tokens = {i: sizes[i] * max(lengths[ends[i] : ends[i + 1]]) for i in left}
    ordered = sorted(left, key=lambda i: tokens[i])
    chosen = [ordered[(2 * part + 1) * len(ordered) // (2 * MEASURED)] for part in range(MEASURED)]
    seconds = 0.0
    for turn, batch in enumerate([chosen[0], *chosen]):
        rows = [trainer.train_dataset[row] for row in range(ends[batch], ends[batch + 1])]
        began = time.perf_counter()
        inputs = trainer.data_collator(rows)
        trainer.compute_loss(
            trainer.model, {k: v.to(trainer.model.device) for k, v in inputs.items()}
        ).backward()
        seconds += time.perf_counter() - began if turn else 0.0
    trainer.model.zero_grad(set_to_none=True)
    rate = sum(tokens[batch] for batch in chosen) / seconds
    return Estimate(sum(tokens.values()) / rate, rate)


def refuse_long(name: str, estimate: Estimate, limit: float) -> None:
    """Raise UsageError, with the choices there are, where the training would take longer than
    ``limit`` seconds.
    """
    if estimate.seconds > limit:
        raise UsageError(
            f"training the adapter {name!r} would take about {spell(estimate.seconds)} on this"
            " machine",
            expected=f"at most {spell(limit)} without being asked to",
            hint=(
                "`run --train` goes on all the same, `adaptbench train` does it beforehand;"
                " `adapter` may name a bundled adapter's folder; a recipe with fewer tokens or"
                " epochs takes less time"
            ),
        )


def spell(seconds: float) -> str:
    """A duration for people: ``40 s``, ``12 min``, ``4 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
