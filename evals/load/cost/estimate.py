"""Puts profiles, rates and prices together: one row per run, one comparison per row and API
model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from evals.core.errors import UsageError
from evals.core.schema import Record
from evals.load.cost import model
from evals.load.cost.prices import ApiQuote
from evals.load.cost.profile import Mean, Profile

CLAIM: Final = (10.0, 50.0)
"""The claim under test: a fine-tuned small model costs 10 to 50 times less than an API model."""


class Rate(Record, frozen=True):
    """Requests a second that one machine serves, its bounds where it has any, and how it is known.

    A ``floor`` says only that at least so many are served: what follows from it is bounded on one
    side.
    """

    value: float
    source: str
    low: float | None = None
    high: float | None = None
    floor: bool = False


class Assumptions(Record, frozen=True, omit_defaults=False):
    """Everything that is assumed and not measured; all of it is printed with every table.

    ``cached``: the share of prompt tokens that an API serves from its cache (None: as measured in
    the run). ``retrieval``: dollars per 1,000 queries paid beside the API for retrieval.
    ``training`` dollars are spread over ``queries``; ``reindex`` are dollars of building the index
    again.
    """

    hourly: float
    machine: str
    utilisation: float = 0.3
    cached: float | None = 0.0
    retrieval: float = 0.0
    training: float = 0.0
    queries: float = 1_000_000
    reindex: float = 0.0
    parameters: float | None = None


class Comparison(Record, frozen=True, omit_defaults=False):
    """One API model on one token profile. ``ratio`` = API cost over own cost at the assumed
    utilisation; ``ratio_low`` and ``ratio_high`` are what the bounds of the rate leave, None where
    they leave it open.

    ``break_even`` is the utilisation above which the own machine is cheaper (above 1: never; None:
    not even for free); ``break_even_most`` is the highest that the rate's bounds allow.
    """

    model: str
    tokens_of: str
    per_1k: float
    ratio: float
    ratio_full: float
    break_even: float | None
    ratio_low: float | None
    ratio_high: float | None
    break_even_most: float | None

    @property
    def bounds(self) -> str:
        """Which sides of the ratio are bounded, in words."""
        low, high = self.ratio_low, self.ratio_high
        if low is not None and high is not None:
            return f"between {low:.3g}x and {high:.3g}x"
        return f"at least {low:.3g}x" if low is not None else f"at most {high:.3g}x"

    @property
    def verdict(self) -> str:
        """What the bounds say about the claim of 10 to 50 times: never from a bound that points the
        other way.
        """
        least, most = CLAIM
        low, high = self.ratio_low, self.ratio_high
        if high is not None and high < least:
            return f"refuted: {self.bounds}"
        if low is not None and low > most:
            return f"exceeded: {self.bounds}"
        if low is not None and low >= least:
            kept = high is not None and high <= most
            return f"{'holds' if kept else 'holds or is exceeded'}: {self.bounds}"
        return f"open: {self.bounds}"


class CostRow(Record, frozen=True, omit_defaults=False):
    """One run: its profile, what it costs on a machine of one's own, and each API model beside it.

    ``own`` is dollars per 1,000 queries at the assumed utilisation (its interval is that of the
    measured rate), ``training`` the part of it that is training; ``flops`` per query. None where it
    is unknown.
    """

    profile: Profile
    rate: Rate | None
    own: Mean
    own_per_correct: float | None
    training: float
    flops: float | None
    comparisons: tuple[Comparison, ...]


def rate_of(profile: Profile) -> Rate | None:
    """The rate that a stored run itself shows; None without timings of a latency pass.

    Its throughput pass answers in batches, but for no service goal: at most so many are served
    within one. Its latency pass answers one request at a time: at least so many. With both, the
    rate is that of the batch pass and its bounds are the two. `adaptbench load` measures the rate
    within goals.
    """
    alone, batched = profile.alone, profile.batched
    if alone.value is None or alone.value <= 0:
        return None
    low = 1 / (alone.high or alone.value)
    if batched.value is None or not 0 < batched.value < alone.value:
        return Rate(
            1 / alone.value, "latency pass, one request at a time (a floor)", low, floor=True
        )
    most = 1 / batched.low if batched.low and batched.low > 0 else 1 / batched.value
    source = "batch pass, no service goal checked; at least one request at a time"
    return Rate(1 / batched.value, source, low, most)


def cost_rows(
    profiles: Sequence[Profile],
    quotes: Sequence[ApiQuote],
    assumed: Assumptions,
    *,
    rates: Mapping[str, Rate] | None = None,
    api_tokens: Profile | None = None,
    trained: Sequence[str] = (),
) -> list[CostRow]:
    """One row per profile. ``rates`` are known by system name, else the run's own rate is taken.

    ``api_tokens``: the profile that API models are priced on, beside each row's own (the tokens
    that a large model with prompting or retrieval would use for the same questions). ``trained``
    names the systems that carry training cost. Raises UsageError for impossible assumptions,
    DataError for a run without token counts.
    """
    if assumed.cached is not None and not 0 <= assumed.cached <= 1:
        raise UsageError("the cached share lies in [0, 1]", found=assumed.cached)
    return [
        _row(p, quotes, assumed, rates or {}, api_tokens, p.system in trained) for p in profiles
    ]


def _row(
    profile: Profile,
    quotes: Sequence[ApiQuote],
    assumed: Assumptions,
    rates: Mapping[str, Rate],
    api_tokens: Profile | None,
    trained: bool,
) -> CostRow:
    rate = rates.get(profile.system) or rate_of(profile)
    training = model.amortised(assumed.training, assumed.queries) if trained else 0.0
    own = Mean() if rate is None else _own(rate, assumed, training, profile.alone.n)
    prompt, cached, completion = profile.tokens
    bases = [profile] + (
        [api_tokens] if api_tokens is not None and api_tokens.run != profile.run else []
    )
    pairs = (
        [(quote, base) for quote in quotes for base in bases]
        if rate is not None and own.value is not None
        else []
    )
    per_correct = None if own.value is None else model.per_correct(own.value, profile.correct.value)
    count = assumed.parameters
    return CostRow(
        profile=profile,
        rate=rate,
        own=own,
        own_per_correct=per_correct,
        training=training,
        flops=None if count is None else model.flops(count, prompt, cached, completion),
        comparisons=tuple(
            _compare(q, b, own.value or 0.0, rate, assumed, training) for q, b in pairs if rate
        ),
    )


def _own(rate: Rate, assumed: Assumptions, training: float, n: int) -> Mean:
    def at(value: float | None) -> float | None:
        return (
            None
            if value is None
            else model.self_hosted(assumed.hourly, value, assumed.utilisation) + training
        )

    return Mean(at(rate.value), None if rate.floor else at(rate.high), at(rate.low), n)


def _compare(
    quote: ApiQuote, base: Profile, own: float, rate: Rate, assumed: Assumptions, training: float
) -> Comparison:
    per_1k = api_cost(quote, base, assumed)
    full = model.self_hosted(assumed.hourly, rate.value, 1.0) + training

    def ratio(served: float | None) -> float | None:
        return (
            None
            if served is None
            else per_1k
            / (model.self_hosted(assumed.hourly, served, assumed.utilisation) + training)
        )

    least, most = rate.low or rate.value, None if rate.floor else rate.high or rate.value
    return Comparison(
        model=quote.model,
        tokens_of=base.system,
        per_1k=per_1k,
        ratio=per_1k / own,
        ratio_full=per_1k / full,
        break_even=model.break_even(assumed.hourly, rate.value, per_1k, training),
        ratio_low=ratio(least),
        ratio_high=ratio(most),
        break_even_most=model.break_even(assumed.hourly, least, per_1k, training),
    )


def api_cost(quote: ApiQuote, base: Profile, assumed: Assumptions) -> float:
    """Dollars per 1,000 queries of a profile at an API model's price, under the assumed cache and
    retrieval price.
    """
    prompt, measured, completion = base.tokens
    cached = measured if assumed.cached is None else assumed.cached * prompt
    return model.api(prompt, cached, completion, quote.price, retrieval=assumed.retrieval)
