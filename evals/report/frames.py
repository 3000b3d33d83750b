"""Stored runs as pandas frames, for notebooks and scripts. Reads files only; a missing score stays
missing (NaN).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from evals.analysis.leaderboard import build
from evals.core.schema import Item, Response, ScoreLine
from evals.core.store import StoredRun, find_run
from evals.report.board import complete_runs, completed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Runs:
    """Stored runs; each method reads what it needs and returns one frame, with the columns ``run``
    and ``system``.

    ``results`` is the folder of the runs, whose load measurements stand on the leaderboard too.
    """

    stored: tuple[StoredRun, ...]
    results: Path | None = None

    def __repr__(self) -> str:
        """One line, for notebooks."""
        names = [run.name for run in self.stored]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        return f"Runs({shown or 'none'})"

    def manifests(self) -> pd.DataFrame:
        """One row a run: what it is, when, on which machine, by which command."""
        return _frame(
            {
                "run": m.run,
                "system": m.system,
                "pack": m.pack,
                "profile": m.profile,
                "seed": m.seed,
                "items": m.items,
                "status": m.status,
                "started": m.started,
                "finished": m.finished,
                "machine": m.machine.get("class"),
                "command": m.command,
                "seal": m.seal,
            }
            for m in (run.manifest for run in self.stored)
        )

    def leaderboard(self) -> pd.DataFrame:
        """One row per system, suite, track and metric with its 95 % interval: `adaptbench
        leaderboard`'s.
        """
        board = build(self.stored)
        if self.results is not None:
            board = completed(board, self.results, self.stored)
        return _frame(msgspec.structs.asdict(row) for row in board.rows)

    def items(self) -> pd.DataFrame:
        """One row a question with its gold, each question once, indexed by ``item``."""
        seen: dict[str, dict[str, Any]] = {}
        for run in self.stored:
            for item in run.items():
                seen.setdefault(item.id, _item(item))
        return _frame(seen.values()).set_index("item")

    def responses(self) -> pd.DataFrame:
        """One row an answer: text, tokens, seconds by stage, number of passages, error."""
        return self._rows(lambda run: (_response(response) for response in run.responses()))

    def passages(self) -> pd.DataFrame:
        """One row a retrieved passage with its rank (1 is first) and score."""
        return self._rows(
            lambda run: (row for response in run.responses() for row in _passages(response))
        )

    def scores(self) -> pd.DataFrame:
        """One row per answer and metric: ``value``, or NaN with the reason in ``unscored``."""
        return self._rows(lambda run: (row for line in run.scores() for row in _scores(line)))

    def _rows(self, read: Callable[[StoredRun], Iterable[dict[str, Any]]]) -> pd.DataFrame:
        return _frame(
            {"run": r.name, "system": r.manifest.system, **row}
            for r in self.stored
            for row in read(r)
        )


def load_runs(results: str | Path = "results", runs: Sequence[str] = ()) -> Runs:
    """The named runs (names, unique beginnings, systems or folders), or every complete run below
    ``results/runs``.

    Raises UsageError for a name that fits none or several, DataError where nothing is stored.
    """
    folder = Path(results)
    if runs:
        return Runs(tuple(find_run(folder, name) for name in runs), folder)
    return Runs(tuple(complete_runs(folder)), folder)


def _frame(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame.from_records(list(rows))


def _item(item: Item) -> dict[str, Any]:
    gold = {slot.name: slot.value for slot in item.gold}
    kept = {
        name: getattr(item, name)
        for name in item.__struct_fields__
        if name not in ("id", "gold", "json_schema")
    }
    return {"item": item.id, **kept, "gold": gold}


def _response(response: Response) -> dict[str, Any]:
    usage, timings = response.usage, response.timings
    return {
        "item": response.item,
        "text": response.text,
        "finish": response.finish,
        "error": None if response.error is None else response.error.kind,
        "passages": None if response.passages is None else len(response.passages),
        "tokens_in": None if usage is None else usage.prompt,
        "tokens_cached": None if usage is None else usage.cached,
        "tokens_out": None if usage is None else usage.completion,
        "measured": None if timings is None else timings.measured,
        **{
            f"{stage}_s": None if timings is None else getattr(timings, stage)
            for stage in ("retrieve", "queue", "prefill", "decode", "total")
        },
    }


def _passages(response: Response) -> Iterable[dict[str, Any]]:
    for rank, passage in enumerate(response.passages or (), 1):
        yield {"item": response.item, "rank": rank, **msgspec.structs.asdict(passage)}


def _scores(line: ScoreLine) -> Iterable[dict[str, Any]]:
    about = {name: getattr(line, name) for name in line.__struct_fields__ if name != "scores"}
    for metric, score in line.scores.items():
        yield {
            **about,
            "metric": metric,
            "value": score.value,
            "unscored": score.unscored,
            "detail": score.detail,
        }
