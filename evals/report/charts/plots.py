"""The kinds of picture: intervals side by side, points in a plane, curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.report.charts import svg
from evals.report.charts.axis import bottom, side, spanning

WIDTH = 640.0
_LINE = 13.0
"""Height of a label."""
_ROW = 18.0
_NAME = 48
"""Characters of a group's name that are shown beside its rows."""

Labels = Callable[[float], str]


@dataclass(frozen=True)
class Dot:
    """A value with its interval (where there is one), drawn in the colour and shape of its
    series.
    """

    series: int
    value: float
    low: float | None
    high: float | None
    message: str


@dataclass(frozen=True)
class Point:
    """A labelled point with intervals on both axes; ``front`` marks it as not dominated."""

    series: int
    label: str
    x: tuple[float, float, float]
    y: tuple[float, float, float]
    message: str
    front: bool = False


@dataclass(frozen=True)
class Curve:
    """A named line; ``marked`` draws each point as well, ``level`` draws it thin (a yardstick, not
    a measurement).
    """

    series: int
    name: str
    points: Sequence[tuple[float, float]]
    marked: bool = False
    level: bool = False


def intervals(
    label: str,
    groups: Sequence[tuple[str, Sequence[Dot]]],
    title: str,
    message: Labels,
    names: Sequence[str] = (),
    *,
    reference: float | None = None,
    band: tuple[float, float] | None = None,
    log: bool = False,
) -> svg.Picture:
    """One row per dot, grouped under its group's name.

    A dashed line stands at ``reference`` (no change), a shade over ``band`` (what counts as none).
    """
    longest = max((len(_short(name, _NAME)) for name, _ in groups), default=0)
    left, right, top = max(190.0, 30.0 + 6.5 * longest), WIDTH - 16, 10.0 + _legend_height(names)
    dots = [d for _, group in groups for d in group]
    ends = [v for d in dots for v in (d.low, d.value, d.high) if v is not None]
    ends += [*(band or ()), *(() if reference is None else (reference,))]
    axis = spanning(ends, left, right, zero=reference is None and not log, log=log)
    rows: list[str] = []
    y = top
    for name, group in groups:
        middle = y + max(1, len(group)) * _ROW / 2
        rows.append(svg.text(left - 10, middle + 4, _short(name, _NAME), "label", "end"))
        for dot in group:
            y += _ROW
            rows += _dot(dot, axis.at, y - _ROW / 2)
        y += 8 if group else _ROW
    frame = bottom(axis, top, y, title, message)
    if band is not None:
        frame.append(
            svg.box(axis.at(band[0]), top, axis.at(band[1]) - axis.at(band[0]), y - top, "band")
        )
    if reference is not None:
        frame.append(svg.line(axis.at(reference), top, axis.at(reference), y, "reference"))
    return svg.picture(WIDTH, y + 42, label, *_legend(names), *frame, *rows)


def _dot(dot: Dot, at: Callable[[float], float], y: float) -> list[str]:
    parts = []
    if dot.low is not None and dot.high is not None:
        parts.append(
            svg.line(at(dot.low), y, at(dot.high), y, f"whisker s{dot.series % svg.SERIES}")
        )
    return [*parts, svg.marker(at(dot.value), y, dot.series, dot.message)]


