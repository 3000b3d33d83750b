"""Pictures as SVG files of their own: below each other, each under its title, with the page's
colours.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evals.core.errors import UsageError
from evals.core.paths import write_atomic
from evals.report.charts import svg
from evals.report.inert import asset

_TITLE: Final = 28.0
"""Height of a title, pixels."""


def require_svg(path: Path | None) -> None:
    """Raise UsageError where a picture is to be another kind of file; None was not asked for."""
    if path is not None and path.suffix != ".svg":
        raise UsageError("pictures are SVG", found=path, expected="a name that ends in .svg")


def write_svg(path: Path, pictures: Sequence[tuple[str, svg.Picture]]) -> Path:
    """Write titled pictures into one file and return its path; equal pictures give equal bytes.

    Raises UsageError for another suffix, EnvironmentProblem where the file cannot be written.
    """
    require_svg(path)
    width = max(picture.size[0] for _, picture in pictures)
    parts, y = [], 0.0
    for title, picture in pictures:
        parts.append(svg.text(14, y + 20, title, "strong"))
        place: dict[str, str | float] = {"x": 0, "y": y + _TITLE}
        place |= dict(zip(("width", "height"), picture.size, strict=True))
        parts.append(svg.element("svg", place, picture))
        y += _TITLE + picture.size[1] + 12
    whole: dict[str, str | float] = {"xmlns": "http://www.w3.org/2000/svg", "class": "chart"}
    whole |= {"width": width, "height": y, "viewBox": f"0 0 {width:g} {y:g}", "role": "img"}
    style = svg.element("style", None, asset("chart.css"))
    ground = svg.element("rect", {"width": "100%", "height": "100%", "fill": "var(--paper)"})
    write_atomic(path, svg.element("svg", whole, style, ground, *parts) + "\n")
    return path
