"""`adaptbench import`: answers that were given elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, PackName, Results
from evals.core.inert import say

app = typer.Typer(no_args_is_help=True, help="Bring answers in that were given elsewhere.")


@app.command("traces")
def traces(
    file: Annotated[Path, typer.Argument(help="The log: JSON lines, a JSON document, CSV or TSV.")],
    name: Annotated[str, typer.Option("--as", metavar="RUN", help="The name of the system.")],
    pack: PackName = "default",
    form: Annotated[
        str,
        typer.Option(help="auto, openai, opentelemetry, langfuse, promptfoo or plain."),
    ] = "auto",
    mapping: Annotated[
        Path | None,
        typer.Option("--map", help="TOML whose [fields] say where question, answer, … stand."),
    ] = None,
    results: Results = DEFAULT_RESULTS,
) -> None:
    """Make a run of what production answered; compare, gate and report read it as any other.

    \b
    Examples:
      adaptbench import traces chat.jsonl --as production --pack my_pack
      adaptbench import traces spans.json --form opentelemetry --as production --pack my_pack
      adaptbench import traces calls.csv --map fields.toml --as production --pack my_pack

    An answer belongs to the pack's item that it names (`item`), else to the item with the same
    question. Only items that the log answers are in the run. Times are kept as the log states them
    and never compared: they were not measured here.
    """
    from evals.api.imports import import_traces
    from evals.report.board import update_board

    found = import_traces(file, name, pack, form=form, mapping=mapping, results=results)
    update_board(results)
    left_out = {
        "answers to questions that the pack does not have": found.strange,
        "further answers to a question": found.repeated,
        **{f"entries left out ({reason})": n for reason, n in found.dropped.items()},
    }
    for what, count in left_out.items():
        if count:
            say(f"{count} {what}", err=True)
    (stored,) = found.runs.stored
    say(f"run {stored.name}: {found.matched} of the pack's {found.asked} questions answered")


@app.command("questions")
def questions(
    file: Annotated[Path, typer.Argument(help="The log, as `import traces` reads it.")],
    output: Annotated[Path, typer.Option("--out", help="The table to write, CSV.")],
    sample: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    form: Annotated[str, typer.Option(help="As in `import traces`.")] = "auto",
    mapping: Annotated[Path | None, typer.Option("--map", help="As in `import traces`.")] = None,
) -> None:
    """Sample the distinct questions of a log into a table, to be given their right answers.

    \b
    Example:
      adaptbench import questions chat.jsonl --out questions.csv
      (fill in the column `answer`; `logged_answer` is what production said)
      adaptbench pack import my_pack --questions questions.csv --documents handbook/

    E-mail addresses, phone numbers, cards, accounts and IP addresses are masked; names are not.
    Questions that follow earlier turns are left out.
    """
    import csv
    import io

    from evals.core.paths import write_atomic
    from evals.core.traces import Reader, check_found
    from evals.core.traces.sample import sampled

    reader = Reader(file, form, mapping)
    found = sampled(reader, sample)
    check_found(reader, len(found))
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["question", "answer", "logged_answer", "times", "user"])
    rows.writerows([one.question, "", one.answer, one.times, one.user] for one in found)
    write_atomic(output, table.getvalue())
    say(f"{output}: {len(found)} questions; fill in the column `answer`")
