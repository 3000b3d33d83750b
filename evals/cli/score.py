"""`adaptbench score`: metrics over answers that were produced elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from evals.cli.shared.options import (
    Embedder,
    Judge,
    JudgeCalibration,
    JudgeConcurrency,
    JudgeTimeout,
    JudgeTries,
    Rubric,
)
from evals.core.inert import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evals.core.errors import DataError
    from evals.core.interfaces import Pack
    from evals.core.metric import Metric, Need
    from evals.core.score_file import ScoreFile
    from evals.core.score_index import ScoreIndex
    from evals.metrics.scoring import Entry

SHOWN: Final = 5
"""Bad records that are named one by one."""


def score(
    metrics: Annotated[
        str,
        typer.Argument(metavar="METRIC[,METRIC…]", help="Names from `adaptbench list metrics`."),
    ],
    source: Annotated[
        Path,
        typer.Option("--input", help="Records: JSON lines, a JSON array, CSV, TSV; - reads stdin."),
    ],
    output: Annotated[
        Path, typer.Option("--out", "--output", help="Where scores go, one line a record.")
    ],
    pack: Annotated[
        str | None, typer.Option(help="Pack whose brand voice, rules and facts are read.")
    ] = None,
    voice: Annotated[
        Path | None, typer.Option(help="A voice that `voice fit` wrote, in place of the pack's.")
    ] = None,
    rules: Annotated[
        Path | None, typer.Option(help="House rules, TOML, in place of the pack's.")
    ] = None,
    likelihood: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Local model whose log-probabilities groundedness reads."
        ),
    ] = None,
    detector: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="What the metric detector asks: a hub id or a folder."),
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Score again instead of resuming.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at a bad record instead of passing it over.")
    ] = False,
    judge: Judge = None,
    embedder: Embedder = None,
    rubric: Rubric = None,
    calibration: JudgeCalibration = None,
    concurrency: JudgeConcurrency = 4,
    timeout: JudgeTimeout = 60.0,
    tries: JudgeTries = 3,
) -> None:
    """Score answers from anywhere: id, question, response, and where known contexts, references,
    answerable, schema.

    \b
    Examples:
      adaptbench score groundedness,answer_match --input answers.jsonl --out scores.jsonl
      adaptbench score voice,rule_pass --pack default --input answers.jsonl --out scores.jsonl
      adaptbench score groundedness --likelihood smollm2-135m --input answers.jsonl --out scores.jsonl
      adaptbench score detector --detector KRLabsOrg/lettucedect-base-modernbert-en-v1 --input a.jsonl --out s.jsonl
      adaptbench score voice,voice_stripped --voice acme.json --input answers.jsonl --out scores.jsonl
      adaptbench score ragas_faithfulness --judge http://127.0.0.1:8000/v1#qwen3 --input a.jsonl --out s.jsonl

    Other names are read too: answer, query, ground_truth, retrieved_contexts. A record without an id
    is named by its line. What is no record, or has an id that was met, is passed over and counted.

    Records stream through. An interrupted command goes on where it stopped, and scores again what
    was edited and what a judge failed on; a line whose record is gone from the input is dropped at
    the end. OUTPUT.state remembers what the scores were made with: other options on the same output
    are refused. A judge's key is read from ADAPTBENCH_JUDGE_KEY or OPENAI_API_KEY. Exit codes: 2
    unknown metric or other options than the output's, 3 no record, or with --strict a bad one (the
    lines before it are kept), 4 disk, 5 the judge refuses or fails on all.
    """
    from evals.cli.shared.context import built_metrics
    from evals.cli.shared.judging import judge_settings
    from evals.core.paths import cache_dir
    from evals.core.registry import open_pack
    from evals.core.score_file import ScoreFile
    from evals.core.score_index import ScoreIndex

    names = _named(metrics, source, output)
    opened = None if pack is None else open_pack(pack, cache_dir())
    settings = judge_settings(judge, embedder, rubric, calibration, concurrency, timeout, tries)
    models: dict[Need, str | None] = {"likelihood": likelihood, "detector": detector}
    built, given = built_metrics(names, opened, voice, rules, models, settings)
    with (
        ScoreIndex() as index,
        ScoreFile(output, _made_with(built, opened, given), index, restart) as file,
    ):
        passed_over = Skipped(strict)
        fresh = _run(source, file, built, max(m.workers for m in built), passed_over)
        dropped, records = file.settle(), index.wanted
    say(f"{_counts(records, fresh, dropped)}: {output}")
    if passed_over.count:
        say(f"{passed_over.count} records passed over (--strict stops at the first)", err=True)
    _report(output, built)


def _named(metrics: str, source: Path, output: Path) -> list[str]:
    """The names that are asked for.

    Raises UsageError where there are none, or the output is no file or would replace the input, and
    DataError where there is no input.
    """
    from evals.core.errors import DataError, UsageError
    from evals.core.records import STDIN

    names = list(dict.fromkeys(name.strip() for name in metrics.split(",") if name.strip()))
    if not names:
        raise UsageError("no metric is named", found=metrics, hint="adaptbench list metrics")
    if str(source) == STDIN:
        return names
    if not source.exists():
        raise DataError("no such file", where=source)
    if source.is_dir():
        raise DataError("a folder, not a file of records", where=source)
    if output.exists() and output.samefile(source):
        raise UsageError("input and output are the same file", where=output)
    if output.exists() and not output.is_file():
        raise UsageError(
            "the output is no ordinary file",
            where=output,
            hint="name a file: --out scores.jsonl",
        )
    return names


def _counts(records: int, fresh: int, dropped: int) -> str:
    before = f", {records - fresh} of them before" if fresh < records else ""
    gone = f"; dropped {dropped} whose records are gone or changed" if dropped else ""
    return f"{records} records scored{before}{gone}"


def _made_with(
    metrics: Sequence[Metric], pack: Pack | None, given: dict[str, str | None]
) -> dict[str, Any]:
    """What makes stored scores the same ones, as in a run: metrics, code, pack, what the options
    name, who judges.
    """
    from evals.core.identity import labelled, short
    from evals.metrics.scoring import code_of

    return {
        "metrics": ",".join(m.name for m in metrics),
        "pack": None if pack is None else labelled(pack.name, pack.identity),
        **given,
        "judge": {m.name: dict(m.settings) for m in metrics if "judge" in m.needs} or None,
        "code": short([code_of(m.name) for m in metrics], 16),
    }


def _report(output: Path, metrics: Sequence[Metric]) -> None:
    """Each metric's mean and what it left unscored; what judging cost, and whether the judge was
    measured.

    Raises SystemFailure where judges were asked and nothing came of it.
    """
    from evals.core.errors import SystemFailure
    from evals.judge.tally import tally

    found = tally(output, [m.name for m in metrics])
    for m in metrics:
        say(found[m.name].summary(m.name, m.estimator))
    judged = [m for m in metrics if "judge" in m.needs]
    for summary in dict.fromkeys(
        f"{m.name}: {m.judge.summary}" for m in judged if m.judge is not None
    ):
        say(summary)
    counts = [found[m.name] for m in judged]
    if any(c.failed for c in counts) and not any(c.scored for c in counts):
        raise SystemFailure(
            "the judge gave no score at all",
            where=output,
            hint="read the messages in its lines; the same command asks again",
        )


@dataclass
class Skipped:
    """Bad records: the first few are named on stderr, all are counted; the first ends a strict
    command.
    """

    strict: bool
    count: int = 0

    def meet(self, error: DataError) -> None:
        """Pass one over. Raises it where the command is strict."""
        if self.strict:
            raise error
        self.count += 1
        if self.count <= SHOWN:
            say(f"warning: {error}", err=True)


def _run(
    source: Path, file: ScoreFile, metrics: Sequence[Metric], workers: int, skipped: Skipped
) -> int:
    """Append the scores that are not there yet; returns how many records were scored now."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    from evals.judge.window import in_order
    from evals.metrics.scoring import score_entry

    fresh = 0
    columns = (
        TextColumn("scoring"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeRemainingColumn(),
    )

    def waiting() -> Iterator[tuple[int, Entry, dict[str, Any]]]:
        for entry, record, size in _entries(source, file.index, skipped):
            scores = _good(file, record, metrics)
            if len(scores) < len(metrics):
                yield record, entry, scores
            progress.advance(bar, size)

    def scored(job: tuple[int, Entry, dict[str, Any]]) -> tuple[int, dict[str, Any]]:
        record, entry, scores = job
        new = score_entry(entry, [m for m in metrics if m.name not in scores]) | scores
        return record, {key: new[key] for key in ("id", *(m.name for m in metrics))}

    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("scoring", total=source.stat().st_size if source.exists() else None)
        for line in in_order(scored, waiting(), workers):
            file.append(*line)
            fresh += 1
    return fresh


def _entries(source: Path, index: ScoreIndex, skipped: Skipped) -> Iterator[tuple[Entry, int, int]]:
    """Each good record, the hash of what is read of it, and its bytes. Raises DataError where there
    is none.
    """
    import msgspec

    from evals.core.errors import DataError
    from evals.core.identity import hash64
    from evals.core.records import read_records
    from evals.metrics.scoring import read_entry

    for number, raw, size in read_records(source):
        try:
            entry = read_entry(raw, source, number)
            first = index.meet(hash64(str(entry.id)), number)
            if first != number:
                raise DataError(
                    f"the id of line {first} again",
                    where=source,
                    line=number,
                    found=entry.id,
                    expected="ids met once",
                )
        except DataError as error:
            skipped.meet(error)
            continue
        record = hash64(msgspec.json.encode(entry, order="sorted").decode())
        index.want(record)
        yield entry, record, size
    if not index.wanted:
        raise DataError("no record to score", where=source, expected="one JSON object a line")


def _good(file: ScoreFile, record: int, metrics: Sequence[Metric]) -> dict[str, Any]:
    """The stored scores of a record, less those that a judge failed to give."""
    from evals.judge.tally import may_pass

    stored = file.find(record) or {}
    return {
        m.name: stored[m.name] for m in metrics if m.name in stored and not may_pass(stored[m.name])
    }
