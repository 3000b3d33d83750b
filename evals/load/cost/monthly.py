"""What a month costs: whole machines for the peak, people, training, wrong answers; and an API."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from math import ceil
from pathlib import Path
from typing import Final

import msgspec

from evals.core.errors import UsageError
from evals.core.schema import Record
from evals.load.cost import model
from evals.load.cost.estimate import CostRow
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import Mean

HOURS: Final = 730.0
"""Hours of a month."""


SHARES: Final = (
    "reserved",
    "reserved_discount",
    "spot",
    "spot_discount",
    "api_batch",
    "batch_discount",
    "cached",
)


class Finance(Record, frozen=True, omit_defaults=False):
    """Assumptions of a month, in US dollars; shares lie in [0, 1].

    ``peak`` is the busiest hour over the mean hour; ``load`` the most that a machine is planned to
    be used at the peak; ``spare`` machines stand by. ``hourly`` is the machine's price; of its
    hours a share is ``reserved`` or ``spot`` at a discount. ``api_batch`` is the share of queries
    that an API answers in batches at ``batch_discount``, ``cached`` that of prompt tokens from its
    cache. ``wrong`` is what a wrong answer costs, ``api_correct`` the share that the API answers
    right (None: as the system itself).
    """

    queries: float
    hourly: float
    peak: float = 3.0
    load: float = 0.7
    spare: int = 1
    reserved: float = 0.0
    reserved_discount: float = 0.4
    spot: float = 0.0
    spot_discount: float = 0.65
    trainings: float = 0.0
    training_hours: float = 0.0
    labelling: float = 0.0
    evaluation: float = 0.0
    kwh_per_1k: float = 0.0
    kwh_price: float = 0.0
    api_batch: float = 0.0
    batch_discount: float = 0.5
    cached: float = 0.0
    retrieval: float = 0.0
    wrong: float = 0.0
    api_correct: float | None = None


class Month(Record, frozen=True, omit_defaults=False):
    """One system's month. ``machines`` and the totals are (low, high): what the bounds of its rate
    allow; a rate that is a floor bounds them from above alone (low is then None). ``api`` are the
    totals by model.
    """

    system: str
    machines: tuple[int | None, int]
    running: float
    wrong: float | None
    total: tuple[float | None, float]
    api: dict[str, float]

    def verdict(self, name: str) -> str:
        """Which of the two is cheaper, as far as the bounds say."""
        low, high = self.total
        other = self.api[name]
        if high < other:
            return f"cheaper by at least ${other - high:,.0f} a month"
        if low is not None and low > other:
            return f"dearer by at least ${low - other:,.0f} a month"
        if low is None:
            return f"open: dearer by at most ${high - other:,.0f} a month"
        return f"open: between ${other - low:,.0f} cheaper and ${high - other:,.0f} dearer"


def read_finance(path: Path) -> Finance:
    """The assumptions of a TOML file. Raises UsageError for what is no such file."""
    try:
        found = msgspec.convert(
            tomllib.loads(path.read_text(encoding="utf-8")), Finance, strict=False
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise UsageError(
            f"not readable assumptions: {error}",
            where=path,
            expected=f"the keys {', '.join(Finance.__struct_fields__)}",
        ) from error
    for name in SHARES:
        if not 0 <= (share := getattr(found, name)) <= 1:
            raise UsageError(f"{name} is a share", where=path, found=share, expected="0 to 1")
    if not (found.queries > 0 and found.peak >= 1 and 0 < found.load <= 1 and found.spare >= 0):
        raise UsageError(
            "queries > 0, peak >= 1, load in (0, 1] and spare >= 0 are needed",
            where=path,
            found=f"{found.queries}, {found.peak}, {found.load}, {found.spare}",
        )
    return found


def month(
    row: CostRow, quotes: Sequence[ApiQuote], finance: Finance, *, trained: bool = False
) -> Month | None:
    """A month of one system; None where its rate is unknown.

    A ``trained`` system is trained again. Machines: ceil(peak rate / (rate · load)) + spare, whole
    and paid for all hours. Raises DataError for a run without token counts.
    """
    rate = row.rate
    if rate is None:
        return None
    peak = finance.queries / (HOURS * 3600) * finance.peak

    def machines(served: float) -> int:
        return max(1, ceil(peak / (served * finance.load) - 1e-9)) + finance.spare

    most = machines(rate.low or rate.value)
    least = None if rate.floor else machines(rate.high or rate.value)
    price = finance.hourly * (
        1 - finance.reserved * finance.reserved_discount - finance.spot * finance.spot_discount
    )
    running = (
        finance.trainings * finance.training_hours * finance.hourly * trained
        + finance.labelling
        + finance.evaluation
        + finance.queries / 1000 * finance.kwh_per_1k * finance.kwh_price
    )
    wrong = _wrong(row.profile.correct, finance)
    whole = running + (wrong or 0.0)
    return Month(
        system=row.profile.system,
        machines=(least, most),
        running=running,
        wrong=wrong,
        total=(
            None if least is None else least * HOURS * price + whole,
            most * HOURS * price + whole,
        ),
        api={q.model: _api(row, q, finance, wrong) for q in quotes},
    )


def _wrong(correct: Mean, finance: Finance) -> float | None:
    if correct.value is None:
        return None
    return finance.queries * (1 - correct.value) * finance.wrong


def _api(row: CostRow, quote: ApiQuote, finance: Finance, wrong: float | None) -> float:
    prompt, _, completion = row.profile.tokens
    tokens = model.api(prompt, finance.cached * prompt, completion, quote.price)
    tokens *= 1 - finance.api_batch * finance.batch_discount
    known = finance.api_correct
    lost = (wrong or 0.0) if known is None else finance.queries * (1 - known) * finance.wrong
    return finance.queries / 1000 * (tokens + finance.retrieval) + finance.evaluation + lost
