"""`adaptbench judge`: compare answers by a judge model, and measure judges against people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import (
    Judge,
    JudgeCalibration,
    JudgeConcurrency,
    JudgeTimeout,
    JudgeTries,
    Rubric,
)
from evals.core.inert import say

if TYPE_CHECKING:
    from evals.judge.pairwise import Pair

app = typer.Typer(
    help="Compare answers by a judge model, and measure judges against people.",
    no_args_is_help=True,
)


@app.callback()
def root() -> None:
    """Compare answers by a judge model, and measure judges against people."""


@app.command()
def calibrate(
    labels: Annotated[
        Path, typer.Option(help="JSON lines: id, human; where known cluster, length, order.")
    ],
    scores: Annotated[
        list[Path], typer.Option(help="The judge's scores; a further file repeats verdicts.")
    ],
    metric: Annotated[str, typer.Option(help="Which metric of the scores.")],
    output: Annotated[
        Path,
        typer.Option(
            "--out", "--output", help="Calibration file; entries of other judges in it are kept."
        ),
    ] = Path("calibration.json"),
    judge: Annotated[
        str | None, typer.Option("--judge", help="The judge's name, where the scores do not say.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="From where on a verdict counts as yes.")
    ] = 0.5,
) -> None:
    """Measure a judge against people: kappa, errors, biases, consistency, and its mean corrected by
    the labels.

    \b
    Examples:
      adaptbench judge calibrate --labels people.jsonl --scores scores.jsonl --metric ragas_faithfulness
      adaptbench judge calibrate --labels people.jsonl --scores one.jsonl --scores again.jsonl --metric pairwise

    Labelled answers must be a random sample of those scored. At least 150 labels and kappa of .6
    make a judge that may gate. Exit code 3 for broken files.
    """
    from evals.core.errors import DataError, UsageError
    from evals.judge import calibration as rules
    from evals.report.text.calibration import summary

    known = rules.read_labels(labels)
    verdicts = rules.read_verdicts(scores, metric)
    if len(verdicts.judges) > 1:
        raise DataError(
            "the scores are of several judges",
            where=scores[0],
            found=", ".join(sorted(verdicts.judges)),
        )
    name = judge or next(iter(verdicts.judges), None)
    if name is None:
        raise UsageError("the scores do not say who judged", where=scores[0], hint="--judge NAME")
    if verdicts.judges and name not in verdicts.judges:
        raise UsageError(
            "the scores are of another judge", found=", ".join(verdicts.judges), expected=name
        )
    found = rules.calibrate(known, verdicts, metric, name, threshold)
    rules.write_calibration(output, found)
    say(*summary(found).split("\n"))
    say(f"written: {output}")


@app.command()
def pairs(
    a: Annotated[
        Path, typer.Option("--a", help="Answers of A, one JSON object a line (as for `score`).")
    ],
    b: Annotated[Path, typer.Option("--b", help="Answers of B to the same ids.")],
    output: Annotated[
        Path, typer.Option("--out", "--output", help="Where verdicts go, one line a pair.")
    ],
    restart: Annotated[
        bool, typer.Option("--restart", help="Judge again instead of resuming.")
    ] = False,
    judge: Judge = None,
    rubric: Rubric = None,
    calibration: JudgeCalibration = None,
    concurrency: JudgeConcurrency = 4,
    timeout: JudgeTimeout = 60.0,
    tries: JudgeTries = 3,
) -> None:
    """Ask a judge which of two answers is better, in both orders; a verdict stands only where both
    agree, else a tie.

    \b
    Examples:
      adaptbench judge pairs --a new.jsonl --b old.jsonl --out verdicts.jsonl --judge http://127.0.0.1:8000/v1#qwen3

    Resumes where it was interrupted: pairs that were edited or on which the judge failed are judged
    again. The key is read from ADAPTBENCH_JUDGE_KEY or OPENAI_API_KEY. Exit codes: 2 the output is
    of another judge or rubric, 3 broken record or an id met twice, 4 disk, 5 the judge refuses.
    """
    from evals.cli.shared.judging import judge_settings
    from evals.core.errors import UsageError
    from evals.judge.pairwise import judge_pairs, summary
    from evals.judge.standing import standing

    settings = judge_settings(judge, None, rubric, calibration, concurrency, timeout, tries)
    if settings is None:
        raise UsageError(
            "no judge is named", hint="--judge URL#model, or set ADAPTBENCH_JUDGE=URL#model"
        )
    note = standing(settings, "pairwise")
    judge_pairs(_pairs(a, b), output, settings, restart)
    say(*summary(output).split("\n"))
    say(f"pairwise: {note.summary}")


def _pairs(a: Path, b: Path) -> Iterator[Pair]:
    from evals.core.errors import DataError
    from evals.core.jsonl import lines
    from evals.judge.pairwise import Pair
    from evals.metrics.scoring import read_entry

    others = {
        str(entry.id): entry for entry in (read_entry(line, b, number) for number, line in lines(b))
    }
    for number, line in lines(a):
        entry = read_entry(line, a, number)
        other = others.get(str(entry.id))
        if other is None:
            raise DataError(
                "B has no answer for this id",
                where=a,
                line=number,
                found=entry.id,
                expected=f"it in {b}",
            )
        yield Pair(entry.id, entry, other)
