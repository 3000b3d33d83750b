"""The leaderboard as files: JSON, CSV and Parquet for programs, Markdown for people. Each is whole
or not there.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import msgspec

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.analysis.standings import COST, LATENCY, front
from evals.core.inert import escape
from evals.core.paths import write_atomic
from evals.core.schema import Row
from evals.report.text.figures import number, reasons, titled, unique, with_interval
from evals.report.text.markup import notes_section, table
from evals.report.text.notes import sentences

_CSV_KEYS = ("low", "high", "n", "clusters", "unscored", "better", "headline", "judge", "run")


def write(board: Leaderboard, folder: Path) -> list[Path]:
    """Write ``leaderboard.json``, ``.csv``, ``.md`` and ``.parquet`` into ``folder`` and return
    their paths.

    Raises EnvironmentProblem where the folder cannot be written; an older file then stays as it
    was.
    """
    files = {
        "leaderboard.json": _json(board),
        "leaderboard.csv": _csv(board),
        "leaderboard.md": markdown(board).encode(),
        "leaderboard.parquet": _parquet(board),
    }
    for name, content in files.items():
        write_atomic(folder / name, content)
    return [folder / name for name in files]


def _json(board: Leaderboard) -> bytes:
    return msgspec.json.format(msgspec.json.encode(board.rows), indent=1) + b"\n"


def _csv(board: Leaderboard) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("system", "suite", "track", "metric", "value", *_CSV_KEYS))
    for row in board.rows:
        first = (
            row.system,
            row.suite,
            row.track,
            row.metric,
            row.value,
            row.low,
            row.high,
            row.n,
            row.clusters,
        )
        rest = (reasons(row.unscored), row.better, str(row.headline).lower(), row.judge, row.run)
        writer.writerow(["" if cell is None else cell_text(cell) for cell in (*first, *rest)])
    return out.getvalue().encode()


def _parquet(board: Leaderboard) -> bytes:
    """The rows with their types; ``unscored`` as JSON text, ranks beside the headlines."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = []
    for row in board.rows:
        rank = (
            board.ranks.get((row.suite, row.system)) if row.headline and row.track == ALL else None
        )
        unscored = msgspec.json.encode(row.unscored).decode()
        best, worst = (None, None) if rank is None else (rank.best, rank.worst)
        rows.append(
            {
                **msgspec.structs.asdict(row),
                "unscored": unscored,
                "rank_best": best,
                "rank_worst": worst,
            }
        )
    numbers = dict.fromkeys(("value", "low", "high"), pa.float64())
    counts = dict.fromkeys(("n", "clusters", "rank_best", "rank_worst"), pa.int64())
    kinds = {**numbers, **counts, "headline": pa.bool_()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in rows[0]])
    out = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), out)
    return bytes(out.getvalue())


def cell_text(cell: str | float) -> str | float:
    """A cell of CSV: a text that a spreadsheet would run as a formula is made harmless."""
    return (
        f"'{cell}"
        if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r")
        else cell
    )


def markdown(board: Leaderboard) -> str:
    """The whole leaderboard as Markdown: headlines first, then one table a suite and track."""
    parts = [
        f"# Leaderboard\n\n{escape(str(board.key))}. 95 % intervals in brackets; ↑ higher, ↓ lower"
        " is better.\n"
    ]
    parts.append(_headlines(board))
    for suite in unique([r.suite for r in board.rows]):
        parts.append(f"\n## {escape(suite)}\n")
        rows = [r for r in board.rows if r.suite == suite]
        parts += [
            _track(track, [r for r in rows if r.track == track])
            for track in unique([r.track for r in rows])
        ]
    if board.notes:
        parts.append("\n" + notes_section(sentences(board.notes)))
    return "\n".join(parts)


def _headlines(board: Leaderboard) -> str:
    heads = [r for r in board.rows if r.headline and r.track == ALL]
    suites = unique([r.suite for r in heads])
    of = {(r.system, r.suite): r for r in heads}
    titles = []
    for suite in suites:
        titles.append(f"{suite}: {titled([r for r in heads if r.suite == suite])}")
    body = [
        [system, *(_ranked(board, of.get((system, s))) for s in suites)]
        for system in _systems(board)
    ]
    message = (
        "\n`#` is the range of ranks that paired tests, Holm-corrected over all pairs, leave"
        " open.\n"
    )
    return (
        table(["system", *titles], body) + (message if board.ranks else "") + _fronts(board, suites)
    )


def _ranked(board: Leaderboard, row: Row | None) -> str:
    rank = None if row is None or row.value is None else board.ranks.get((row.suite, row.system))
    return with_interval(row) + ("" if rank is None else f" #{rank}")


def _fronts(board: Leaderboard, suites: list[str]) -> str:
    """Per quality suite: who is beaten on quality, p95 latency and cost at once, and by whom."""
    parts = []
    for suite in suites:
        rows = front(board.rows, suite)
        if (
            any(r.suite == suite and r.metric in (LATENCY, COST) for r in board.rows)
            or len(rows) < 2
        ):
            continue
        body = [
            [
                r.system,
                number(r.quality),
                number(r.latency),
                number(r.cost),
                ", ".join(r.beaten_by) or "on the front",
            ]
            for r in rows
        ]
        head = ["system", "quality", "p95 latency, s", "$ per 1,000", "beaten on all by"]
        parts.append(f"\n### Quality, latency and cost: {escape(suite)}\n\n" + table(head, body))
    return "".join(parts)


def _systems(board: Leaderboard) -> list[str]:
    return sorted({r.system for r in board.rows})


def _track(track: str, rows: list[Row]) -> str:
    metrics = unique([r.metric for r in rows])
    of = {(r.system, r.metric): r for r in rows}
    systems = sorted({r.system for r in rows})
    body = []
    for metric in metrics:
        found = [of.get((system, metric)) for system in systems]
        body.append([titled([r for r in found if r is not None]), *(_cell(r) for r in found)])
    sizes = {r.n for r in rows}
    message = f"n = {min(sizes)}" if len(sizes) == 1 else f"n = {min(sizes)} to {max(sizes)}"
    return f"### {escape(track)} ({message})\n\n" + table(["metric", *systems], body)


def _cell(row: Row | None) -> str:
    if row is None or row.value is None:
        return f"n/a ({reasons(row.unscored)})" if row is not None and row.unscored else "n/a"
    return with_interval(row) if row.low is not None else f"{number(row.value)} [n/a]"
