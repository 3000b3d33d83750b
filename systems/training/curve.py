"""What training shows while it runs, and the loss curve it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CURVE = "loss.jsonl"


def progress(name: str) -> Any:
    """A trainer callback that shows steps, loss and time left on stderr, and nothing else."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from transformers import TrainerCallback

    columns = (
        TextColumn("training {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )

    class Shown(TrainerCallback):  # type: ignore[misc]
        """Drives one bar."""

        def __init__(self) -> None:
            self.bar = Progress(*columns, console=Console(stderr=True))
            self.task = self.bar.add_task(name, total=None, loss="-")

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.bar.update(self.task, total=state.max_steps, completed=state.global_step)
            self.bar.start()

        def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
            if "loss" in logs:
                self.bar.update(self.task, completed=state.global_step, loss=f"{logs['loss']:.3f}")

        def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.bar.stop()

    return Shown()


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
