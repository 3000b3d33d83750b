"""Pictures of the ladder: values of the four families, gains of the steps, interactions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evals.analysis.ladder import Ladder, LadderAxis
from evals.analysis.pairing import ALL
from evals.report.charts.files import write_svg
from evals.report.charts.plots import Dot, intervals
from evals.report.charts.svg import Picture
from evals.report.text.figures import number
from evals.report.text.ladder import WHAT

Ends = tuple[float | None, float | None, float | None]
"""Value, low and high end."""


def draw(ladder: Ladder, folder: Path) -> list[Path]:
    """Write ``ladder_values``, ``ladder_gains`` and ``ladder_interaction`` into ``folder`` and
    return their paths.

    Only headline axes of suites that measure no latency are drawn; with none of them, nothing is.
    Raises EnvironmentProblem where the folder cannot be written.
    """
    axes = [a for a in ladder.axes if a.headline and a.n and a.measured != "latency"]
    if not axes:
        return []
    pictures = {
        "ladder_values": ("Headline value by system, 95 % intervals", _values(axes)),
        "ladder_gains": ("Gain of each step, 95 % paired intervals", _gains(axes)),
        "ladder_interaction": (
            "(hybrid − finetuned) − (rag − base), 95 % intervals",
            _interactions(axes),
        ),
    }
    return [write_svg(folder / f"{name}.svg", [titled]) for name, titled in pictures.items()]


def _gains(axes: Sequence[LadderAxis]) -> Picture:
    groups = []
    for axis in axes:
        steps = [
            (f"{step.start} → {step.end}", (step.gain, step.low, step.high)) for step in axis.steps
        ]
        groups.append((_name(axis), _dots([(label, _points(ends)) for label, ends in steps])))
    names = [f"{start} → {end}" for start, end in WHAT]
    return intervals(
        "Gain of each step",
        groups,
        "gain in points (right is better)",
        _signed,
        names,
        reference=0.0,
    )


def _values(axes: Sequence[LadderAxis]) -> Picture:
    groups = [
        (
            _name(axis),
            _dots([(level.family, (level.value, level.low, level.high)) for level in axis.levels]),
        )
        for axis in axes
    ]
    names = [level.family for level in axes[0].levels]
    return intervals("Headline value by system", groups, "value", number, names)


def _interactions(axes: Sequence[LadderAxis]) -> Picture:
    groups = []
    for axis in axes:
        found = axis.interaction
        dots = _dots([("interaction", _points((found.value, found.low, found.high)))])
        groups.append((f"{_name(axis)}: {found.verdict}", dots))
    margin = 100 * axes[0].interaction.margin
    title = "interaction in points (shaded: the margin)"
    return intervals("Interaction", groups, title, _signed, reference=0.0, band=(-margin, margin))


def _dots(found: Sequence[tuple[str, Ends]]) -> list[Dot]:
    return [
        Dot(series, value, low, high, f"{label}: {number(value)}")
        for series, (label, (value, low, high)) in enumerate(found)
        if value is not None
    ]


def _points(ends: Ends) -> Ends:
    value, low, high = (None if end is None else 100 * end for end in ends)
    return value, low, high


def _signed(value: float) -> str:
    return f"{value:+.0f}"


def _name(axis: LadderAxis) -> str:
    return axis.suite if axis.track == ALL else f"{axis.suite} / {axis.track}"
