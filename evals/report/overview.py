"""The first screen: one sentence, a panel for each question with every system's interval drawn on
one scale, and what to do next. Never stronger than the verdict's sentences, which fold out below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from evals.analysis.leaderboard import ALL
from evals.analysis.units import unit
from evals.core.schema import Row
from evals.report.charts import svg
from evals.report.verdict import Facts, best_first
from evals.report.words import display_name, listed, standing, summary

TITLES: Final = {
    "accuracy": "Right answers",
    "api_cost_per_1k": "API price of 1,000 questions",
    "cost_per_1k": "Cost of 1,000 questions",
    "e2e": "Time to the whole answer",
    "on_brand_and_correct": "Right and on brand",
    "precise_accuracy": "Right answers, to the point",
    "right_minus_wrong": "Right minus wrong answers",
    "truthful": "Right on a question and its unanswerable twin",
}
"""What a person reads for a headline: it says which way is good."""

LATENCY: Final = ("e2e", "cost_per_1k")
"""What is shown of a suite that measures latency."""


@dataclass(frozen=True)
class Line:
    """One system in a panel. ``best``: no other contender's interval lies wholly above."""

    system: str
    role: str
    value: str
    interval: str
    picture: Markup
    best: bool


@dataclass(frozen=True)
class Panel:
    """One question: contenders first, then controls and references, each best first."""

    title: str
    suite: str
    metric: str
    better: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class Overview:
    """``headline`` is the verdict in one sentence; ``next`` are things to do, ``warnings`` what
    stands against it.
    """

    headline: str
    panels: Sequence[Panel]
    next: Sequence[str]
    warnings: Sequence[str]


def overview(facts: Facts, warnings: Sequence[str]) -> Overview:
    """The first screen of a report. ``warnings`` are the verdict's own."""
    quality = [suite for suite in facts.suites if suite not in facts.latency]
    leaders = {suite: _leaders(facts.heads(suite)) for suite in quality}
    panels = [_panel(facts, _rows(facts, suite, None)) for suite in quality]
    panels += [
        _panel(facts, _rows(facts, suite, metric))
        for suite in facts.suites
        if suite in facts.latency
        for metric in LATENCY
    ]
    shown = [panel for panel in panels if panel is not None]
    return Overview(
        _headline(leaders), shown, _next_steps(leaders, facts, bool(warnings)), warnings
    )


def _rows(facts: Facts, suite: str, metric: str | None) -> list[Row]:
    """The headline rows of a whole suite, or those of one of its metrics."""
    return [
        r
        for r in facts.board.rows
        if r.suite == suite
        and r.track == ALL
        and (r.headline if metric is None else r.metric == metric)
    ]


def _leaders(rows: Sequence[Row]) -> list[Row]:
    """The best contender, and those it is not shown to be ahead of; empty where none was
    measured.
    """
    measured = best_first([r for r in rows if r.value is not None])
    if not measured:
        return []
    return [r for r in measured if r is measured[0] or standing(measured[0], r) != "better"]


def _headline(leaders: dict[str, list[Row]]) -> str:
    if not any(leaders.values()):
        return "No contender was measured: there is nothing to judge."
    alone: dict[str, list[str]] = {}
    for suite, rows in leaders.items():
        if len(rows) == 1:
            alone.setdefault(rows[0].system, []).append(display_name(suite))
    open_ones = [display_name(suite) for suite, rows in leaders.items() if len(rows) > 1]
    parts = [f"{system} leads on {listed(suites)}" for system, suites in alone.items()]
    if open_ones:
        parts.append(f"{'on' if parts else 'On'} {listed(open_ones)} nobody is shown to lead")
    return f"{'; '.join(parts)}."


def _next_steps(leaders: dict[str, list[Row]], facts: Facts, warned: bool) -> list[str]:
    found = []
    if warned:
        found.append(
            "Look at the warnings first: a system without a model does as well somewhere, so its"
            " suite says nothing about shipping yet."
        )
    firsts = {rows[0].system for rows in leaders.values() if len(rows) == 1}
    if len(firsts) == 1 and all(len(rows) == 1 for rows in leaders.values()):
        (system,) = firsts
        found.append(
            f"Let the gate decide on {system}: adaptbench gate --candidate {system} --baseline"
            " SYSTEM."
        )
    elif len(firsts) > 1:
        found.append(
            f"Choose by what matters: {listed(sorted(firsts))} each lead on something else."
        )
    still = [display_name(suite) for suite, rows in leaders.items() if len(rows) > 1]
    if still:
        found.append(
            f"Ask more questions on {listed(still)}: `adaptbench plan` says how many would settle"
            " it, `--profile full` asks all that the pack has."
        )
    missing = [name for name in ("rag", "finetuned", "hybrid") if name not in facts.families]
    if missing and facts.families:
        found.append(f"Run what is not compared yet: {listed(missing)}.")
    return found


