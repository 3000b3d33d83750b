"""What training shows while it runs, and the loss curve it leaves behind."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, Final

CURVE = "loss.jsonl"
PLAIN_SECONDS: Final = 15.0
"""How often a line is written where stderr is no terminal."""


def shown(name: str) -> Any:
    """A trainer callback that shows steps, loss and time left on stderr: a bar, or a line now and
    then in a log.
    """
    from rich.console import Console
    from transformers import TrainerCallback

    console = Console(stderr=True)
    display = Bar(name, console) if console.is_terminal else Lines(name, console)

    class Shown(TrainerCallback):  # type: ignore[misc]
        """Passes on what the trainer says."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            display.begin(state.global_step, state.max_steps)

        def on_log(
            self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any
        ) -> None:
            if "loss" in logs:
                display.step(state.global_step, logs["loss"])

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            display.end()

    return Shown()


class Bar:
    """A progress bar, for a terminal."""

    def __init__(self, name: str, console: Any) -> None:
        from rich import progress as parts

        self.bar = parts.Progress(
            parts.TextColumn("training {task.description}"),
            parts.BarColumn(),
            parts.MofNCompleteColumn(),
            parts.TextColumn("loss {task.fields[loss]}"),
            parts.TimeElapsedColumn(),
            parts.TimeRemainingColumn(),
            console=console,
        )
        self.task = self.bar.add_task(name, total=None, loss="-")

    def begin(self, done: int, total: int) -> None:
        self.bar.update(self.task, total=total, completed=done)
        self.bar.start()

    def step(self, done: int, loss: float) -> None:
        self.bar.update(self.task, completed=done, loss=f"{loss:.3f}")

    def end(self) -> None:
        self.bar.stop()


class Lines:
    """A line every `PLAIN_SECONDS` seconds, for a log."""

    def __init__(self, name: str, console: Any) -> None:
        self.name, self.console = name, console
        self.first = self.total = 0
        self.began = self.reported = time.monotonic()

    def begin(self, done: int, total: int) -> None:
        self.first, self.total = done, total
        self.began = self.reported = time.monotonic()

    def step(self, done: int, loss: float) -> None:
        now = time.monotonic()
        if now - self.reported >= PLAIN_SECONDS or done == self.total:
            self.reported = now
            left = (now - self.began) / max(1, done - self.first) * (self.total - done)
            text = (
                f"training {self.name}: step {done}/{self.total}, loss {loss:.3f}, {left:.0f} s"
                " left"
            )
            self.console.print(text, highlight=False, markup=False, soft_wrap=True)

    def end(self) -> None:
        """Nothing is left open."""


def draw(curve: Path, picture: Path, name: str) -> None:
    """The loss curve as a PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    points = [json.loads(line) for line in curve.read_text(encoding="utf-8").splitlines()]
    figure, axes = pyplot.subplots(figsize=(6, 3.5))
    axes.plot([p["step"] for p in points], [p["loss"] for p in points], linewidth=1)
    axes.set_xlabel("step")
    axes.set_ylabel("loss per answer token")
    axes.set_yscale("log")
    axes.set_title(f"training {name}")
    figure.tight_layout()
    figure.savefig(picture, dpi=110)
    pyplot.close(figure)
