"""From run references to a report on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from evals.core.errors import UsageError
from evals.core.paths import write_atomic
from evals.core.store import find_run
from evals.report.answers import read_answers
from evals.report.board import complete_runs, completed
from evals.report.gather import Gathered, gather, gather_named
from evals.report.markdown import markdown
from evals.report.page import derive, render_file
from evals.report.payload import Payload, pack_answers
from evals.report.verdict import Sentence

MAX_ANSWERS: Final = 50_000
"""Answers a file carries unless a limit is given; more are sampled."""
BUDGET: Final = 28 << 20
"""Bytes that the answers may take in a file; with everything else it stays below 30 MB."""
FORMATS: Final = (".html", ".md")


@dataclass(frozen=True)
class Written:
    """Where a report is, what it says and how many answers it carries (none for Markdown)."""

    path: Path
    sentences: Sequence[Sentence]
    payload: Payload | None


def choose_runs(
    results: Path, references: Sequence[str], pack: str | None, profile: str | None
) -> Gathered:
    """The named runs, or everything the leaderboard shows. Raises UsageError or DataError where
    there is none.
    """
    if references:
        return gather_named([find_run(results, reference) for reference in references])
    runs = complete_runs(results)
    found = gather(runs, pack, profile)
    return replace(found, board=completed(found.board, results, runs))


def write_report(gathered: Gathered, out: Path, answers: int = MAX_ANSWERS) -> Written:
    """Write ``out`` whole or not at all, as HTML or Markdown by its ending.

    Raises UsageError for another ending, DataError for damaged runs, EnvironmentProblem where it
    cannot be written.
    """
    if out.suffix not in FORMATS:
        raise UsageError(
            "a report is HTML or Markdown",
            found=str(out),
            expected=f"a name ending in {' or '.join(FORMATS)}",
        )
    derived = derive(gathered)
    if out.suffix == ".md":
        write_atomic(out, markdown(gathered, derived.sentences))
        return Written(out, derived.sentences, None)
    table = read_answers(gathered.labels, gathered.sources)
    payload = pack_answers(table, answers, BUDGET)
    write_atomic(out, render_file(derived, table, payload))
    return Written(out, derived.sentences, payload)
