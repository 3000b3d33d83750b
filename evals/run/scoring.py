"""The pass that scores: reads stored responses, calls no system, and is made again for the metrics
that change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from functools import partial
from itertools import chain, islice, repeat, tee
from pathlib import Path
from typing import Final

import msgspec

from evals.core import jsonl
from evals.core.errors import DataError
from evals.core.identity import digest
from evals.core.interfaces import Pack
from evals.core.lines import Lines
from evals.core.log import Log
from evals.core.metric import Answer, Measure, Metric, MetricContext, guarded
from evals.core.registry import METRICS
from evals.core.schema import Item, Response, ScoreLine, encode
from evals.core.store import ITEMS, RESPONSES, SCORES, MetricNote, SuiteNote
from evals.judge.settings import from_environment
from evals.judge.window import in_order
from evals.metrics.scoring import code_of
from evals.run.plan import Plan

BEFORE: Final = "scores.before.jsonl"
"""The scores of a run that is being scored again: those of unchanged metrics are copied from there.
"""

KEPT: Final = 4096
"""Answers of a suite that are held with what was worked out from them, where a metric first looks
over all.
"""


def build_metrics(plan: Plan, pack: Pack) -> dict[str, Metric]:
    """Every metric of the plan's suites, built once for this pack and the environment's judge.

    Raises UsageError for an unknown name.
    """
    context = MetricContext(pack, judge=from_environment())
    names = dict.fromkeys(name for s in plan.suites for name in s.suite.metrics)
    return {name: METRICS.get(name)(context) for name in names}


def metric_identity(metric: Metric, pack: Pack) -> str:
    """What makes stored scores of a metric the same ones: its own code and weights, the pack, its
    settings.

    Empty where its code is not known: such scores are never kept.
    """
    code = code_of(metric.name)
    return (
        digest({"code": code, "pack": pack.identity, "settings": dict(metric.settings)})
        if code
        else ""
    )


def scoring_identity(plan: Plan, notes: Mapping[str, MetricNote]) -> str:
    """What makes all stored scores of a run the same ones: the items, and which metrics score
    them.
    """
    names = [[s.suite.name, list(s.suite.metrics)] for s in plan.suites]
    identities = {name: note.identity or "" for name, note in sorted(notes.items())}
    return digest({"suites": names, "items": plan.digest, "metrics": identities})


def suite_notes(plan: Plan) -> dict[str, SuiteNote]:
    """What the manifest records about the plan's suites."""
    return {
        s.suite.name: SuiteNote(
            s.suite.headline,
            tuple(s.suite.metrics),
            tuple(s.suite.replays or s.suite.tracks),
            s.suite.measured,
        )
        for s in plan.suites
    }


def metric_notes(metrics: Mapping[str, Metric], pack: Pack) -> dict[str, MetricNote]:
    """What the manifest records about the metrics."""
    return {
        name: MetricNote(
            m.better,
            m.estimator,
            m.bounds,
            m.about,
            msgspec.UNSET if m.judge is None else m.judge,
            m.unit,
            metric_identity(m, pack),
        )
        for name, m in metrics.items()
    }


class Answers:
    """The answers of a suite in order, as often as wanted, from the run's own files.

    The first ``kept`` are made once, so what one pass works out from them is known in the next.
    """

    def __init__(self, folder: Path, responses: Lines, start: int, count: int, kept: int) -> None:
        """``start`` is the byte of the run's items at which the suite's begin, ``count`` how many
        it has.
        """
        self._folder, self._responses = folder, responses
        self._start, self._count, self._most = start, count, kept
        self._kept: list[Answer] = []

    def __iter__(self) -> Iterator[Answer]:
        item, response = msgspec.json.Decoder(Item), msgspec.json.Decoder(Response)
        with (self._folder / ITEMS).open("rb") as items, self._responses.path.open("rb") as stream:
            items.seek(self._start)
            for number, line in enumerate(islice(items, self._count)):
                if number < len(self._kept):
                    yield self._kept[number]
                    continue
                asked = item.decode(line)
                offset = self._responses.offset(asked.id)
                if offset is None:
                    raise DataError(
                        "no stored response for this item",
                        where=self._responses.path,
                        found=asked.id,
                    )
                stream.seek(offset)
                answer = Answer(asked, response.decode(stream.readline()))
                if number < self._most:
                    self._kept.append(answer)
                yield answer


