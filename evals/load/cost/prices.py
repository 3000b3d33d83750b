"""Prices of API models: from the dated, offline table of genai-prices, or one's own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib.metadata import version

from evals.core.errors import UsageError
from evals.core.schema import Record
from evals.load.cost.model import TokenPrice
from evals.metrics.cost import ApiModel, api_price

MILLION = 1_000_000


class ApiQuote(Record, frozen=True):
    """An API model's price with where it comes from."""

    model: str
    price: TokenPrice
    source: str


def quote(reference: str, day: str) -> ApiQuote:
    """The price of ``model`` or ``provider:model`` on a day (ISO date), as genai-prices knows it.

    Prices of tokens beyond a long-context threshold are not used. Raises UsageError for a model or
    date that is unknown there.
    """
    _check_day(day)
    provider, _, model = reference.rpartition(":")
    known = ApiModel(provider or _provider(model, day), model, day)
    units = [api_price(known, *tokens) for tokens in ((1, 0, 0), (1, 1, 0), (0, 0, 1))]
    prompt, cached, completion = (None if unit is None else unit * MILLION for unit in units)
    if prompt is None or cached is None or completion is None:
        raise _unknown(reference)
    source = f"genai-prices {version('genai-prices')}, {known.provider}, as of {day}"
    return ApiQuote(reference, TokenPrice(prompt, cached, completion), source)


def own_quote(text: str) -> ApiQuote:
    """A price given as ``NAME=IN/OUT`` or ``NAME=IN/OUT/CACHED``, dollars per million tokens.

    Cached tokens cost as much as others where no price is given for them. Raises UsageError for
    anything else.
    """
    name, _, numbers = text.partition("=")
    try:
        parts = [float(n) for n in numbers.split("/")]
        if not name or len(parts) not in (2, 3) or not all(0 <= n < 1e6 for n in parts):
            raise ValueError(numbers)
    except ValueError as error:
        expected = "NAME=IN/OUT or NAME=IN/OUT/CACHED, dollars per million tokens"
        raise UsageError("not a price", found=text, expected=expected) from error
    return ApiQuote(
        name,
        TokenPrice(parts[0], parts[2] if len(parts) == 3 else parts[0], parts[1]),
        "given by hand",
    )


def _provider(model: str, day: str) -> str:
    from genai_prices import Usage, calc_price

    try:
        found = calc_price(Usage(input_tokens=1), model, genai_request_timestamp=_moment(day))
    except LookupError:
        raise _unknown(model) from None
    return str(found.provider.id)


def _moment(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


def _check_day(day: str) -> None:
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise UsageError("not a day", found=day, expected="2026-01-31") from error


def _unknown(reference: str) -> UsageError:
    return UsageError(
        f"no price is known for {reference!r}",
        expected=(
            "a model of the genai-prices table, such as gpt-4o-mini or anthropic:claude-sonnet-4-5"
        ),
        hint=(
            f"give one: --price {reference.rpartition(':')[2]}=IN/OUT (dollars per million tokens)"
        ),
    )
