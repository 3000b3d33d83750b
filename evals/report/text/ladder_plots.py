"""Pictures of the ladder: values of the four families, gains of the steps, interactions. SVG or PNG by the suffix.

A filled mark carries its interval; a hollow one has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from evals.analysis.ladder import Ladder, LadderAxis
from evals.analysis.pairing import ALL
from evals.core.errors import UsageError
from evals.core.paths import atomic_path
from evals.report.text.ladder import WHAT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS: Final = ("#4c566a", "#2e86ab", "#d1495b", "#3a7d44")
FORMATS: Final = ("svg", "png")
_Point = tuple[float, float | None, float | None, int]
"""Value, low, high and row."""
_MARKS: Final = ("o", "s", "^", "D")


def require_format(suffix: str) -> None:
    """Raise UsageError for a format that is not drawn."""
    if suffix not in FORMATS:
        raise UsageError("plots are svg or png", found=suffix)


def draw(ladder: Ladder, folder: Path, suffix: str = "svg") -> list[Path]:
    """Write ``ladder_values``, ``ladder_gains`` and ``ladder_interaction`` into ``folder`` and return their paths.

    Only headline axes that live in [0, 1] are drawn; with none of them, nothing is. Raises UsageError for a suffix
    other than svg or png, EnvironmentProblem where the folder cannot be written.
    """
    require_format(suffix)
    axes = [a for a in ladder.axes if a.headline and a.n and a.measured != "latency"]
    if not axes:
        return []
    pictures = {"ladder_values": _values(axes), "ladder_gains": _gains(axes), "ladder_interaction": _interactions(axes)}
    return [_save(figure, folder / f"{name}.{suffix}") for name, figure in pictures.items()]


def _save(figure: Figure, path: Path) -> Path:
    import matplotlib

    plain = {"Date": None} if path.suffix == ".svg" else None
    with atomic_path(path) as partial, matplotlib.rc_context({"svg.hashsalt": "adaptbench"}):
        figure.savefig(partial, format=path.suffix[1:], metadata=plain, bbox_inches="tight", dpi=120)
    return path


def _figure(rows: int, title: str, label: str) -> tuple[Figure, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.6 + 0.42 * rows))
    plot = figure.subplots()
    plot.set_title(title, loc="left", fontsize=11)
    plot.set_xlabel(label)
    plot.grid(axis="x", alpha=0.3)
    return figure, plot


def _name(axis: LadderAxis) -> str:
    return axis.suite if axis.track == ALL else f"{axis.suite} / {axis.track}"


def _values(axes: list[LadderAxis]) -> Figure:
    figure, plot = _figure(len(axes), "Headline value by system, 95 % intervals", "value")
    for k, family in enumerate(level.family for level in axes[0].levels):
        levels = [axis.levels[k] for axis in axes]
        points = [(x, level.low, level.high, row) for row, level in enumerate(levels) if (x := level.value) is not None]
        _bars(plot, points, 0.18 * (k - 1.5), _COLOURS[k], _MARKS[k], family)
    return _finished(figure, plot, axes)


def _gains(axes: list[LadderAxis]) -> Figure:
    figure, plot = _figure(len(axes), "Gain of each step, 95 % paired intervals", "gain in points (positive is better)")
    for k, (start, end) in enumerate(WHAT):
        steps = [next(s for s in axis.steps if (s.start, s.end) == (start, end)) for axis in axes]
        points = [
            (100 * s.gain, None if s.low is None else 100 * s.low, None if s.high is None else 100 * s.high, row)
            for row, s in enumerate(steps)
            if s.gain is not None
        ]
        _bars(plot, points, 0.18 * (k - 1.5), _COLOURS[k], _MARKS[k], f"{WHAT[start, end]} ({start} → {end})")
    plot.axvline(0, color="black", linewidth=0.8)
    return _finished(figure, plot, axes)


def _interactions(axes: list[LadderAxis]) -> Figure:
    label = "interaction in points (positive: they help each other)"
    figure, plot = _figure(len(axes), "(hybrid − finetuned) − (rag − base), 95 % intervals (hollow: none)", label)
    points = []
    for row, axis in enumerate(axes):
        found = axis.interaction
        if found.value is not None:
            low, high = (None if x is None else 100 * x for x in (found.low, found.high))
            points.append((100 * found.value, low, high, row))
    _bars(plot, points, 0.0, _COLOURS[0], _MARKS[0], "interaction")
    margin = 100 * axes[0].interaction.margin
    plot.axvspan(-margin, margin, alpha=0.15, label="margin")
    return _finished(figure, plot, axes, [a.interaction.verdict for a in axes])


def _bars(plot: Axes, points: list[_Point], shift: float, colour: str, mark: str, label: str) -> None:
    for index, (value, low, high, row) in enumerate(points):
        error = None if low is None or high is None else [[max(0.0, value - low)], [max(0.0, high - value)]]
        name = label if index == 0 else None
        fill = "none" if error is None else colour
        plot.errorbar(
            [value], [row + shift], xerr=error, fmt=mark, color=colour, mfc=fill, capsize=2, markersize=5, label=name
        )


def _finished(figure: Figure, plot: Axes, axes: list[LadderAxis], words: list[str] | None = None) -> Figure:
    names = [_name(axis) + ("" if words is None else f"\n{words[k]}") for k, axis in enumerate(axes)]
    plot.set_yticks(range(len(axes)), names, fontsize=8)
    plot.invert_yaxis()
    plot.legend(fontsize=8, loc="upper left", bbox_to_anchor=(0, -0.12), ncols=2, frameon=False)
    return figure