def score_all(
    folder: Path,
    plan: Plan,
    metrics: Mapping[str, Metric],
    kept: Mapping[str, str],
    tick: Callable[[], None],
) -> None:
    """Write one `ScoreLine` per item in plan order, going on after the last whole line that is
    there.

    Scores of the metrics ``kept`` are copied from `BEFORE`. Lines that are there are computed once
    more, but for what a judge said, and compared: so nothing is sealed that was not checked.
    Byte-identical for the same responses, however often it was interrupted. Raises DataError for a
    line that is not what the stored answer scores.
    """
    responses = Lines(folder / RESPONSES)
    before = jsonl.read(folder / BEFORE, ScoreLine) if kept else repeat(None)
    starts = _starts(folder / ITEMS, [s.items for s in plan.suites])
    with Log(folder / SCORES) as log:
        done = log.count()
        held = chain(islice(jsonl.read(log.path, ScoreLine), done) if done else (), repeat(None))
        for suite_plan, start in zip(plan.suites, starts, strict=True):
            first, old = _peeked(islice(before, suite_plan.items))
            copied = set() if first is None else kept.keys() & first.scores.keys()
            names = list(suite_plan.suite.metrics)
            fresh = {name: metrics[name] for name in names if name not in copied}
            most = KEPT if any(m.over_run is not None for m in fresh.values()) else 0
            answers = Answers(folder, responses, start, suite_plan.items, most)
            there, known = tee(islice(held, suite_plan.items))
            for line, was in zip(_lines(answers, old, known, names, fresh), there, strict=True):
                if was is None:
                    log.append(line)
                elif encode(line) != encode(was):
                    raise DataError(
                        "a stored score is not what the stored answer scores",
                        where=log.path,
                        found=was.item,
                        hint="run the system again with --fresh",
                    )
                tick()


def _peeked(
    lines: Iterator[ScoreLine | None],
) -> tuple[ScoreLine | None, Iterator[ScoreLine | None]]:
    """The first of some lines, which has the metrics of all of a suite's, and all of them."""
    first = next(lines, None)
    return first, chain([first], lines)


def _starts(items: Path, counts: list[int]) -> list[int]:
    """The byte at which the items of each suite begin."""
    starts = []
    with items.open("rb") as stream:
        for count in counts:
            starts.append(stream.tell())
            for _ in range(count):
                stream.readline()
    return starts


def _lines(
    answers: Answers,
    before: Iterator[ScoreLine | None],
    held: Iterator[ScoreLine | None],
    names: list[str],
    fresh: Mapping[str, Metric],
) -> Iterator[ScoreLine]:
    """The scores of a suite's items in order; several at a time where metrics allow it."""
    functions = {
        name: guarded(m.measure if m.over_run is None else m.over_run(answers))
        for name, m in fresh.items()
    }
    judged = {name for name, m in fresh.items() if m.judge is not None}
    workers = max((m.workers for m in fresh.values()), default=1)
    jobs = zip(answers, before, held, strict=False)
    yield from in_order(partial(_line, names, functions, judged), jobs, workers)


def _line(
    names: list[str],
    functions: Mapping[str, Measure],
    judged: Set[str],
    job: tuple[Answer, ScoreLine | None, ScoreLine | None],
) -> ScoreLine:
    answer, before, held = job
    item = answer.item
    if before is not None and before.item != item.id:
        raise DataError(
            "the former scores are of another item",
            where=BEFORE,
            found=before.item,
            expected=item.id,
        )
    old = {} if before is None else {k: v for k, v in before.scores.items() if k not in functions}
    said = {} if held is None else {k: v for k, v in held.scores.items() if k in judged}
    old = {**old, **said}
    return ScoreLine(
        item=item.id,
        suite=item.suite,
        track=item.track,
        cluster=item.cluster,
        scores={
            name: old[name] if name in old or name not in functions else functions[name](answer)
            for name in names
        },
        stress=item.stress,
        changed=item.changed,
        popularity=item.popularity,
        hops=item.hops,
        group=item.group,
    )
