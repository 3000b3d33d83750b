"""`ttft`, `itl`, `e2e`, `e2e_p50`, `e2e_p95`, `e2e_p99`, `retrieve_s`: seconds, from the latency
pass only; `ttft_warm`, `e2e_warm`, `cached_share`: the same with caches allowed.

ttft = retrieve + queue + prefill; itl = (t_last − t_first) / (n_out − 1), here decode / (n_out −
1); e2e = total. Timings of a throughput or cached pass are ``not_measured``: a padded batch says
nothing about one user's wait. The latency pass asks every fifth request a second time in the mode
in which a system may use what it keeps between requests (a prompt cache, retrieved passages). What
a cache then gives is ``cached_share``; cold and warm never mix. Failed answers are
``system_error``; an answer of fewer than two tokens has no itl (``not_applicable``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from evals.core.metric import UNBOUNDED, Answer, Better, Measure, Metric, MetricContext, Need
from evals.core.schema import Response, Score, Timings, Warm, scored, unscored

Reading = Callable[[Timings, Response], float | None]


def _seconds(
    name: str, about: str, read: Reading, estimator: str = "mean", also: Need = "timings"
) -> Metric:
    def score(answer: Answer) -> Score:
        response, timings = answer.response, answer.response.timings
        if timings is None or timings.measured != "latency":
            return unscored("not_measured")
        value = read(timings, response)
        return unscored("not_applicable") if value is None else scored(value)

    return Metric(
        name,
        "lower",
        score,
        about,
        estimator,
        "seconds",
        UNBOUNDED,
        needs=frozenset({"timings", also}),
    )


def _between_tokens(timings: Timings, response: Response) -> float | None:
    if response.usage is None or response.usage.completion < 2:
        return None
    return timings.decode / (response.usage.completion - 1)


def ttft(context: MetricContext) -> Metric:
    """Seconds until the first token."""
    return _seconds("ttft", "seconds to the first token", lambda timings, response: timings.ttft)


def itl(context: MetricContext) -> Metric:
    """Seconds between tokens."""
    return _seconds("itl", "seconds between tokens", _between_tokens, also="tokens")


def e2e(context: MetricContext) -> Metric:
    """Seconds from request to last token, mean."""
    return _seconds("e2e", "seconds end to end, mean", lambda timings, response: timings.total)


def e2e_p50(context: MetricContext) -> Metric:
    """Median seconds from request to last token."""
    return _seconds(
        "e2e_p50", "seconds end to end, median", lambda timings, response: timings.total, "p50"
    )


def e2e_p95(context: MetricContext) -> Metric:
    """95th percentile of seconds from request to last token."""
    return _seconds(
        "e2e_p95",
        "seconds end to end, 95th percentile",
        lambda timings, response: timings.total,
        "p95",
    )


def e2e_p99(context: MetricContext) -> Metric:
    """99th percentile of seconds from request to last token."""
    return _seconds(
        "e2e_p99",
        "seconds end to end, 99th percentile",
        lambda timings, response: timings.total,
        "p99",
    )


def retrieve_s(context: MetricContext) -> Metric:
    """Seconds spent retrieving; ``not_applicable`` for a system without retrieval."""
    return _seconds(
        "retrieve_s",
        "seconds of retrieval",
        lambda timings, response: timings.retrieve if response.passages is not None else None,
        also="contexts",
    )


def _warm(
    name: str, better: Better, about: str, read: Callable[[Warm], float | None], **more: Any
) -> Metric:
    def score(answer: Answer) -> Score:
        warm = answer.response.warm
        if warm is None:
            return unscored("not_measured")
        value = read(warm)
        return unscored("not_applicable") if value is None else scored(value)

    return Metric(name, better, score, about, needs=frozenset({"timings"}), **more)


def ttft_warm(context: MetricContext) -> Metric:
    """Seconds until the first token with caches allowed; ``not_measured`` where the request was
    asked once.
    """
    about = "seconds to the first token, caches allowed"
    return _warm(
        "ttft_warm",
        "lower",
        about,
        lambda warm: warm.timings.ttft,
        unit="seconds",
        bounds=UNBOUNDED,
    )


def e2e_warm(context: MetricContext) -> Metric:
    """Seconds from request to last token with caches allowed; ``not_measured`` where the request
    was asked once.
    """
    about = "seconds end to end, caches allowed"
    return _warm(
        "e2e_warm",
        "lower",
        about,
        lambda warm: warm.timings.total,
        unit="seconds",
        bounds=UNBOUNDED,
    )


def cached_share(context: MetricContext) -> Metric:
    """Share of the prompt's tokens that came from a cache when the request was asked again."""

    def read(warm: Warm) -> float | None:
        return (
            warm.usage.cached / warm.usage.prompt
            if warm.usage is not None and warm.usage.prompt
            else None
        )

    return _warm(
        "cached_share", "none", "share of prompt tokens from a cache, caches allowed", read
    )


def _prompt(answer: Answer) -> Score:
    usage = answer.response.usage
    return unscored("not_measured") if usage is None else scored(usage.prompt)


def _completion(answer: Answer) -> Score:
    usage = answer.response.usage
    return unscored("not_measured") if usage is None else scored(usage.completion)


def _tokens(name: str, better: Better, measure: Measure, about: str) -> Metric:
    needs: frozenset[Need] = frozenset({"tokens"})
    return Metric(name, better, measure, about, unit="plain", bounds=UNBOUNDED, needs=needs)


def tokens_in(context: MetricContext) -> Metric:
    """Prompt tokens."""
    return _tokens("tokens_in", "lower", _prompt, "prompt tokens")


def tokens_out(context: MetricContext) -> Metric:
    """Completion tokens."""
    return _tokens("tokens_out", "none", _completion, "completion tokens")
