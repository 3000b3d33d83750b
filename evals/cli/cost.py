"""`adaptbench cost`: price the measured tokens of stored runs on a machine of one's own and under
any API model.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evals.cli.shared.options import DEFAULT_RESULTS, Json, Results
from evals.core.inert import say

if TYPE_CHECKING:
    from evals.load.cost.estimate import Rate
    from evals.load.cost.prices import ApiQuote
    from evals.load.cost.profile import Profile


def cost(
    runs: Annotated[
        list[str],
        typer.Argument(help="Runs: names, unique beginnings, folders, or systems' names."),
    ],
    compare: Annotated[
        str, typer.Option(help="API models of the price table, comma-separated.")
    ] = "",
    price: Annotated[
        list[str] | None, typer.Option(help="Own API price, NAME=IN/OUT[/CACHED] in $/M tokens.")
    ] = None,
    api_tokens: Annotated[
        str, typer.Option(metavar="RUN", help="Price APIs on this run's tokens as well.")
    ] = "",
    machine: Annotated[
        str, typer.Option(help="A machine of the price table; default: the one it charges.")
    ] = "",
    hourly: Annotated[
        float | None, typer.Option(min=0, help="Own machine price, $ per hour.")
    ] = None,
    rate: Annotated[
        list[str] | None, typer.Option(help="Requests/s served: RATE, or SYSTEM=RATE.")
    ] = None,
    utilisation: Annotated[
        float, typer.Option(help="Share of the machine's capacity that is used.")
    ] = 0.3,
    cached: Annotated[
        str, typer.Option(help="Prompt tokens an API caches: a share, or measured.")
    ] = "0",
    retrieval: Annotated[
        float, typer.Option(min=0, help="$ per 1,000 queries for retrieval beside an API.")
    ] = 0.0,
    training_hours: Annotated[
        float, typer.Option(min=0, help="Machine hours of one training.")
    ] = 0.0,
    trained: Annotated[
        str,
        typer.Option(
            help="Systems that carry training, comma-separated; default: those with an adapter."
        ),
    ] = "",
    queries: Annotated[float, typer.Option(help="Queries until the next training.")] = 1_000_000,
    reindex_seconds: Annotated[
        float, typer.Option(min=0, help="Machine seconds of building the index.")
    ] = 0.0,
    parameters: Annotated[
        float | None, typer.Option(min=1, help="Parameters of the model, for FLOPs.")
    ] = None,
    day: Annotated[
        str, typer.Option("--date", help="Day of the API prices (ISO); default: today.")
    ] = "",
    finance: Annotated[
        Path | None, typer.Option(help="A month by the assumptions of this TOML file.")
    ] = None,
    results: Results = DEFAULT_RESULTS,
    json: Json = None,
    plot_file: Annotated[
        Path | None, typer.Option("--plot", help="Draw the sensitivities into this SVG file.")
    ] = None,
    document: Annotated[
        Path | None, typer.Option(help="Replace the cost block of this document.")
    ] = None,
) -> None:
    """Price stored runs on a machine of one's own and beside API models, with every assumption
    printed.

    \b
    Examples:
      adaptbench cost hybrid --compare gpt-4o-mini,anthropic:claude-sonnet-4-5
      adaptbench cost finetuned hybrid --compare gpt-5 --api-tokens rag --utilisation 0.1 --training-hours 0.2
      adaptbench cost finetuned hybrid --compare gpt-5 --finance docs/finance.toml
      adaptbench cost hybrid --price ours=0.5/1.5 --hourly 1.2 --rate hybrid=4 --plot cost.svg

    Rates come from --rate, else from load measurements in RESULTS/load, else from the batch pass and
    the latency pass, between which the truth lies.

    C1k(API) = 1000 (n_uncached p_in + n_cached p_cache + n_out p_out) / 1e6 + retrieval
    C1k(own) = 1000 H / (3600 rate utilisation) + 1000 C_train / N
    """
    from evals.cli.shared.outputs import STDOUT, require_outputs, write_json
    from evals.core.document import replace_block
    from evals.load.cost.estimate import Assumptions, cost_rows
    from evals.load.cost.monthly import Month, month, read_finance
    from evals.report.charts.cost import plot
    from evals.report.charts.files import require_svg
    from evals.report.text import cost as text

    require_outputs(json, plot_file)
    require_svg(plot_file)
    dollars, about = _machine(machine, hourly)
    training, reindex = dollars * training_hours, dollars * reindex_seconds / 3600
    assumed = Assumptions(
        dollars,
        about,
        utilisation,
        _share(cached),
        retrieval,
        training,
        queries,
        reindex,
        parameters,
    )
    quotes = _quotes(compare, price or [], day or datetime.now(UTC).date().isoformat())
    profiles = _profiles(results, runs)
    other = _profiles(results, [api_tokens])[0] if api_tokens else None
    rates = {**_measured(results, runs), **_rates(rate or [], [p.system for p in profiles])}
    rows = cost_rows(
        profiles,
        quotes,
        assumed,
        rates=rates,
        api_tokens=other,
        trained=_trained(trained, results, runs),
    )
    message, months = text.render(rows, quotes, assumed), list[Month]()
    if finance is not None:
        given = read_finance(finance)
        again = _trained(trained, results, runs)
        found = [month(r, quotes, given, trained=r.profile.system in again) for r in rows]
        months = [m for m in found if m is not None]
        message += "\n" + text.render_months(months, given)
    if str(json) != STDOUT:
        say(*message.split("\n"))
    write_json(json, {"assumptions": assumed, "quotes": quotes, "rows": rows, "months": months})
    if plot_file is not None:
        plot(rows, quotes, assumed, plot_file)
    if document is not None:
        replace_block(document, text.BEGIN, text.END, message)


def _profiles(results: Path, runs: list[str]) -> list[Profile]:
    from evals.core.errors import UsageError
    from evals.core.store import find_run
    from evals.load.cost.profile import profile

    profiles = [profile(find_run(results, name)) for name in runs]
    if len({p.run for p in profiles}) < len(profiles):
        raise UsageError("a run is named twice", found=", ".join(p.run for p in profiles))
    return profiles


def _trained(named: str, results: Path, runs: list[str]) -> list[str]:
    """The systems that carry the cost of training: those named, else those that declare an
    adapter.
    """
    from evals.core.roles import factors_of
    from evals.core.store import find_run

    if named:
        return named.split(",")
    manifests = [find_run(results, name).manifest for name in runs]
    return [
        m.system for m in manifests if (factors := factors_of(m)) is not None and factors.adapter
    ]


def _machine(name: str, hourly: float | None) -> tuple[float, str]:
    from evals.core.errors import UsageError
    from evals.metrics.cost import prices

    if hourly is not None:
        return hourly, "price given by hand"
    table = prices()
    known = {m.name: m for m in table.machines}
    if name and name not in known:
        raise UsageError(
            "no such machine in the price table", found=name, expected=", ".join(known)
        )
    charged = known[name] if name else table.machine
    return charged.usd_per_hour, charged.about


def _share(cached: str) -> float | None:
    from evals.core.errors import UsageError

    try:
        return None if cached == "measured" else float(cached)
    except ValueError as error:
        raise UsageError(
            "not a cached share", found=cached, expected="a number in [0, 1], or measured"
        ) from error


def _quotes(compare: str, own: list[str], day: str) -> list[ApiQuote]:
    from evals.load.cost.prices import own_quote, quote
    from evals.metrics.cost import prices

    names = [name.strip() for name in compare.split(",") if name.strip()]
    if not names and not own:
        api = prices().api
        return [quote(f"{api.provider}:{api.model}", api.date)]
    return [*(quote(name, day) for name in names), *(own_quote(text) for text in own)]


def _measured(results: Path, runs: list[str]) -> dict[str, Rate]:
    """The rates that load measurements beside these runs found to be sustainable for the same
    systems.
    """
    from evals.core.store import find_run
    from evals.load.cost.estimate import Rate
    from evals.load.standing import rates_of

    rates, notes = rates_of(results, [find_run(results, name) for name in runs])
    for note in notes:
        say(f"note: {note}", err=True)
    return {
        system: Rate(
            found.sustained.rate,
            f"load run {found.run}: {found.goals.share:.0%} within {found.goals.summary}",
            found.sustained.rate,
            found.sustained.above,
            floor=found.sustained.above is None,
        )
        for system, found in rates.items()
        if found.sustained is not None and found.sustained.rate is not None
    }


def _rates(given: list[str], systems: list[str]) -> dict[str, Rate]:
    from evals.core.errors import UsageError
    from evals.load.cost.estimate import Rate

    found: dict[str, Rate] = {}
    for text in given:
        name, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            value = 0.0
        if not 0 < value < 1e9 or (name and name not in systems):
            raise UsageError(
                "not a rate",
                found=text,
                expected=f"RATE or SYSTEM=RATE, a system of {', '.join(systems)}",
            )
        for system in [name] if name else systems:
            found[system] = Rate(value, "given by hand")
    return found
