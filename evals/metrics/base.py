"""How a metric is put together: a scoring function over (item, response), guarded against system errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from evals.core.interfaces import Better, Metric
from evals.core.schema import Item, Response, Score, unscored

Scorer = Callable[[Item, Response], Score]
OverRun = Callable[[Iterable[tuple[Item, Response]]], Scorer]

UNBOUNDED: Final = (0.0, 1e12)
"""Bounds of seconds, tokens and dollars: finite, so that a manifest stays valid JSON."""


def answered(score: Scorer) -> Scorer:
    """Guard: a response with an error is ``unscored("system_error")``, whatever the metric."""

    def guarded(item: Item, response: Response) -> Score:
        return unscored("system_error") if response.error is not None else score(item, response)

    return guarded


def metric(
    name: str,
    score: Scorer,
    about: str,
    *,
    better: Better = "higher",
    estimator: str = "mean",
    bounds: tuple[float, float] = (0.0, 1.0),
    over_run: OverRun | None = None,
) -> Metric:
    """A `Metric` whose scorers (also those that ``over_run`` returns) are guarded by `answered`."""
    guarded_run: OverRun | None = None
    if over_run is not None:
        inner = over_run

        def guarded_run(pairs: Iterable[tuple[Item, Response]]) -> Scorer:
            return answered(inner(pairs))

    return Metric(name, better, answered(score), estimator, about, bounds, guarded_run)
