"""The report for a pull request: the verdict, the headlines, what was not measured. GitHub's
Markdown.
"""

from __future__ import annotations

from collections.abc import Sequence

from evals.analysis.leaderboard import ALL
from evals.core.inert import escape
from evals.report.context import unmeasured
from evals.report.gather import Gathered
from evals.report.text.figures import titled, unique
from evals.report.text.markup import notes_section, table
from evals.report.text.notes import sentences as sentences_of
from evals.report.verdict import Sentence
from evals.report.words import display_name, summary


def markdown(gathered: Gathered, sentences: Sequence[Sentence]) -> str:
    """Everything a reviewer reads at once; all untrusted names are escaped."""
    board = gathered.board
    parts = [
        f"# {escape(board.key.pack)}: how should it be adapted?\n",
        f"{escape(str(board.key))}. Brackets are 95 % intervals.\n",
    ]
    parts += ["## Verdict\n", "\n".join(f"- {escape(s.text)}" for s in sentences) + "\n"]
    parts += ["## Headlines\n", _headlines(gathered)]
    missing = [
        f"- {escape(f'{suite} / {metric}: {why}')}" for suite, metric, why in unmeasured(board)
    ]
    if missing:
        parts += [
            "<details><summary>What was not measured, and why</summary>\n",
            "\n".join(missing) + "\n",
            "</details>\n",
        ]
    parts += ["<details><summary>Runs</summary>\n", _runs(gathered), "</details>\n"]
    if board.notes:
        parts.append(notes_section(sentences_of(board.notes)))
    return "\n".join(parts)


def _headlines(gathered: Gathered) -> str:
    heads = [row for row in gathered.board.rows if row.headline and row.track == ALL]
    suites = unique([row.suite for row in heads])
    cells = {
        (row.system, row.suite): summary(row, gathered.metrics.get(row.metric)) for row in heads
    }
    titles = [
        f"{display_name(suite)}: {titled([row for row in heads if row.suite == suite])}"
        for suite in suites
    ]
    body = [
        [label, *(cells.get((label, suite), "not run") for suite in suites)]
        for label in gathered.labels
    ]
    return table(["system", *titles], body)


def _runs(gathered: Gathered) -> str:
    rows = []
    for source in gathered.sources:
        m = source.run.manifest
        rows.append(
            [source.label, m.run, str(m.machine.get("class", "")), m.command, (m.seal or "")[:12]]
        )
    return table(["system", "run", "machine", "command", "seal"], rows)
