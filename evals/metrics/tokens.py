"""`tokens_in`, `tokens_out`: real, unpadded tokens of the prompt and of the answer. ``not_measured`` without usage."""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import UNBOUNDED, metric
from evals.schema import Item, Response, Score, scored, unscored


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
