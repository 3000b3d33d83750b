"""`cost_per_1k` (own machine) and `api_cost_per_1k` (the same tokens at a named API model's price),
US dollars.

Own machine, one request at a time at full use: C1k = 1000 · H / 3600 · e2e, with H in $/h from the
dated table ``prices.toml`` and e2e the measured seconds of the latency pass (science: 1000·H /
(3600·λ·u) with λ = 1/e2e, u = 1; concurrency and idle time move λ and u and belong to a load test).
API: genai-prices (offline, dated) on the measured prompt, cached and completion tokens, C1k = 1000
· price. Unscored: ``not_measured`` without a latency pass or usage, ``no_price`` where the library
knows no price for the model on that date.
"""

from __future__ import annotations

import importlib.resources
import os
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from evals.core.errors import UsageError
from evals.core.metric import UNBOUNDED, Answer, Measure, Metric, MetricContext, Need
from evals.core.schema import Record, Score, scored, unscored

DATA_FILES: Final = ("prices.toml",)


class Machine(Record, frozen=True):
    """A machine price: US dollars per hour on a day, what was read, and the address where it was
    read.
    """

    name: str
    usd_per_hour: float
    date: str
    source: str
    address: str = ""

    @property
    def about(self) -> str:
        """Name, source, day and address, as tables print them."""
        return (
            f"{self.name}"
            f" ({', '.join(part for part in (self.source, self.date, self.address) if part)})"
        )


class ApiModel(Record, frozen=True):
    """The API model whose price the measured tokens are multiplied with, and the date of that
    price.
    """

    provider: str
    model: str
    date: str
    about: str = ""


class Prices(Record, frozen=True):
    """The price table: the machines, which of them is charged, and the API model compared with."""

    charged: str
    machines: tuple[Machine, ...]
    api: ApiModel

    @property
    def machine(self) -> Machine:
        """The machine charged. Raises UsageError where the table does not hold it."""
        for machine in self.machines:
            if machine.name == self.charged:
                return machine
        names = ", ".join(m.name for m in self.machines)
        raise UsageError(
            "the price table charges an unknown machine", found=self.charged, expected=names
        )


@dataclass(frozen=True)
class _Source:
    text: str
    where: str


def _source() -> _Source:
    own = os.environ.get("ADAPTBENCH_PRICES")
    if own:
        return _Source(Path(own).read_text(encoding="utf-8"), own)
    bundled = importlib.resources.files("evals.metrics").joinpath("prices.toml")
    return _Source(bundled.read_text(encoding="utf-8"), str(bundled))


def prices() -> Prices:
    """The bundled price table, or the one named by ``$ADAPTBENCH_PRICES``. Raises UsageError where
    it is not valid.
    """
    try:
        source = _source()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the price table cannot be read: {error}", where=os.environ.get("ADAPTBENCH_PRICES")
        ) from error
    try:
        return msgspec.convert(tomllib.loads(source.text), Prices)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"the price table is not valid: {error}", where=source.where) from error


def cost_per_1k(context: MetricContext) -> Metric:
    """Dollars per 1,000 queries on the charged machine."""
    machine = prices().machine

    def score(answer: Answer) -> Score:
        timings = answer.response.timings
        if timings is None or timings.measured != "latency":
            return unscored("not_measured")
        return scored(1000 * machine.usd_per_hour / 3600 * timings.total, machine=machine.name)

    about = (
        f"$ per 1,000 queries on {machine.name} at ${machine.usd_per_hour}/h ({machine.date}), one"
        " at a time"
    )
    return _priced("cost_per_1k", score, about, "timings", machine)


def api_cost_per_1k(context: MetricContext) -> Metric:
    """Dollars per 1,000 queries had the same tokens been bought from the table's API model."""
    api = prices().api

    def score(answer: Answer) -> Score:
        usage = answer.response.usage
        if usage is None:
            return unscored("not_measured")
        each = api_price(api, usage.prompt, usage.cached, usage.completion)
        return unscored("no_price") if each is None else scored(1000 * each, model=api.model)

    about = f"$ per 1,000 queries for the same tokens from {api.model} ({api.date})"
    return _priced("api_cost_per_1k", score, about, "tokens", api)


def _priced(name: str, measure: Measure, about: str, need: Need, price: Record) -> Metric:
    return Metric(
        name,
        "lower",
        measure,
        about,
        unit="dollars",
        bounds=UNBOUNDED,
        needs=frozenset({need}),
        settings={"price": msgspec.to_builtins(price)},
    )


@cache
def _unit_prices(api: ApiModel) -> tuple[float, float, float] | None:
    """Dollars per (uncached prompt, cached prompt, completion) token, from the library's price of a
    million each.
    """
    from genai_prices import Usage, calc_price

    when = datetime.fromisoformat(api.date).replace(tzinfo=UTC)

    def total(**tokens: int) -> float:
        usage = Usage(**tokens)
        price = calc_price(usage, api.model, provider_id=api.provider, genai_request_timestamp=when)
        return float(price.total_price)

    try:
        return (
            total(input_tokens=1000) / 1000,
            total(input_tokens=1000, cache_read_tokens=1000) / 1000,
            total(output_tokens=1000) / 1000,
        )
    except LookupError:
        return None


def api_price(api: ApiModel, prompt: int, cached: int, completion: int) -> float | None:
    """Dollars of one call; ``cached`` of the ``prompt`` tokens are at the cache price. None where
    no price is known.
    """
    units = _unit_prices(api)
    if units is None:
        return None
    fresh = max(prompt - cached, 0)
    return fresh * units[0] + min(cached, prompt) * units[1] + completion * units[2]
