"""The leaderboard in a terminal: short tables, readable in 80 columns, without colour, and
piped.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from evals.analysis.leaderboard import ALL, Leaderboard
from evals.core.inert import plain
from evals.core.schema import Row
from evals.report.text.figures import interval, named, number, reasons, titled, unique
from evals.report.text.notes import words

if TYPE_CHECKING:
    from rich.console import Console


def render(board: Leaderboard, console: Console) -> None:
    """Print each suite's headline, best system first; for a single system, also its tracks and
    other metrics.
    """
    say(console, f"{board.key}; 95 % intervals")
    single = len({r.system for r in board.rows}) == 1
    for suite in unique([r.suite for r in board.rows]):
        rows = [r for r in board.rows if r.suite == suite]
        if single:
            say(console, "", f"{suite} ({rows[0].system})")
            _table(
                console,
                ("metric", "track"),
                [((titled([r]), r.track), r) for r in _of_interest(rows)],
            )
            continue
        heads = [r for r in rows if r.headline and r.track == ALL]
        if heads:
            say(console, "", f"{suite}: {named(heads)}{_direction(heads[0].better)}")
            ranked = [
                ((r.system, str(board.ranks.get((suite, r.system), ""))), r)
                for r in _best_first(heads)
            ]
            _table(console, ("system", "rank"), ranked)
    for note in board.notes:
        say(console, f"note: {words(note)}")


def _of_interest(rows: list[Row]) -> list[Row]:
    """The headline on every track, then every other metric over all tracks."""
    return [r for r in rows if r.headline] + [r for r in rows if not r.headline and r.track == ALL]


def _table(
    console: Console, names: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], Row]]
) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_edge=False, padding=(0, 2, 0, 0))
    for name in names:
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for title in ("value", "95 % interval", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    if any(row.unscored for _, row in rows):
        table.add_column("unscored", overflow="ellipsis")
    for labels, row in rows:
        cells = (
            *labels,
            number(row.value),
            interval(row.low, row.high) or "n/a",
            str(row.n),
            reasons(row.unscored),
        )
        table.add_row(*(Text(plain(cell)) for cell in cells[: len(table.columns)]))
    console.print(table)


def _best_first(rows: list[Row]) -> list[Row]:
    sign = -1 if rows and rows[0].better == "higher" else 1
    return sorted(rows, key=lambda r: (r.value is None, sign * (r.value or 0.0), r.system))


def _direction(better: str) -> str:
    return f" ({better} is better)" if better != "none" else ""


def say(console: Console, *lines: str) -> None:
    """Print each argument as one plain line: nothing that rich or a terminal would obey."""
    console.print(
        "\n".join(map(plain, lines)),
        markup=False,
        highlight=False,
        soft_wrap=not console.is_terminal,
    )