def plane(
    label: str,
    points: Sequence[Point],
    titles: tuple[str, str],
    message: tuple[Labels, Labels],
    *,
    log: bool,
) -> svg.Picture:
    """Points with their intervals as crosses; those on the front are ringed and named in bold."""
    left, right, top, base = 64.0, WIDTH - 110, 30.0, 330.0
    across = spanning((v for p in points for v in p.x), left, right, log=log)
    up = spanning((v for p in points for v in p.y), base, top)
    parts = [
        *bottom(across, top, base, titles[0], message[0]),
        *side(up, left, right, titles[1], message[1]),
    ]
    taken: list[tuple[float, float, float]] = []
    for point in points:
        x, y, kind = (
            across.at(point.x[1]),
            up.at(point.y[1]),
            f"whisker s{point.series % svg.SERIES}",
        )
        parts.append(svg.line(across.at(point.x[0]), y, across.at(point.x[2]), y, kind))
        parts.append(svg.line(x, up.at(point.y[0]), x, up.at(point.y[2]), kind))
        if point.front:
            parts.append(svg.element("circle", {"cx": x, "cy": y, "r": 11, "class": "front"}))
        parts.append(svg.marker(x, y, point.series, point.message, 6))
        kind = "label strong" if point.front else "label"
        parts.append(
            svg.text(x + 14, _free(taken, x, y - 8, _short(point.label)), _short(point.label), kind)
        )
    return svg.picture(WIDTH, base + 44, label, *parts)


def _free(taken: list[tuple[float, float, float]], x: float, y: float, label: str) -> float:
    """The height at which a label meets none of those that stand already, ``y`` or below it."""
    width = 7.0 * len(label)
    while any(abs(y - b) < _LINE and x < a + w and a < x + width for a, b, w in taken):
        y += _LINE
    taken.append((x, y, width))
    return y


def curves(
    label: str,
    lines: Sequence[Curve],
    titles: tuple[str, str],
    message: tuple[Labels, Labels],
    *,
    log: bool = False,
    log_y: bool = False,
    unit: bool = False,
    diagonal: bool = False,
    reference: float | None = None,
    band: tuple[float, float] | None = None,
) -> svg.Picture:
    """Lines on one plane; ``unit`` holds both axes at 0..1, ``diagonal`` draws where both are
    equal.

    A dashed line lies at the ``reference`` of the vertical axis, a shade over its ``band``.
    """
    names = [c.name for c in lines]
    left, right, top = 64.0, WIDTH - 16, 30.0 + _legend_height(names)
    base = top + 280
    ends = [0.0, 1.0] if unit else []
    held = [*(band or ()), *(() if reference is None else (reference,))]
    across = spanning([*ends, *(x for c in lines for x, _ in c.points)], left, right, log=log)
    up = spanning([*ends, *held, *(y for c in lines for _, y in c.points)], base, top, log=log_y)
    parts = [
        *bottom(across, top, base, titles[0], message[0]),
        *side(up, left, right, titles[1], message[1]),
    ]
    if band is not None:
        parts.append(
            svg.box(left, up.at(band[1]), right - left, up.at(band[0]) - up.at(band[1]), "band")
        )
    if reference is not None:
        parts.append(svg.line(left, up.at(reference), right, up.at(reference), "reference"))
    if diagonal:
        parts.append(svg.line(across.at(0), up.at(0), across.at(1), up.at(1), "reference"))
    for curve in lines:
        places = [(across.at(x), up.at(y)) for x, y in curve.points]
        kind = "level" if curve.level else f"curve d{curve.series % svg.SERIES}"
        parts.append(svg.path(places, f"{kind} s{curve.series % svg.SERIES}"))
        if curve.marked:
            for (x, y), (a, b) in zip(places, curve.points, strict=True):
                parts.append(
                    svg.marker(
                        x, y, curve.series, f"{curve.name}: {message[0](a)}, {message[1](b)}", 4
                    )
                )
    return svg.picture(WIDTH, base + 44, label, *_legend(names, [c.series for c in lines]), *parts)


def _legend_height(names: Sequence[str]) -> float:
    return 20.0 * -(-len(names) // 4)


def _legend(names: Sequence[str], series: Sequence[int] | None = None) -> list[str]:
    parts = []
    for place, name in enumerate(names):
        x, y = 14 + 156.0 * (place % 4), 12 + 20.0 * (place // 4)
        parts += [
            svg.marker(x, y, place if series is None else series[place], name),
            svg.text(x + 12, y + 4, _short(name, 22), "label"),
        ]
    return parts


def _short(name: str, limit: int = 26) -> str:
    return name if len(name) <= limit else name[: limit - 1] + "…"
