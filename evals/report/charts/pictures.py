"""Pictures drawn from leaderboard rows: trade-offs, tracks, cost against utilisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.analysis.standings import front
from evals.analysis.units import unit
from evals.core.schema import Row
from evals.core.store import MetricNote
from evals.report.charts.figure import Figure
from evals.report.charts.plots import Curve, Point, curves, plane
from evals.report.text.figures import number
from evals.report.words import display_name, percent, summary, value

Notes = Mapping[str, MetricNote]
_SHARES = (1.0, 0.9, 0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01)
"""Utilisations at which cost is drawn."""


def tradeoff(
    board: Leaderboard, notes: Notes, labels: Sequence[str], suite: str, speed: str | None
) -> Figure | None:
    """Quality of one suite against latency, with cost beside it; the Pareto front over all three is
    ringed.

    ``labels`` are the systems that compete; controls are none.
    """
    quality = {
        r.system: r for r in board.rows if r.suite == suite and r.track == ALL and r.headline
    }
    seconds = _seconds_of(board, speed)
    costs = {
        r.system: r
        for r in board.rows
        if r.metric == "cost_per_1k" and r.track == ALL and r.value is not None
    }
    shown = [
        s
        for s in labels
        if _whole(quality.get(s)) and _whole(seconds.get(s)) and (seconds[s].value or 0) > 0
    ]
    if not shown:
        return None
    competing = [row for row in board.rows if row.system in labels]
    ringed_ones = {row.system for row in front(competing, suite) if not row.beaten_by}
    first = quality[shown[0]]
    metric, time = first.metric, seconds[shown[0]].metric
    points, rows = [], []
    for system in shown:
        good, fast, ringed = quality[system], seconds[system], system in ringed_ones
        cells = [summary(row, notes.get(row.metric)) for row in (good, fast)]
        cells.append(
            summary(costs[system], notes.get("cost_per_1k")) if system in costs else "no price"
        )
        about = f"{system}: {', '.join(cells)}"
        points.append(Point(labels.index(system), system, _ends(fast), _ends(good), about, ringed))
        rows.append([system, *cells, "on the front" if ringed else "dominated"])
    kind = unit(notes.get(metric))
    shape = plane(
        f"{display_name(suite)} against latency",
        points,
        (f"{time}, seconds (log scale, left is better)", f"{metric} ({first.better} is better)"),
        (number, lambda v: value(v, kind)),
        log=True,
    )
    caption = (
        "Ringed: no other system is as good or better on quality, p95 latency and cost at once and"
        " better on one, by the values themselves; crosses are 95 % intervals. Latency and cost are"
        " those of this machine."
    )
    head = ("system", metric, time, "cost per 1,000", "Pareto")
    return Figure(
        f"tradeoff-{suite}",
        f"{display_name(suite).capitalize()}, latency and cost",
        caption,
        head,
        rows,
        shape,
    )


def _seconds_of(board: Leaderboard, speed: str | None) -> dict[str, Row]:
    rows = [r for r in board.rows if r.suite == speed and r.track == ALL and r.value is not None]
    metric = (
        "e2e_p95"
        if any(r.metric == "e2e_p95" for r in rows)
        else next((r.metric for r in rows if r.headline), "")
    )
    return {r.system: r for r in rows if r.metric == metric}


def _whole(row: Row | None) -> bool:
    return row is not None and row.value is not None


def _ends(row: Row) -> tuple[float, float, float]:
    middle = row.value or 0.0
    return (
        middle if row.low is None else row.low,
        middle,
        middle if row.high is None else row.high,
    )


def tracks(
    board: Leaderboard, notes: Notes, labels: Sequence[str], suites: Sequence[str]
) -> Figure | None:
    """Headline of every track as a heat map: the table is the picture."""
    rows: list[list[str]] = []
    levels: list[list[int | None]] = []
    found = {
        (r.suite, r.track, r.system): r for r in board.rows if r.headline and r.suite in suites
    }
    for suite, track in dict.fromkeys(
        (r.suite, r.track) for r in board.rows if r.headline and r.suite in suites
    ):
        here = [found.get((suite, track, label)) for label in labels]
        name = (
            display_name(suite)
            if track == ALL
            else f"{display_name(suite)} / {display_name(track)}"
        )
        rows.append([name, *("–" if r is None else summary(r, notes.get(r.metric)) for r in here)])
        levels.append([None, *(_level(r, notes) for r in here)])
    if not rows:
        return None
    caption = (
        "The headline metric of each track with its 95 % interval; the darker the better. n/a is no"
        " zero."
    )
    return Figure("tracks", "Tracks", caption, ("suite / track", *labels), rows, None, levels)


def _level(row: Row | None, notes: Notes) -> int | None:
    note = None if row is None else notes.get(row.metric)
    if row is None or row.value is None or note is None:
        return None
    low, high = note.bounds
    share = min(1.0, max(0.0, (row.value - low) / (high - low)))
    return int(9 * (share if row.better != "lower" else 1 - share) + 0.5)


def utilisation(board: Leaderboard, notes: Notes, labels: Sequence[str]) -> Figure | None:
    """Cost per 1,000 queries of an own machine by how much of the day it is used, against the API's
    flat price.
    """
    own, api = (
        {r.system: r.value for r in board.rows if r.metric == m and r.track == ALL and r.value}
        for m in ("cost_per_1k", "api_cost_per_1k")
    )
    shown = [label for label in labels if label in own]
    if not shown:
        return None
    lines, rows = [], []
    for label in shown:
        series, full = labels.index(label), own[label]
        lines.append(Curve(series, label, [(u, full / u) for u in _SHARES]))
        even = "no API price" if label not in api else _break_even(full / api[label])
        flat = f"${number(api[label])}" if label in api else "–"
        rows.append([label, f"${number(full)}", f"${number(full / 0.1)}", flat, even])
        if label in api:
            lines.append(
                Curve(
                    series,
                    f"{label} tokens by API",
                    [(0.01, api[label]), (1.0, api[label])],
                    level=True,
                )
            )
    picture = curves(
        "cost per 1,000 queries against utilisation",
        lines,
        ("utilisation of the machine (log scale)", "$ per 1,000 queries (log scale)"),
        (lambda u: f"{percent(u)} %", lambda c: f"${number(c)}"),
        log=True,
        log_y=True,
    )
    about = "; ".join(
        n.about for m in ("cost_per_1k", "api_cost_per_1k") if (n := notes.get(m)) is not None
    )
    caption = (
        "An idle machine costs as much as a busy one: cost = price / utilisation. Level lines:"
        f" {about}."
    )
    head = (
        "system",
        "fully used",
        "used 10 % of the time",
        "same tokens by API",
        "break-even utilisation",
    )
    return Figure("utilisation", "Cost against utilisation", caption, head, rows, picture)


def _break_even(share: float) -> str:
    return f"{percent(share)} %" if share <= 1 else "never: dearer even when fully used"
