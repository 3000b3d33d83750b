"""The pass that scores: reads stored responses, calls no system, and can be made again when a metric changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import chain, islice
from pathlib import Path

import msgspec

from evals.core.errors import DataError
from evals.core.identity import code_digest, digest
from evals.core.interfaces import Metric, Pack
from evals.core.lines import Lines
from evals.core.log import Log
from evals.core.registry import METRICS
from evals.core.schema import Item, Response, Score, ScoreLine
from evals.core.store import RESPONSES, SCORES, JudgeNote, MetricNote, SuiteNote
from evals.judge.standing import JudgedMetric
from evals.judge.window import in_order
from evals.run.plan import Plan, SuitePlan

_ScoreFunction = Callable[[Item, Response], Score]


def scoring_identity(plan: Plan, pack: Pack, metrics: Mapping[str, Metric]) -> str:
    """What makes stored scores the same ones: the metrics' code and names, the items, the pack, and who judges."""
    names = [[s.suite.name, list(s.suite.metrics)] for s in plan.suites]
    parts = {
        "metrics": names,
        "items": plan.digest,
        "pack": pack.identity,
        "code": code_digest("evals.metrics", "evals.scorers", "evals.text"),
    }
    judges = {name: dict(m.asked) for name, m in sorted(metrics.items()) if isinstance(m, JudgedMetric)}
    return digest(parts | ({"judges": judges, "judging": code_digest("evals.judge")} if judges else {}))


def build_metrics(plan: Plan, pack: Pack) -> dict[str, Metric]:
    """Every metric of the plan's suites, built once for this pack. Raises UsageError for an unknown name."""
    names = dict.fromkeys(name for s in plan.suites for name in s.suite.metrics)
    return {name: METRICS.get(name)(pack) for name in names}


def suite_notes(plan: Plan) -> dict[str, SuiteNote]:
    """What the manifest records about the plan's suites."""
    return {
        s.suite.name: SuiteNote(
            s.suite.headline, tuple(s.suite.metrics), tuple(s.suite.replays or s.suite.tracks), s.suite.measured
        )
        for s in plan.suites
    }


def metric_notes(metrics: dict[str, Metric]) -> dict[str, MetricNote]:
    """What the manifest records about the metrics."""
    return {n: MetricNote(m.better, m.estimator, m.bounds, m.about, _judge(m)) for n, m in metrics.items()}


def _judge(metric: Metric) -> JudgeNote | msgspec.UnsetType:
    judge = metric.judge if isinstance(metric, JudgedMetric) else None
    return msgspec.UNSET if judge is None else judge


def score_all(folder: Path, plan: Plan, pack: Pack, metrics: dict[str, Metric], tick: Callable[[], None]) -> None:
    """Write one `ScoreLine` per item in plan order, going on after the last whole line that is there.

    Byte-identical for the same responses, however often it was interrupted.
    """
    answers = Lines(folder / RESPONSES)
    with Log(folder / SCORES) as log:
        done = log.count()
        for suite_plan in plan.suites:
            skipped = 0
            for line in _suite_lines(answers, suite_plan, pack, metrics, done):
                skipped += line is None
                if line is not None:
                    log.append(line)
                tick()
            done -= skipped


def _suite_lines(
    answers: Lines, plan: SuitePlan, pack: Pack, metrics: dict[str, Metric], done: int
) -> Iterator[ScoreLine | None]:
    """The scores of a suite's items in order, None for the first ``done``; several at a time where a judge is asked."""
    chosen = {name: metrics[name] for name in plan.suite.metrics}
    workers = max((m.workers for m in chosen.values() if isinstance(m, JudgedMetric)), default=1)
    pairs = _pairs(answers, plan, pack)
    for _ in islice(pairs, done):
        yield None
    first = next(pairs, None)
    if first is None:
        return
    functions = {name: _bound(m, partial(_pairs, answers, plan, pack)) for name, m in chosen.items()}
    yield from in_order(lambda pair: _line(*pair, functions), chain([first], pairs), workers)


def _pairs(answers: Lines, plan: SuitePlan, pack: Pack) -> Iterator[tuple[Item, Response]]:
    decoder = msgspec.json.Decoder(Response)
    with answers.path.open("rb") as stream:
        for item in plan.stream(pack):
            offset = answers.offset(item.id)
            if offset is None:
                raise DataError("no stored response for this item", where=answers.path, found=item.id)
            stream.seek(offset)
            yield item, decoder.decode(stream.readline())


def _bound(metric: Metric, pairs: Callable[[], Iterator[tuple[Item, Response]]]) -> _ScoreFunction:
    """The metric's function, first shown the whole run where it asks for that."""
    return metric.score if metric.over_run is None else metric.over_run(pairs())


def _line(item: Item, response: Response, functions: dict[str, _ScoreFunction]) -> ScoreLine:
    return ScoreLine(
        item=item.id,
        suite=item.suite,
        track=item.track,
        cluster=item.cluster,
        scores={name: function(item, response) for name, function in functions.items()},
        stress=item.stress,
        changed=item.changed,
        popularity=item.popularity,
        hops=item.hops,
    )
