"""`ttft`, `itl`, `e2e`, `e2e_p50`, `e2e_p95`, `e2e_p99`, `retrieve_s`: seconds, from the latency pass only;
`ttft_warm`, `e2e_warm`, `cached_share`: the same with caches allowed.

ttft = retrieve + queue + prefill; itl = (t_last − t_first) / (n_out − 1), here decode / (n_out − 1); e2e = total.
Timings of a throughput or cached pass are ``not_measured``: a padded batch says nothing about one user's wait.
The latency pass asks every fifth request a second time in the mode in which a system may use what it keeps between
requests (a prompt cache, retrieved passages). What a cache then gives is ``cached_share``; cold and warm never mix.
Failed answers are ``system_error``; an answer of fewer than two tokens has no itl (``not_applicable``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, Timings, Warm, scored, unscored
from evals.metrics.base import UNBOUNDED, metric

Reading = Callable[[Timings, Response], float | None]


def _seconds(name: str, about: str, read: Reading, estimator: str = "mean") -> Metric:
    def score(item: Item, response: Response) -> Score:
        timings = response.timings
        if timings is None or timings.measured != "latency":
            return unscored("not_measured")
        value = read(timings, response)
        return unscored("not_applicable") if value is None else scored(value)

    return metric(name, score, about, better="lower", estimator=estimator, bounds=UNBOUNDED)


def _between_tokens(timings: Timings, response: Response) -> float | None:
    if response.usage is None or response.usage.completion < 2:
        return None
    return timings.decode / (response.usage.completion - 1)


def ttft(pack: Pack) -> Metric:
    """Seconds until the first token."""
    return _seconds("ttft", "seconds to the first token", lambda timings, response: timings.ttft)


def itl(pack: Pack) -> Metric:
    """Seconds between tokens."""
    return _seconds("itl", "seconds between tokens", _between_tokens)


def e2e(pack: Pack) -> Metric:
    """Seconds from request to last token, mean."""
    return _seconds("e2e", "seconds end to end, mean", lambda timings, response: timings.total)


def e2e_p50(pack: Pack) -> Metric:
    """Median seconds from request to last token."""
    return _seconds("e2e_p50", "seconds end to end, median", lambda timings, response: timings.total, "p50")


def e2e_p95(pack: Pack) -> Metric:
    """95th percentile of seconds from request to last token."""
    return _seconds("e2e_p95", "seconds end to end, 95th percentile", lambda timings, response: timings.total, "p95")


def e2e_p99(pack: Pack) -> Metric:
    """99th percentile of seconds from request to last token."""
    return _seconds("e2e_p99", "seconds end to end, 99th percentile", lambda timings, response: timings.total, "p99")


def retrieve_s(pack: Pack) -> Metric:
    """Seconds spent retrieving; ``not_applicable`` for a system without retrieval."""
    return _seconds(
        "retrieve_s",
        "seconds of retrieval",
        lambda timings, response: timings.retrieve if response.passages is not None else None,
    )


def _warm(name: str, about: str, read: Callable[[Warm], float | None], **more: Any) -> Metric:
    def score(item: Item, response: Response) -> Score:
        if response.warm is None:
            return unscored("not_measured")
        value = read(response.warm)
        return unscored("not_applicable") if value is None else scored(value)

    return metric(name, score, about, **more)


def ttft_warm(pack: Pack) -> Metric:
    """Seconds until the first token with caches allowed; ``not_measured`` where the request was asked once."""
    about = "seconds to the first token, caches allowed"
    return _warm("ttft_warm", about, lambda warm: warm.timings.ttft, better="lower", bounds=UNBOUNDED)


def e2e_warm(pack: Pack) -> Metric:
    """Seconds from request to last token with caches allowed; ``not_measured`` where the request was asked once."""
    about = "seconds end to end, caches allowed"
    return _warm("e2e_warm", about, lambda warm: warm.timings.total, better="lower", bounds=UNBOUNDED)


def cached_share(pack: Pack) -> Metric:
    """Share of the prompt's tokens that came from a cache when the request was asked again."""

    def read(warm: Warm) -> float | None:
        return warm.usage.cached / warm.usage.prompt if warm.usage is not None and warm.usage.prompt else None

    return _warm("cached_share", "share of prompt tokens from a cache, caches allowed", read, better="none")


def _prompt(item: Item, response: Response) -> Score:
    return unscored("not_measured") if response.usage is None else scored(response.usage.prompt)


def _completion(item: Item, response: Response) -> Score:
    return unscored("not_measured") if response.usage is None else scored(response.usage.completion)


def tokens_in(pack: Pack) -> Metric:
    """Prompt tokens."""
    return metric("tokens_in", _prompt, "prompt tokens", better="lower", bounds=UNBOUNDED)


def tokens_out(pack: Pack) -> Metric:
    """Completion tokens."""
    return metric("tokens_out", _completion, "completion tokens", better="none", bounds=UNBOUNDED)
