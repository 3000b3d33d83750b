"""Pictures drawn from slices of the scores: freshness, voice under stress, confidence, latency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evals.analysis.units import unit
from evals.core.store import MetricNote
from evals.report.charts.figure import Figure
from evals.report.charts.plots import Curve, Dot, curves, intervals
from evals.report.slices import Slices
from evals.report.text.figures import number
from evals.report.words import display_name, percent, value
from evals.stats.estimate import Estimate

Notes = Mapping[str, MetricNote]


def freshness(slices: Slices, notes: Notes, labels: Sequence[str]) -> list[Figure]:
    """Right answers on stable facts and on facts that changed after training."""
    caption = (
        "What was true when the model was trained and still is, against what has changed since."
        " Weights cannot know the change; passages can."
    )
    return [
        _by_group(
            slices,
            notes,
            labels,
            "freshness",
            metric,
            f"Stable and changed facts ({metric})",
            caption,
        )
        for metric in slices.metrics("freshness")
    ]


def stress(slices: Slices, notes: Notes, labels: Sequence[str]) -> list[Figure]:
    """Voice, and voice with truth, by stress condition."""
    caption = (
        "The same facts asked plainly and under stress. A voice that holds looks the same in every"
        " row."
    )
    return [
        _by_group(
            slices,
            notes,
            labels,
            "stress",
            metric,
            f"{display_name(metric).capitalize()} by stress condition",
            caption,
        )
        for metric in slices.metrics("stress")
    ]


def _by_group(
    slices: Slices,
    notes: Notes,
    labels: Sequence[str],
    name: str,
    metric: str,
    title: str,
    caption: str,
) -> Figure:
    groups: list[tuple[str, list[Dot]]] = []
    rows: list[list[str]] = []
    kind = unit(notes.get(metric))
    for group in slices.groups(name):
        dots, cells = [], [display_name(group)]
        for series, label in enumerate(labels):
            found = slices.mean(name, group, label, metric)
            cells.append(_estimate(found, notes.get(metric)))
            if found is not None and found.value is not None:
                dots.append(
                    Dot(
                        series,
                        found.value,
                        found.low,
                        found.high,
                        f"{label}, {display_name(group)}: {cells[-1]}",
                    )
                )
        groups.append((display_name(group), dots))
        rows.append(cells)
    picture = intervals(f"{title} by system", groups, metric, lambda v: value(v, kind), labels)
    return Figure(f"{name}-{metric}", title, caption, (name, *labels), rows, picture)


def _estimate(found: Estimate | None, note: MetricNote | None) -> str:
    if found is None or found.value is None:
        return "not measured"
    kind = unit(note)
    if found.low is None or found.high is None:
        return f"{value(found.value, kind)} [no interval]"
    low, high = (percent(v) if kind == "share" else number(v) for v in (found.low, found.high))
    return f"{value(found.value, kind)} [{low}, {high}] n = {found.n}"


def reliability(slices: Slices, labels: Sequence[str]) -> Figure | None:
    """Share of right answers by the model's own confidence."""
    shown = [label for label in labels if label in slices.confidences]
    if not shown:
        return None
    lines, rows = [], []
    for label in shown:
        bins = slices.reliability(label)
        lines.append(Curve(labels.index(label), label, [(c, r) for c, r, _ in bins], marked=True))
        rows += [[label, f"{percent(c)} %", f"{percent(r)} %", str(n)] for c, r, n in bins]
    share = lambda v: f"{percent(v)} %"  # noqa: E731
    titles = ("confidence (mean of the bin)", "right answers")
    name = "right answers by confidence"
    picture = curves(name, lines, titles, (share, share), unit=True, diagonal=True)
    caption = (
        "On the dashed line confidence means what it says; below it the model is surer than it is"
        " right. Confidence is the inverse perplexity of the answer's tokens; bins with few answers"
        " jump about."
    )
    head = ("system", "confidence", "right", "answers")
    return Figure("reliability", "Reliability of confidence", caption, head, rows, picture)


def latency(slices: Slices, labels: Sequence[str], machine: str) -> Figure | None:
    """How many requests are done after how many seconds, one at a time."""
    shown = [label for label in labels if slices.seconds.get(label)]
    if not shown:
        return None
    lines, rows = [], []
    for label in shown:
        points = slices.distribution(label)
        lines.append(
            Curve(labels.index(label), label, [(max(s, 1e-6), share) for s, share in points])
        )
        marks = [
            next((s for s, done in points if done >= share), points[-1][0])
            for share in (0.25, 0.5, 0.75)
        ]
        rows.append([label, str(len(slices.seconds[label])), *(f"{number(s)} s" for s in marks)])
    picture = curves(
        "share of requests done by seconds",
        lines,
        ("seconds end to end (log scale)", "requests done"),
        (number, lambda v: f"{percent(v)} %"),
        log=True,
    )
    caption = (
        f"One request at a time, warmed up, nothing cached; measured on {machine}. Tail percentiles"
        " with their intervals stand on the leaderboard."
    )
    head = ("system", "requests", "a quarter done", "half done", "three quarters done")
    return Figure("latency", "Latency distributions", caption, head, rows, picture)
