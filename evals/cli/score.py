"""`adaptbench score`: metrics over answers that were produced elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evals.cli.options import Embedder, Judge, JudgeCalibration, JudgeConcurrency, JudgeTimeout, JudgeTries, Rubric

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evals.interfaces import Metric
    from evals.metrics.scoring import Entry


def score(
    metrics: Annotated[str, typer.Argument(metavar="METRIC[,METRIC…]", help="Names from `adaptbench list metrics`.")],
    source: Annotated[Path, typer.Option("--input", help="Records, one JSON object a line.")],
    output: Annotated[Path, typer.Option("--output", help="Where scores go, one line a record.")],
    pack: Annotated[str | None, typer.Option(help="Pack whose brand voice, rules and facts are read.")] = None,
    voice: Annotated[Path | None, typer.Option(help="A voice that `voice fit` wrote, in place of the pack's.")] = None,
    rules: Annotated[Path | None, typer.Option(help="House rules, TOML, in place of the pack's.")] = None,
    likelihood: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Local model whose log-probabilities groundedness reads.")
    ] = None,
    detector: Annotated[
        str | None, typer.Option(metavar="MODEL", help="What the metric detector asks: a hub id or a folder.")
    ] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Score again instead of resuming.")] = False,
    judge: Judge = None,
    embedder: Embedder = None,
    rubric: Rubric = None,
    calibration: JudgeCalibration = None,
    concurrency: JudgeConcurrency = 4,
    timeout: JudgeTimeout = 60.0,
    tries: JudgeTries = 3,
) -> None:
    """Score answers from anywhere: id, question, response, and where known contexts, references, answerable, schema.

    \b
    Examples:
      adaptbench score groundedness,answer_match --input answers.jsonl --output scores.jsonl
      adaptbench score voice,rule_pass --pack default --input answers.jsonl --output scores.jsonl
      adaptbench score groundedness --likelihood smollm2-135m --input answers.jsonl --output scores.jsonl
      adaptbench score detector --detector KRLabsOrg/lettucedect-base-modernbert-en-v1 --input a.jsonl --output s.jsonl
      adaptbench score voice,voice_stripped --voice acme.json --input answers.jsonl --output scores.jsonl
      adaptbench score ragas_faithfulness --judge http://127.0.0.1:8000/v1#qwen3 --input a.jsonl --output s.jsonl

    Records stream through; an interrupted command goes on where it stopped. A judge's key is read from
    ADAPTBENCH_JUDGE_KEY or OPENAI_API_KEY. Exit codes: 2 unknown metric, 3 broken record (the lines before it are
    kept), 4 disk, 5 the judge refuses.
    """
    from evals.cli.judging import judge_settings
    from evals.cli.lending import lending
    from evals.judge.settings import using
    from evals.judge.standing import JudgedMetric
    from evals.metrics.scoring import metrics_named
    from evals.paths import cache_dir
    from evals.registry import open_pack

    names = _named(metrics, source, output)
    opened = None if pack is None else open_pack(pack, cache_dir())
    settings = judge_settings(judge, embedder, rubric, calibration, concurrency, timeout, tries)
    with using(settings), lending(names, voice, rules, likelihood, detector):
        built = metrics_named(names, opened)
    judged = [m for m in built if isinstance(m, JudgedMetric)]
    if restart:
        output.unlink(missing_ok=True)
    done = _finished(output, names)
    total = _run(source, output, built, done, max((m.workers for m in judged), default=1))
    typer.echo(f"{total} records scored{f', {done} of them before' if done else ''}: {output}")
    _tell_judged(output, judged)


def _named(metrics: str, source: Path, output: Path) -> list[str]:
    """The names that are asked for. Raises UsageError where there are none or the output would replace the input."""
    from evals.errors import UsageError

    names = list(dict.fromkeys(name.strip() for name in metrics.split(",") if name.strip()))
    if not names:
        raise UsageError("no metric is named", found=metrics, way_out="adaptbench list metrics")
    if output.exists() and source.exists() and output.samefile(source):
        raise UsageError("input and output are the same file", where=output)
    return names


def _tell_judged(output: Path, judged: Sequence[Any]) -> None:
    """What the judge said, what it left unscored, what that cost, and whether the judge was measured."""
    from evals.judge.tally import tally

    if not judged:
        return
    for name, found in tally(output, [m.name for m in judged]).items():
        typer.echo(found.told(name))
    for told in dict.fromkeys(f"{m.name}: {m.judge.told}" for m in judged if m.judge is not None):
        typer.echo(told)


def _finished(output: Path, names: Sequence[str]) -> int:
    """How many lines a former run finished. Raises UsageError where they hold other metrics than those asked for."""
    import msgspec

    from evals.errors import DataError, UsageError
    from evals.jsonl import lines, mend

    if not output.exists():
        return 0
    mend(output)
    count = 0
    for number, line in lines(output):
        if number == 1:
            try:
                keys = list(msgspec.json.decode(line, type=dict[str, object]))
            except msgspec.DecodeError as error:
                raise DataError(f"not a file of scores: {error}", where=output, line=1) from error
            if keys != ["id", *names]:
                raise UsageError(
                    "the output holds other scores",
                    where=output,
                    found=", ".join(keys[1:]),
                    expected=", ".join(names),
                    way_out="name another --output, or add --restart to begin anew",
                )
        count += 1
    return count


def _run(source: Path, output: Path, metrics: Sequence[Metric], done: int, workers: int) -> int:
    """Append the scores of the records after the first ``done``; returns how many records there are."""
    import msgspec
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from evals.errors import EnvironmentProblem
    from evals.jsonl import lines
    from evals.judge.window import in_order
    from evals.metrics.scoring import read_entry, score_entry

    encoder = msgspec.json.Encoder()
    count = 0
    columns = (TextColumn("scoring"), BarColumn(), TaskProgressColumn(show_speed=True), TimeRemainingColumn())

    def entries() -> Iterator[Entry]:
        nonlocal count
        for number, line in lines(source):
            count += 1
            if count > done:
                yield read_entry(line, source, number)
            progress.advance(bar, len(line) + 1)

    try:
        with output.open("ab") as sink, Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task("scoring", total=source.stat().st_size if source.exists() else None)
            for position, line in enumerate(in_order(lambda e: score_entry(e, metrics), entries(), workers), 1):
                sink.write(encoder.encode(line) + b"\n")
                if workers > 1 or position % 64 == 0:
                    sink.flush()
    except OSError as error:
        raise EnvironmentProblem(f"cannot be written: {error.strerror or error}", where=output) from error
    return count
