"""Two systems over several seeds of training, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from evals.analysis.pairing import ALL
from evals.analysis.seeds import SeedComparison
from evals.core.inert import escape
from evals.report.text.figures import number
from evals.report.text.markup import table
from evals.report.text.notes import words


def markdown(found: SeedComparison) -> str:
    """A table, one line an axis; values by seed in the order of ``seeds``."""
    head = [
        "axis",
        found.candidate,
        found.baseline,
        "difference by seed",
        "mean",
        "95 % interval",
        "sd of seeds",
        "n",
    ]
    body = [
        [
            f"{a.suite}: {'whole suite' if a.track == ALL else a.track}, {a.metric}",
            _by_seed(a.candidate),
            _by_seed(a.baseline),
            _by_seed(a.differences, signed=True),
            f"{a.difference:+.3f}",
            "n/a" if a.low is None or a.high is None else f"[{a.low:+.3f}, {a.high:+.3f}]",
            number(a.deviation),
            str(a.n),
        ]
        for a in found.axes
    ]
    lines = [
        f"Seeds {', '.join(map(str, found.seeds))}; {escape(found.candidate)} −"
        f" {escape(found.baseline)}."
    ]
    return "\n".join(
        [*lines, "", table(head, body), *(f"Note: {escape(words(note))}" for note in found.notes)]
    )


def _by_seed(values: Sequence[float], *, signed: bool = False) -> str:
    return " ".join(f"{v:+.3f}" if signed else f"{v:.3f}" for v in values)
