"""`ttft`, `itl`, `e2e`, `e2e_p50`, `e2e_p95`, `e2e_p99`, `retrieve_s`: seconds, from the latency pass only.

ttft = retrieve + queue + prefill; itl = (t_last − t_first) / (n_out − 1), here decode / (n_out − 1); e2e = total.
Timings of a throughput or cached pass are ``not_measured``: a padded batch says nothing about one user's wait.
Failed answers are ``system_error``; an answer of fewer than two tokens has no itl (``not_applicable``).
"""

from __future__ import annotations

from collections.abc import Callable

from evals.interfaces import Metric, Pack
from evals.metrics.base import UNBOUNDED, metric
from evals.schema import Item, Response, Score, Timings, scored, unscored

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
