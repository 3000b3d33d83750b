"""The formulas: dollars per 1,000 queries, break-even utilisation, floating-point operations. Pure
functions.

All prices are US dollars; rates are requests per second; shares lie in [0, 1].
"""

from __future__ import annotations

from evals.core.errors import UsageError
from evals.core.schema import Record


class TokenPrice(Record, frozen=True):
    """Dollars per million tokens: fresh prompt tokens, cached prompt tokens, completion tokens."""

    prompt: float
    cached: float
    completion: float


def api(
    prompt: float, cached: float, completion: float, price: TokenPrice, *, retrieval: float = 0.0
) -> float:
    """``C1k = 1000·((n_in − n_cached)·p_in + n_cached·p_cache + n_out·p_out)/1e6 + retrieval``,
    dollars.

    Token counts are means per query, ``prompt`` including the ``cached`` ones; ``retrieval`` is
    dollars per 1,000 queries. Raises UsageError where more tokens are cached than there are.
    """
    if not 0 <= cached <= prompt + 1e-9 or completion < 0:
        raise UsageError(
            "token counts do not fit",
            found=f"{prompt} prompt, {cached} cached, {completion} completion",
        )
    fresh = max(prompt - cached, 0.0)
    return (
        1000 * (fresh * price.prompt + cached * price.cached + completion * price.completion) / 1e6
        + retrieval
    )


def self_hosted(hourly: float, rate: float, utilisation: float) -> float:
    """``C1k = 1000·H/(3600·λ·u)``, dollars per 1,000 queries on machines of one's own.

    H: dollars an hour; λ: requests a second that one machine serves within the goals; u: the share
    of that capacity which is used. Raises UsageError for a rate that is not positive or a
    utilisation outside (0, 1].
    """
    if rate <= 0 or not 0 < utilisation <= 1 or hourly < 0:
        raise UsageError(
            "a self-hosted cost needs a price, a rate above 0 and a utilisation in (0, 1]",
            found=f"{hourly} $/h, {rate} requests/s, utilisation {utilisation}",
        )
    return 1000 * hourly / (3600 * rate * utilisation)


def amortised(training: float, queries: float) -> float:
    """``1000·C_train/N``: dollars of one training per 1,000 queries, N being the queries until the
    next training.
    """
    if queries <= 0 or training < 0:
        raise UsageError(
            "training is spread over a positive number of queries",
            found=f"${training} over {queries}",
        )
    return 1000 * training / queries


def break_even(
    hourly: float, rate: float, api_per_1k: float, fixed_per_1k: float = 0.0
) -> float | None:
    """Utilisation ``u* = 1000·H/(3600·λ·(C1k_API − fixed))`` above which the own machine is the
    cheaper one.

    ``fixed`` is what the own system costs per 1,000 queries beside its machine (training,
    retrieval). A value above 1 means that the API is cheaper however busy the machine is; None that
    it is cheaper even if the machine were free.
    """
    left = api_per_1k - fixed_per_1k
    return self_hosted(hourly, rate, 1.0) / left if left > 0 else None


def flops(parameters: float, prompt: float, cached: float, completion: float) -> float:
    """Floating-point operations per query, ``2·N·(n_in − n_cached + n_out)`` for a dense decoder of
    N parameters.

    Kaplan 2020 (arXiv 2001.08361, table 1), without attention over the context, which adds little
    at these lengths.
    """
    return 2 * parameters * (max(prompt - cached, 0.0) + completion)


def per_correct(per_1k: float, correct: float | None) -> float | None:
    """Dollars per correct answer; None where nothing is correct or accuracy is unknown."""
    return None if not correct else per_1k / (1000 * correct)
