"""`adaptbench show`: read a run, or one answer with everything that is known about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results
from evals.core.inert import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from evals.core.schema import Item, Response, Score, ScoreLine
    from evals.core.store import StoredRun


def show(
    run: Annotated[
        str,
        typer.Argument(help="A run's name or unique beginning, its folder, or a system's name."),
    ],
    item: Annotated[str | None, typer.Option(help="Show this item's answer in full.")] = None,
    wrong: Annotated[
        bool, typer.Option("--wrong", help="Only items whose headline score is 0.")
    ] = False,
    results: Results = DEFAULT_RESULTS,
    json: Json = None,
) -> None:
    """Show what a run was made of and its answers, or one answer with its passages, timings and
    scores.

    \b
    Examples:
      adaptbench show hybrid                   the newest run of a system
      adaptbench show hybrid --wrong           its wrong answers, by headline metric
      adaptbench show hybrid-1a2b --item ID    one answer
    """
    from rich.console import Console

    from evals.cli.shared.outputs import write_json
    from evals.core.store import find_run

    stored = find_run(results, run)
    if json is not None:
        write_json(json, _shown(stored, item, wrong))
        return
    console = Console(highlight=False, soft_wrap=True)
    if item is None:
        _overview(stored, console, wrong)
    else:
        _one(stored, console, item)


def _overview(stored: StoredRun, console: Console, wrong: bool) -> None:
    m = stored.manifest
    for label, value in (
        ("run", m.run),
        ("system", f"{m.system} - {m.about}" if m.about else m.system),
        ("pack", f"{m.pack} (brand {m.brand})"),
        ("profile", f"{m.profile}, {m.items} items, seed {m.seed}"),
        ("status", f"{m.status}, started {m.started}, finished {m.finished or '-'}"),
        ("machine", m.machine.get("class", "")),
        ("command", m.command),
    ):
        console.print(f"{label:<8} {plain(str(value))}", markup=False)
    console.print()
    answers = {r.item: r.text for r in stored.responses()}
    for line, score in _lines(stored, wrong):
        headline = m.suites[line.suite].headline
        message = (
            "-"
            if score is None
            else f"{score.value:.2f}"
            if score.value is not None
            else str(score.unscored)
        )
        text = plain(answers.get(line.item, ""), 60)
        console.print(plain(f"{line.item}  {headline}={message}  {text}"), markup=False)


def _lines(stored: StoredRun, wrong: bool) -> Iterator[tuple[ScoreLine, Score | None]]:
    """The run's answers with the score of their headline; ``wrong``: only where it is 0."""
    for line in stored.scores():
        score = line.scores.get(stored.manifest.suites[line.suite].headline)
        if not wrong or (score is not None and score.value == 0):
            yield line, score


def _shown(stored: StoredRun, item: str | None, wrong: bool) -> list[ScoreLine]:
    """What ``--json`` gives: the scores of the answers that the table would show."""
    return [line for line, _ in _lines(stored, wrong) if item in (None, line.item)]


def _one(stored: StoredRun, console: Console, item_id: str) -> None:
    from evals.core.errors import UsageError

    response = next((r for r in stored.responses() if r.item == item_id), None)
    if response is None:
        raise UsageError(
            "this run has no such item",
            where=stored.path,
            found=item_id,
            hint=f"`adaptbench show {stored.name}` lists its items",
        )
    scores = next((s for s in stored.scores() if s.item == item_id), None)
    _question(console, _item_of(stored, item_id), item_id)
    _answer(console, response)
    if scores is not None:
        _scores(console, scores)


def _item_of(stored: StoredRun, item_id: str) -> Item | None:
    """The question with its gold, as the run keeps it; None for a run that was stored without its
    questions.
    """
    from evals.core.store import ITEMS

    if not (stored.path / ITEMS).exists():
        return None
    return next((item for item in stored.items() if item.id == item_id), None)


def _question(console: Console, item: Item | None, item_id: str) -> None:
    if item is None:
        console.print(
            f"item      {plain(item_id)} (this run was stored without its questions)",
            markup=False,
        )
        return
    gold = ", ".join(f"{s.name} = {s.value}" for s in item.gold) or "(none)"
    rows = [
        ("item", f"{item.id}  [{item.suite} / {item.track}]"),
        ("question", item.question),
        ("asked by", item.user or "-"),
        ("gold", gold if item.answerable else "(unanswerable)"),
        ("documents", ", ".join(item.documents) or "-"),
    ]
    for label, value in rows:
        console.print(f"{label:<9} {plain(value)}", markup=False)


def _answer(console: Console, response: Response) -> None:
    console.print(f"answer    {plain(response.text)}", markup=False)
    if response.error is not None:
        console.print(
            f"error     {response.error.kind}: {plain(response.error.message)}", markup=False
        )
    if response.usage is not None:
        u = response.usage
        console.print(
            f"tokens    {u.prompt} in ({u.cached} cached), {u.completion}"
            f" out{f' ({u.reasoning} of them thoughts)' if u.reasoning else ''}, ended by"
            f" {response.finish}"
        )
    if response.timings is not None:
        t = response.timings
        stages = ", ".join(
            f"{n} {getattr(t, n) * 1000:.0f} ms" for n in ("retrieve", "queue", "prefill", "decode")
        )
        console.print(f"timings   {stages}, total {t.total * 1000:.0f} ms ({t.measured} pass)")
    for rank, passage in enumerate(response.passages or (), 1):
        head = f"passage {rank} {plain(passage.document)} (score {passage.score:.3f})"
        console.print(head, markup=False)
        console.print(f"    {plain(passage.text, 600)}", markup=False)


def _scores(console: Console, line: ScoreLine) -> None:
    from evals.report.outcomes import disagreement

    if differs := disagreement(line.scores):
        console.print(f"note      {differs}", markup=False)
    for name, score in line.scores.items():
        value = f"{score.value:.4g}" if score.value is not None else f"unscored: {score.unscored}"
        detail = f"  {plain(str(score.detail), 200)}" if score.detail else ""
        console.print(f"score     {name:<20} {value}{detail}", markup=False)
