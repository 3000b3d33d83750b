"""From what the client saw to figures: percentiles with intervals, goodput, and the reasons why a
run is void.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record
from evals.load.goals import Goals
from evals.load.records import Observed
from evals.load.trend import slope
from evals.stats.clustered import clustered_mean
from evals.stats.quantile import quantile

SHARES: Final = {"p50": 0.50, "p95": 0.95, "p99": 0.99}

FEWEST_BLOCKS: Final = 20


class Percentile(Record, frozen=True, omit_defaults=False):
    """A percentile in seconds with its 95 % interval, over ``n`` requests.

    ``value`` is None (n/a) where its upper bound is infinite: too few requests, too many failures,
    or a few long stretches (a single stall) that carry all slow requests. ``observed`` is the
    sample's own order statistic all the same, a fact about this run and not an estimate; None where
    it is a failed request.
    """

    value: float | None
    low: float | None
    high: float | None
    observed: float | None
    n: int


class Share(Record, frozen=True, omit_defaults=False):
    """A share of requests with its 95 % interval over blocks of neighbours; all None where there
    are no requests.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int


class Figures(Record, frozen=True, omit_defaults=False):
    """What one measurement says. Latencies map name -> percentile name -> figure; rates are per
    second.

    ``void`` lists why nothing of it may be reported as latency; empty for a sound measurement.
    ``growth`` is the slope of latency over scheduled time (seconds a second) with its standard
    error, the sign of overload.
    """

    requests: int
    failed: int
    seconds: float
    offered: float
    completed: float
    goodput: Share
    latency: dict[str, dict[str, Percentile]]
    lag: dict[str, Percentile]
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    growth: tuple[float, float | None]
    errors: dict[str, int]
    void: tuple[str, ...]


def measure(
    seen: Sequence[Observed], goals: Goals, *, start: float, end: float, stopped: str | None = None
) -> Figures:
    """Figures over the requests scheduled in [``start``, ``end``): what lies before is warm-up,
    after it cool-down.

    A failed request has an infinite latency: it counts in every percentile, and misses every goal.
    ``stopped`` is why the client gave up early, if it did.
    """
    kept = sorted((o for o in seen if start <= o.scheduled < end), key=lambda o: o.scheduled)
    ok = [o for o in kept if o.error is None]
    lag = percentiles([o.lag for o in kept])
    late = (
        lag["p99"].value
        if lag["p99"].value is not None
        else max((o.lag for o in kept), default=0.0)
    )
    void = []
    if late > goals.max_lag:
        void.append(
            f"the client was late: {late * 1000:.1f} ms at the 99th percentile, bound"
            f" {goals.max_lag * 1000:g}"
        )
    if stopped is not None:
        void.append(f"stopped early: {stopped}")
    if not kept:
        void.append("no request was scheduled between warm-up and cool-down")
    errors: dict[str, int] = {}
    for o in kept:
        if o.error is not None:
            message = f"{o.status}: {o.error}" if o.status not in (0, 200) else o.error
            errors[message[:160]] = errors.get(message[:160], 0) + 1
    usages = [o.usage for o in ok if o.usage is not None]
    growth, error = slope([(o.scheduled, o.e2e) for o in ok if o.e2e is not None])
    return Figures(
        requests=len(kept),
        failed=len(kept) - len(ok),
        seconds=end - start,
        offered=len(kept) / (end - start),
        completed=len(ok) / (end - start),
        goodput=_share([goals.met(o) for o in kept]),
        latency={name: percentiles(read(kept)) for name, read in LATENCIES.items() if read(kept)},
        lag=lag,
        prompt_tokens=sum(u.prompt for u in usages),
        completion_tokens=sum(u.completion for u in usages),
        cached_tokens=sum(u.cached for u in usages),
        growth=(growth, error if np.isfinite(error) else None),
        errors=dict(sorted(errors.items(), key=lambda e: -e[1])[:10]),
        void=tuple(void),
    )


def percentiles(values: Sequence[float]) -> dict[str, Percentile]:
    """p50, p95 and p99 of values in scheduled order, infinite ones included.

    Intervals by order statistics at the effective sample size of blocks of √n neighbours
    (`evals.stats.quantile`): neighbours wait for the same things, so they are not independent
    evidence.
    """
    n = len(values)
    array = np.array(values, dtype=np.float64)
    ordered = np.sort(array)
    found = {}
    for name, share in SHARES.items():
        observed = _finite(ordered[max(0, int(np.ceil(share * n - 1e-9)) - 1)]) if n else None
        estimate = quantile(array, block_codes(n), share)
        value, low, high = _finite(estimate.value), _finite(estimate.low), _finite(estimate.high)
        known = value is not None and high is not None
        found[name] = Percentile(
            value if known else None, low if known else None, high if known else None, observed, n
        )
    return found


def _finite(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _of(read: Callable[[Observed], float | None]) -> Callable[[Sequence[Observed]], list[float]]:
    """Values of all requests: infinite for a failed one, none for one that has no such time (a
    single token).
    """

    def values(kept: Sequence[Observed]) -> list[float]:
        found = [float("inf") if o.error is not None else read(o) for o in kept]
        known = [value for value in found if value is not None]
        return known if any(isfinite(value) for value in known) else []

    return values


def _stage(name: str) -> Callable[[Observed], float | None]:
    return lambda o: None if o.stages is None else float(getattr(o.stages, name))


LATENCIES: Final[dict[str, Callable[[Sequence[Observed]], list[float]]]] = {
    "ttft": _of(lambda o: o.ttft),
    "itl": _of(lambda o: o.itl),
    "e2e": _of(lambda o: o.e2e),
    **{name: _of(_stage(name)) for name in ("queue", "retrieve", "prefill", "decode")},
}


def _share(good: Sequence[bool]) -> Share:
    estimate = clustered_mean(np.array(good, dtype=np.float64), block_codes(len(good)), (0.0, 1.0))
    return Share(estimate.value, estimate.low, estimate.high, len(good))


def block_codes(n: int) -> NDArray[np.int64]:
    """The block of √n neighbours that each of n requests in scheduled order belongs to, shape
    (n,).
    """
    blocks = max(FEWEST_BLOCKS, int(n**0.5))
    return (
        np.arange(n, dtype=np.int64) * blocks // n
        if n >= 2 * FEWEST_BLOCKS
        else np.arange(n, dtype=np.int64)
    )
