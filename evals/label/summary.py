"""What the labels of a run say: raters beside each other, metrics beside people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Final, cast

import numpy as np

from evals.core.schema import Record, ScoreLine
from evals.core.store import StoredRun
from evals.label.marks import WORTH, Mark, digest_of, raters
from evals.label.order import READERS, strata
from evals.stats.agreement import kappa
from evals.stats.estimate import Estimate
from evals.stats.two_phase import two_phase_mean

BOUND: Final = 0.1
"""A metric whose mean is shown to differ from people's by more than this is marked."""

ENOUGH: Final = 30
"""Labels below which nothing is said about a metric."""


class Figure(Record, frozen=True, omit_defaults=False):
    """An estimate with its 95 % interval."""

    value: float | None
    low: float | None
    high: float | None


class Agreement(Record, frozen=True, omit_defaults=False):
    """Two raters on the answers that both judged."""

    first: str
    second: str
    n: int
    same: float
    kappa: Figure


class MetricLabels(Record, frozen=True, omit_defaults=False):
    """One metric beside people's labels, on one suite of a run.

    ``metric_mean`` is over all ``n`` items of the suite, ``human_mean`` is people's, over the same
    items, from the ``labels``; ``error`` is metric less people. ``same`` is the share of labelled
    answers on which both say the same (at ½), weighted as the strata are. ``disagrees`` where the
    error is shown to be more than `BOUND`. ``next`` labels more would halve the error's interval.
    """

    suite: str
    metric: str
    n: int
    labels: int
    metric_mean: float
    human_mean: Figure
    error: Figure
    same: float | None
    disagrees: bool
    next: int


class Labelled(Record, frozen=True, omit_defaults=False):
    """All that the labels of one run say. ``outdated`` marks judged a text that is not there
    now.
    """

    run: str
    marks: int
    outdated: int
    raters: dict[str, int]
    verdicts: dict[str, int]
    agreement: tuple[Agreement, ...]
    metrics: tuple[MetricLabels, ...]


def summarise(results: Path, run: StoredRun) -> Labelled:
    """Read the marks of a run and its scores. Raises DataError for a broken file."""
    by_rater = raters(results, run)
    answers = {
        response.item: digest_of(response)
        for response in run.responses()
        if any(response.item in marks for marks in by_rater.values())
    }
    current = {
        rater: {i: m for i, m in marks.items() if answers.get(i) == m.answer}
        for rater, marks in by_rater.items()
    }
    valid = [mark for marks in current.values() for mark in marks.values()]
    return Labelled(
        run=run.name,
        marks=len(valid),
        outdated=sum(map(len, by_rater.values())) - len(valid),
        raters={rater: len(marks) for rater, marks in current.items()},
        verdicts=dict(Counter(mark.verdict for mark in valid if mark.verdict)),
        agreement=tuple(_agreements(current)),
        metrics=tuple(_metrics(list(run.scores()), _human(current))),
    )


def _human(current: Mapping[str, Mapping[str, Mark]]) -> dict[str, float]:
    """People's word on each item: the mean of what its raters said; who was unsure is left out."""
    said: dict[str, list[float]] = {}
    for marks in current.values():
        for item, mark in marks.items():
            if mark.verdict in WORTH:
                said.setdefault(item, []).append(WORTH[mark.verdict])
    return {item: sum(values) / len(values) for item, values in said.items()}


def _agreements(current: Mapping[str, Mapping[str, Mark]]) -> Iterator[Agreement]:
    for (first, a), (second, b) in combinations(current.items(), 2):
        shared = sorted(i for i in a.keys() & b.keys() if a[i].verdict and b[i].verdict)
        if shared:
            one, two = (np.array([str(m[i].verdict) for i in shared]) for m in (a, b))
            found = kappa(one, two, np.array(shared))
            yield Agreement(first, second, len(shared), float((one == two).mean()), _figure(found))


def _metrics(lines: Sequence[ScoreLine], human: Mapping[str, float]) -> Iterator[MetricLabels]:
    for suite in sorted({line.suite for line in lines}):
        here = [line for line in lines if line.suite == suite]
        for metric in READERS:
            scored = [
                (line.item, float(score.value))
                for line in here
                if (score := line.scores.get(metric)) is not None and score.value is not None
            ]
            labels = sum(item in human for item, _ in scored)
            if labels:
                yield _metric(suite, metric, scored, human, strata(here), labels)


def _metric(
    suite: str,
    metric: str,
    scored: Sequence[tuple[str, float]],
    human: Mapping[str, float],
    unsure: Mapping[str, bool],
    labels: int,
) -> MetricLabels:
    values = np.array([value for _, value in scored])
    stratum = np.array([int(unsure[item]) for item, _ in scored])
    seen = np.array([item in human for item, _ in scored])
    said = np.array([human[item] for item, _ in scored if item in human])
    people = two_phase_mean(values, stratum, seen, said)
    error = two_phase_mean(np.zeros_like(values), stratum, seen, values[seen] - said)
    same = two_phase_mean(
        np.zeros_like(values), stratum, seen, ((values[seen] >= 0.5) == (said >= 0.5)) * 1.0
    )
    left = len(scored) - labels
    shown = error.low is not None and error.high is not None
    apart = shown and (cast(float, error.low) > BOUND or cast(float, error.high) < -BOUND)
    return MetricLabels(
        suite=suite,
        metric=metric,
        n=len(scored),
        labels=labels,
        metric_mean=float(values.mean()),
        human_mean=_figure(people, (0.0, 1.0)),
        error=_figure(error, (-1.0, 1.0)),
        same=same.value,
        disagrees=apart and labels >= ENOUGH,
        next=min(3 * labels, left) if shown else left,
    )


def _figure(found: Estimate, bounds: tuple[float, float] = (-1.0, 1.0)) -> Figure:
    def within(end: float | None) -> float | None:
        return None if end is None else min(max(end, bounds[0]), bounds[1])

    return Figure(found.value, within(found.low), within(found.high))
