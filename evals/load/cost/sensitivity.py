"""Sensitivity of the comparison to what is assumed, from the same rows as the table."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from evals.core.errors import UsageError
from evals.load.cost.estimate import Assumptions, CostRow, Rate, cost_rows
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import Mean, Profile

Change = Callable[[Profile, Rate, Assumptions, float], tuple[Profile, Rate, Assumptions]]


def sensitivity(
    row: CostRow, quote: ApiQuote, assumed: Assumptions
) -> dict[str, tuple[float, float]]:
    """API cost over own cost when one input at a time is halved and doubled; utilisation stays at
    most 1.

    Raises UsageError for a row whose rate is unknown.
    """
    if row.rate is None:
        raise UsageError(
            "no rate is known for this run", found=row.profile.run, hint="give one: --rate"
        )
    rate, trained = row.rate, [row.profile.system] if row.training else []

    def ratio(change: Change, factor: float) -> float:
        profile, changed, assumptions = change(row.profile, rate, assumed, factor)
        rows = cost_rows(
            [profile], [quote], assumptions, rates={profile.system: changed}, trained=trained
        )
        return rows[0].comparisons[0].ratio

    return {name: (ratio(change, 0.5), ratio(change, 2.0)) for name, change in _CHANGES.items()}


def _tokens(name: str) -> Change:
    def change(
        p: Profile, r: Rate, a: Assumptions, factor: float
    ) -> tuple[Profile, Rate, Assumptions]:
        mean: Mean = getattr(p, name)
        scaled = msgspec.structs.replace(mean, value=(mean.value or 0.0) * factor)
        return msgspec.structs.replace(p, **{name: scaled}), r, a

    return change


_CHANGES: dict[str, Change] = {
    "machine price": lambda p, r, a, f: (p, r, msgspec.structs.replace(a, hourly=a.hourly * f)),
    "rate served": lambda p, r, a, f: (p, msgspec.structs.replace(r, value=r.value * f), a),
    "utilisation": lambda p, r, a, f: (
        p,
        r,
        msgspec.structs.replace(a, utilisation=min(1.0, a.utilisation * f)),
    ),
    "prompt tokens (API)": _tokens("prompt"),
    "answer tokens (API)": _tokens("completion"),
}
