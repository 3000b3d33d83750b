"""SVG elements with everything escaped, and the few shapes that all pictures share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from markupsafe import Markup

from evals.core.inert import plain

SERIES: Final = 8
"""Colours and marker shapes there are; a ninth series starts again."""


def element(tag: str, attributes: dict[str, str | float] | None = None, *children: str) -> str:
    """One element. Attribute values are escaped here; children are elements or come from `text`."""
    named = "".join(
        f" {name}={quoteattr(_plain(value))}" for name, value in (attributes or {}).items()
    )
    return f"<{tag}{named}>{''.join(children)}</{tag}>" if children else f"<{tag}{named}/>"


def text(x: float, y: float, content: str, kind: str = "", anchor: str = "start") -> str:
    """A line of text; untrusted content is shown as it is, control characters as spaces."""
    shown = escape(plain(content))
    place = f'x="{_plain(x)}" y="{_plain(y)}"'
    style = f"class={quoteattr(kind)} text-anchor={quoteattr(anchor)}"
    return f"<text {place} {style}>{shown}</text>"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": kind})


def path(points: Sequence[tuple[float, float]], kind: str) -> str:
    """An open polyline."""
    return element(
        "polyline",
        {"points": " ".join(f"{_plain(x)},{_plain(y)}" for x, y in points), "class": kind},
    )


def marker(x: float, y: float, series: int, message: str, size: float = 5) -> str:
    """The mark of a series: shape and colour both say which; ``message`` appears on hovering."""
    kind, s = f"mark s{series % SERIES}", size
    title = f"<title>{escape(message)}</title>"
    shapes = {
        0: [],
        1: [(-s, -s), (s, -s), (s, s), (-s, s)],
        2: [(0, -s * 1.2), (s * 1.1, s), (-s * 1.1, s)],
        3: [(0, -s * 1.3), (s * 1.3, 0), (0, s * 1.3), (-s * 1.3, 0)],
        4: [(0, s * 1.2), (s * 1.1, -s), (-s * 1.1, -s)],
        5: [(-s * 1.3, -s / 2), (s * 1.3, -s / 2), (s * 1.3, s / 2), (-s * 1.3, s / 2)],
        6: [(-s / 2, -s * 1.3), (s / 2, -s * 1.3), (s / 2, s * 1.3), (-s / 2, s * 1.3)],
        7: [(-s, -s), (s, s), (s, -s), (-s, s)],
    }[series % SERIES]
    if not shapes:
        return element("circle", {"cx": x, "cy": y, "r": s, "class": kind}, title)
    return element(
        "polygon",
        {"points": " ".join(f"{_plain(x + a)},{_plain(y + b)}" for a, b in shapes), "class": kind},
        title,
    )


def box(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rectangle."""
    return element("rect", {"x": x, "y": y, "width": width, "height": height, "class": kind})


class Picture(Markup):
    """A whole picture; ``size`` is its width and height."""

    size: tuple[float, float]


def picture(width: float, height: float, label: str, *children: str) -> Picture:
    """The whole picture with its label for screen readers."""
    attributes: dict[str, str | float] = {
        "viewBox": f"0 0 {_plain(width)} {_plain(height)}",
        "role": "img",
        "aria-label": label,
        "class": "chart",
    }
    found = Picture(element("svg", attributes, *children))
    found.size = (width, height)
    return found


def _plain(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
