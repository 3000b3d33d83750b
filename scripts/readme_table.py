"""Write the reference leaderboard's headline table into README.md, between its two markers, and
its chart, docs/figures/readme.svg.

python scripts/readme_table.py          # rewrite
python scripts/readme_table.py --check  # exit 1 where README.md does not show what the runs say
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.analysis.leaderboard import Leaderboard, build
from evals.core.document import with_block
from evals.core.paths import write_atomic
from evals.core.schema import Row
from evals.core.store import StoredRun, stored_runs
from evals.report.charts.files import write_svg
from evals.report.charts.plots import Dot, intervals

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- reference: begin -->", "<!-- reference: end -->"
CHART = ROOT / "docs" / "figures" / "readme.svg"
SYSTEMS = (
    "base",
    "rag",
    "finetuned",
    "hybrid",
    "always_abstain",
    "copy_top3",
    "extractive",
    "oracle",
)
COLUMNS = (
    ("domain accuracy", "domain_accuracy", "precise_accuracy", 100, "%"),
    ("hallucination: right − wrong", "hallucination", "right_minus_wrong", 100, "%"),
    ("on brand and correct", "brand_tone", "on_brand_and_correct", 100, "%"),
    ("end to end", "latency_cost", "e2e", 1, "s"),
    ("$ / 1,000 queries", "latency_cost", "cost_per_1k", 1, "$"),
)
TRACKS = ("closed_book", "freshness", "breadth", "multi_hop", "personalization", "structured")


def cell(row: Row | None, scale: float, unit: str) -> str:
    """A value with its interval; n/a where nothing could be scored."""
    if row is None or row.value is None:
        return "n/a"
    digits = 0 if unit == "%" else 2 if unit == "s" else 4
    shown = f"{row.value * scale:.{digits}f}"
    if row.low is None or row.high is None:
        return shown
    return f"{shown} [{row.low * scale:.{digits}f}, {row.high * scale:.{digits}f}]"


def table(
    board: Leaderboard, heads: list[str], pick: list[tuple[str, str, str, float, str]]
) -> list[str]:
    """A Markdown table, a row per system."""
    lines = ["| system | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for system in SYSTEMS:
        cells = [
            cell(board.find(system, suite, m, track), scale, unit)
            for suite, m, track, scale, unit in pick
        ]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    return lines


def chart(board: Leaderboard, path: Path) -> None:
    """Draw the shares of `COLUMNS` for each way of adapting, with their intervals."""
    shares = [(title, suite, metric) for title, suite, metric, _, unit in COLUMNS if unit == "%"]
    groups = []
    for system in SYSTEMS[:4]:
        rows = [board.find(system, suite, metric) for _, suite, metric in shares]
        dots = [
            Dot(place, row.value, row.low, row.high, f"{system}: {shares[place][0]}")
            for place, row in enumerate(rows)
            if row is not None and row.value is not None
        ]
        groups.append((system, dots))
    picture = intervals(
        "What each way of adapting scores, with 95 % intervals",
        groups,
        "share of questions",
        lambda value: f"{value:.0%}",
        [title for title, *_ in shares],
    )
    write_svg(path, [("One small model, four ways of adapting it", picture)])


def section(runs: Sequence[StoredRun], board: Leaderboard) -> str:
    """What stands between the markers."""
    machine = runs[-1].manifest.machine
    heads = [f"{title} ({unit})" if unit != "$" else title for title, *_, unit in COLUMNS]
    head = table(board, heads, [(s, m, "all", scale, unit) for _, s, m, scale, unit in COLUMNS])
    tracks = [("domain_accuracy", "precise_accuracy", track, 100.0, "%") for track in TRACKS]
    detail = table(board, [t.replace("_", "-") for t in TRACKS], tracks)
    return "\n".join(
        [
            (
                f"The reference run: profile `standard`, pack `default`, {machine['class']},"
                " float32, 95 % intervals."
            ),
            (
                "Made by `make reference`; all figures:"
                " [leaderboard.md](results/reference/leaderboard.md)."
            ),
            "",
            *head,
            "",
            "Domain accuracy by track (%):",
            "",
            *detail,
        ]
    )


def main() -> int:
    """Rewrite README.md, or check it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    readme = ROOT / "README.md"
    runs = stored_runs(ROOT / "results" / "reference")
    board = build(runs)
    wanted = with_block(readme, BEGIN, END, section(runs, board))
    if options.check:
        return int(wanted != readme.read_text(encoding="utf-8"))
    write_atomic(readme, wanted)
    chart(board, CHART)
    return 0


if __name__ == "__main__":
    sys.exit(main())
