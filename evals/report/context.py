"""What the page's tables show, as ready words: leaderboard rows, provenance, what was not
measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from markupsafe import Markup

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.analysis.units import unit
from evals.core.schema import Row
from evals.core.store import MetricNote
from evals.report.charts import svg
from evals.report.source import Source
from evals.report.text.figures import number, reasons, titled
from evals.report.words import percent, value
from evals.stats.ranks import RankInterval

RankKey = tuple[str, str]
"""(suite, system): ranks are those of whole suites by their headline."""


def board_rows(
    board: Leaderboard, notes: Mapping[str, MetricNote], ranks: Mapping[RankKey, RankInterval]
) -> list[dict[str, Any]]:
    """Every leaderboard row in words; ``first`` marks those the page opens with: headlines over
    whole suites.
    """
    spans = _spans(board.rows)
    rows = sorted(board.rows, key=_best_first)
    return [
        _row(row, notes.get(row.metric), ranks, spans[row.suite, row.track, row.metric])
        for row in rows
    ]


def _best_first(row: Row) -> tuple[Any, ...]:
    sign = 1 if row.better == "lower" else -1
    place = (row.suite, row.track != ALL, row.track, not row.headline, row.metric)
    return (*place, row.value is None, sign * (row.value or 0.0), row.system)


def _spans(rows: Iterable[Row]) -> dict[tuple[str, str, str], tuple[float, float]]:
    """Lowest and highest end among the rows that are drawn on one scale."""
    found: dict[tuple[str, str, str], tuple[float, float]] = {}
    for row in rows:
        key = (row.suite, row.track, row.metric)
        low, high = found.get(key, (0.0, 0.0))
        ends = [v for v in (row.low, row.value, row.high) if v is not None]
        found[key] = (min([low, *ends]), max([high, *ends]))
    return found


def _row(
    row: Row,
    note: MetricNote | None,
    ranks: Mapping[RankKey, RankInterval],
    span: tuple[float, float],
) -> dict[str, Any]:
    kind = unit(note)
    rank = ranks.get((row.suite, row.system)) if row.headline and row.track == ALL else None
    ends = (
        ""
        if row.low is None or row.high is None
        else f"[{_end(row.low, kind)}, {_end(row.high, kind)}]"
    )
    return {
        "system": row.system,
        "suite": row.suite,
        "track": row.track,
        "metric": row.metric,
        "headline": row.headline,
        "first": row.headline and row.track == ALL,
        "title": titled([row]),
        "raw": "" if row.value is None else repr(row.value),
        "value": "n/a" if row.value is None else value(row.value, kind),
        "interval": ends or "n/a",
        "bar": _bar(row, (0.0, 1.0) if kind == "share" else span),
        "rank": "" if rank is None else str(rank),
        "rank_value": "" if rank is None else str(rank.best),
        "n": row.n,
        "unscored": reasons(row.unscored),
    }


def _end(figure: float, kind: str) -> str:
    return percent(figure) if kind == "share" else number(figure)


def _bar(row: Row, span: tuple[float, float]) -> Markup:
    """The interval drawn on its metric's scale. Nothing is drawn where there is no value."""
    if row.value is None or span[1] <= span[0]:
        return Markup("")

    def at(figure: float) -> float:
        return 4 + 112 * min(1.0, max(0.0, (figure - span[0]) / (span[1] - span[0])))

    parts = [svg.line(4, 7, 116, 7, "track")]
    if row.low is not None and row.high is not None:
        parts.append(svg.line(at(row.low), 7, at(row.high), 7, "span"))
    parts.append(svg.element("circle", {"cx": at(row.value), "cy": 7, "r": 4, "class": "value"}))
    attributes: dict[str, str | float] = {
        "viewBox": "0 0 120 14",
        "class": "bar",
        "aria-hidden": "true",
    }
    return Markup(svg.element("svg", attributes, *parts))  # noqa: S704  figures only


def provenance(sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Every run behind the page: what it is, where it was measured, how to make it again."""
    return [_run(source) for source in sources]


def _run(source: Source) -> dict[str, Any]:
    m = source.run.manifest
    libraries = ", ".join(f"{name} {version}" for name, version in m.libraries.items())
    facts = [
        ("run", m.run),
        ("system", f"{m.system} — {m.about}" if m.about else m.system),
        ("speaks for", ", ".join(source.suites)),
        ("pack", f"{m.pack} (brand {m.brand})" if m.brand else m.pack),
        ("questions", f"profile {m.profile}, {m.items} items, seed {m.seed}"),
        ("machine", str(m.machine.get("class", "not recorded"))),
        ("libraries", libraries or "not recorded"),
        ("started, finished", f"{m.started}, {m.finished or '-'}"),
        ("made by", m.command or "not recorded"),
        ("files", ", ".join(f"{name} {digest[:16]}" for name, digest in m.files.items())),
        ("seal", m.seal or "none"),
    ]
    facts += [("note", note) for note in m.notes]
    return {"label": source.label, "facts": facts, "identity": list(flat(m.identity))}


def flat(value_of: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, str]]:
    """Nested tables as dotted names."""
    for name, inner in value_of.items():
        if isinstance(inner, Mapping):
            yield from flat(inner, f"{prefix}{name}.")
        else:
            yield (
                f"{prefix}{name}",
                inner if isinstance(inner, str) else msgspec.json.encode(inner).decode(),
            )


def unmeasured(board: Leaderboard) -> list[tuple[str, str, str]]:
    """(suite, metric, who lacks how many and why) wherever something was left unscored."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in board.rows:
        if row.track == ALL and row.unscored:
            found.setdefault((row.suite, row.metric), []).append(
                f"{row.system}: {reasons(row.unscored)}"
            )
    return [(suite, metric, "; ".join(message)) for (suite, metric), message in found.items()]
