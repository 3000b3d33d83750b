"""Pictures of the cost comparison, from the same rows as its table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from evals.core.errors import UsageError
from evals.load.cost.estimate import CLAIM, Assumptions, Comparison, CostRow
from evals.load.cost.prices import ApiQuote
from evals.load.cost.sensitivity import sensitivity
from evals.report.charts.files import require_svg, write_svg
from evals.report.charts.plots import Curve, Dot, curves, intervals
from evals.report.charts.svg import Picture
from evals.report.text.figures import number

_SHARES: Final = tuple(n / 50 for n in range(1, 51))
"""Utilisations at which the ratio is drawn."""


def plot(
    rows: Sequence[CostRow], quotes: Sequence[ApiQuote], assumed: Assumptions, path: Path
) -> None:
    """Draw the ratios over utilisation, a picture per API model, and what halving or doubling each
    input does.

    The latter for the last row and the first model. Raises UsageError for a file that is no SVG or
    where there is nothing to compare.
    """
    require_svg(path)
    shown = [(row, c) for row in rows for c in row.comparisons]
    if not shown:
        raise UsageError("there is nothing to compare", hint="name API models with --compare")
    low, high = CLAIM
    pictures = []
    for model in dict.fromkeys(c.model for _, c in shown):
        # where a model is priced on two runs' tokens, on the last one
        lines = {row.profile.system: (row, c) for row, c in shown if c.model == model}
        bases = ", ".join(dict.fromkeys(c.tokens_of for _, c in lines.values()))
        title = f"{model} on the tokens of {bases}; shaded: {low:g} to {high:g} times"
        pictures.append((title, _over_utilisation(lines)))
    last, first = shown[-1][0], quotes[0]
    title = f"{last.profile.system} / {first.model}: each input halved and doubled"
    write_svg(path, [*pictures, (title, _halved_and_doubled(last, first, assumed))])


def _over_utilisation(lines: dict[str, tuple[CostRow, Comparison]]) -> Picture:
    """A line per system."""
    drawn = []
    for series, (system, (row, c)) in enumerate(lines.items()):
        full = c.per_1k / c.ratio_full - row.training
        points = [(share, c.per_1k / (full / share + row.training)) for share in _SHARES]
        drawn.append(Curve(series, system, points))
    titles = ("utilisation of the own machine", "API cost / own cost (log scale)")
    return curves(
        "API cost over own cost",
        drawn,
        titles,
        (number, number),
        log_y=True,
        reference=1.0,
        band=CLAIM,
    )


def _halved_and_doubled(row: CostRow, quote: ApiQuote, assumed: Assumptions) -> Picture:
    middle = row.comparisons[0].ratio
    groups = [
        (
            name,
            [
                Dot(
                    0,
                    middle,
                    min(ends),
                    max(ends),
                    f"{name}: {number(min(ends))} to {number(max(ends))}",
                )
            ],
        )
        for name, ends in sensitivity(row, quote, assumed).items()
    ]
    title = "API cost / own cost (log scale)"
    return intervals("Sensitivity", groups, title, number, reference=middle, log=True)