def _panel(facts: Facts, rows: Sequence[Row]) -> Panel | None:
    measured = best_first([r for r in rows if r.value is not None])
    if not measured:
        return None
    first = measured[0]
    contenders = [r for r in measured if facts.role(r.system) == "contender"]
    speed = first.suite in facts.latency  # what answers without a model has none to speak of
    others = [] if speed and contenders else [r for r in measured if r not in contenders]
    best = {r.system for r in _leaders(contenders)} if len(contenders) > 1 else set()
    scale = _scale(facts, contenders or others)
    lines = [_line(facts, r, scale, r.system in best) for r in (*contenders, *others)]
    title = TITLES.get(first.metric, display_name(first.metric).capitalize())
    better = "" if first.better == "none" else f"{first.better} is better"
    return Panel(title, display_name(first.suite), first.metric, better, lines)


def _scale(facts: Facts, rows: Sequence[Row]) -> tuple[float, float]:
    """The ends of a panel's axis: the metric's bounds, or what the contenders span from 0 on."""
    note = facts.metrics.get(rows[0].metric)
    if note is not None and note.bounds[1] - note.bounds[0] <= 2:
        return note.bounds
    ends = [v for r in rows for v in (r.low, r.value, r.high) if v is not None]
    return min(0.0, *ends), max(ends) or 1.0


def _line(facts: Facts, row: Row, scale: tuple[float, float], best: bool) -> Line:
    note = facts.metrics.get(row.metric)
    shown, _, interval = summary(row, note).partition(" [")
    if note is not None and note.bounds == (-1.0, 1.0):
        shown, interval = _points(row)
    elif unit(note) in ("seconds", "dollars"):
        figures = [_brief(v) for v in (row.value, row.low, row.high) if v is not None]
        sign = "$" if unit(note) == "dollars" else ""
        shown = f"{sign}{figures[0]}{'' if sign else ' s'}"
        interval = " to ".join(figures[1:])
    else:
        interval = interval.rstrip("]").replace(", ", " to ")
    return Line(row.system, facts.role(row.system), shown, interval, _drawn(row, scale), best)


def _brief(figure: float) -> str:
    """Two figures that count, without an exponent."""
    return f"{float(f'{figure:.2g}'):.10f}".rstrip("0").rstrip(".")


def _points(row: Row) -> tuple[str, str]:
    """A balance of shares in points of a hundred with its sign."""
    value, low, high = (
        None if v is None else f"{100 * v + 0.0:+.0f}".replace("-", "−").replace("+0", "0")
        for v in (row.value, row.low, row.high)
    )
    return str(value), "" if low is None or high is None else f"{low} to {high}"


def _drawn(row: Row, scale: tuple[float, float]) -> Markup:
    """The interval and the value on the panel's axis, with a tick at 0 where that is inside; places
    are per cent of the width, so that marks keep their size at every width.
    """
    low, high = scale

    def at(figure: float) -> str:
        return f"{100 * min(1.0, max(0.0, (figure - low) / ((high - low) or 1.0))):.1f}%"

    def line(x1: str, x2: str, y1: float, y2: float, kind: str) -> str:
        return svg.element("line", {"x1": x1, "x2": x2, "y1": y1, "y2": y2, "class": kind})

    parts = [line("0%", "100%", 9, 9, "track")]
    if low < 0 < high:
        parts.append(line(at(0), at(0), 3, 15, "track"))
    if row.low is not None and row.high is not None:
        parts.append(line(at(row.low), at(row.high), 9, 9, "span"))
    circle: dict[str, str | float] = {"cx": at(row.value or 0.0), "cy": 9, "r": 4, "class": "value"}
    attributes: dict[str, str | float] = {"class": "dotted", "aria-hidden": "true"}
    drawn = svg.element("svg", attributes, *parts, svg.element("circle", circle))
    return Markup(drawn)  # noqa: S704  figures only
