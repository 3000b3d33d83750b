"""Sensitivity of the comparison to what is assumed: a figure file, made from the same rows as the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from evals.core.errors import UsageError
from evals.core.paths import atomic_path
from evals.load.cost.estimate import Assumptions, Comparison, CostRow, Rate, cost_rows
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import Mean, Profile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Change = Callable[[Profile, Rate, Assumptions, float], tuple[Profile, Rate, Assumptions]]


def sensitivity(row: CostRow, quote: ApiQuote, assumed: Assumptions) -> dict[str, tuple[float, float]]:
    """API cost over own cost when one input at a time is halved and doubled; utilisation stays at most 1.

    Raises UsageError for a row whose rate is unknown.
    """
    if row.rate is None:
        raise UsageError("no rate is known for this run", found=row.profile.run, way_out="give one: --rate")
    rate, trained = row.rate, [row.profile.system] if row.training else []

    def ratio(change: Change, factor: float) -> float:
        profile, changed, assumptions = change(row.profile, rate, assumed, factor)
        rows = cost_rows([profile], [quote], assumptions, rates={profile.system: changed}, trained=trained)
        return rows[0].comparisons[0].ratio

    return {name: (ratio(change, 0.5), ratio(change, 2.0)) for name, change in _CHANGES.items()}


def _tokens(name: str) -> Change:
    def change(p: Profile, r: Rate, a: Assumptions, factor: float) -> tuple[Profile, Rate, Assumptions]:
        mean: Mean = getattr(p, name)
        scaled = msgspec.structs.replace(mean, value=(mean.value or 0.0) * factor)
        return msgspec.structs.replace(p, **{name: scaled}), r, a

    return change


_STYLES: Final = ("solid", "dashed", "dotted", "dashdot")

_CHANGES: dict[str, Change] = {
    "machine price": lambda p, r, a, f: (p, r, msgspec.structs.replace(a, hourly=a.hourly * f)),
    "rate served": lambda p, r, a, f: (p, msgspec.structs.replace(r, value=r.value * f), a),
    "utilisation": lambda p, r, a, f: (p, r, msgspec.structs.replace(a, utilisation=min(1.0, a.utilisation * f))),
    "prompt tokens (API)": _tokens("prompt"),
    "answer tokens (API)": _tokens("completion"),
}


def require_format(path: Path | None) -> None:
    """Raise UsageError where the suffix names no format; None was not asked for."""
    if path is not None and path.suffix not in (".svg", ".png", ".pdf"):
        raise UsageError("a figure is svg, png or pdf", found=path)


def plot(rows: Sequence[CostRow], quotes: Sequence[ApiQuote], assumed: Assumptions, path: Path) -> None:
    """Draw the ratios over utilisation, and what halving or doubling each input does to the last row, first model.

    The suffix of ``path`` says the format (svg, png, pdf). Raises UsageError for another suffix or where there is
    nothing to compare.
    """
    require_format(path)
    shown = [(row, c) for row in rows for c in row.comparisons]
    if not shown:
        raise UsageError("there is nothing to compare", way_out="name API models with --compare")
    import matplotlib as mpl

    mpl.use("svg" if path.suffix == ".svg" else "agg")
    mpl.rcParams["svg.hashsalt"] = "adaptbench"  # the same rows give the same bytes
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    _over_utilisation(left, shown)
    _halved_and_doubled(right, shown[-1][0], quotes[0], assumed)
    with atomic_path(path) as partial:
        figure.savefig(partial, format=path.suffix[1:], metadata={"Date": None} if path.suffix == ".svg" else None)
    pyplot.close(figure)


def _over_utilisation(axes: Axes, shown: Sequence[tuple[CostRow, Comparison]]) -> None:
    """A colour per system, a line style per API model; where a model is priced on two runs' tokens, on the last one."""
    from matplotlib.lines import Line2D

    lines = {(row.profile.system, c.model): (row, c) for row, c in shown}
    systems, models = (list(dict.fromkeys(key[n] for key in lines)) for n in (0, 1))
    colours = {name: f"C{n}" for n, name in enumerate(systems)}
    styles = {name: _STYLES[n % len(_STYLES)] for n, name in enumerate(models)}
    shares = [n / 50 for n in range(1, 51)]
    for (system, model), (row, c) in lines.items():
        full = c.per_1k / c.ratio_full - row.training
        ratios = [c.per_1k / (full / share + row.training) for share in shares]
        axes.plot(shares, ratios, color=colours[system], linestyle=styles[model])
    axes.axhline(1.0, color="black", linewidth=1)
    axes.axhspan(10, 50, alpha=0.12, color="tab:green")
    axes.set(yscale="log", xlabel="utilisation of the own machine", ylabel="API cost / own cost")
    bases = ", ".join(dict.fromkeys(c.tokens_of for _, c in lines.values()))
    axes.set_title(f"APIs priced on the tokens of {bases}; band: 10 to 50 times", fontsize=9)
    legend = [Line2D([], [], color=colour, label=name) for name, colour in colours.items()]
    legend += [Line2D([], [], color="grey", linestyle=style, label=name) for name, style in styles.items()]
    axes.legend(handles=legend, fontsize=7, loc="lower right")


def _halved_and_doubled(axes: Axes, row: CostRow, quote: ApiQuote, assumed: Assumptions) -> None:
    found = sensitivity(row, quote, assumed)
    for place, (name, ends) in enumerate(found.items()):
        axes.plot(ends, [place, place], linewidth=8, solid_capstyle="butt", label=name)
    axes.axvline(row.comparisons[0].ratio, color="black", linewidth=1)
    axes.set_yticks(range(len(found)), list(found))
    axes.set(xscale="log", xlabel="API cost / own cost")
    axes.xaxis.set_minor_formatter("{x:.2g}")
    axes.xaxis.set_major_formatter("{x:.2g}")
    axes.tick_params(axis="x", which="both", labelsize=7)
    axes.set_title(f"{row.profile.system} / {quote.model}: each input halved and doubled", fontsize=9)
