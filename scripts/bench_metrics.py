"""How many records a second of processor time each metric scores, beside a plain substring match in
the same run.

Run: ``python scripts/bench_metrics.py [--records 2000] [--rounds 3]``. Records are the default
pack's items with their own references as answers and three passages each; every text is new to the
caches. A figure is the median of rounds, in each of which every metric is timed once, so that a
slow moment of the machine is nobody's figure. ragas's metrics that need no language model are timed
on the same texts, in the environment of ``make judge-env`` (`bench_ragas`).
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from evals.core.interfaces import Pack
from evals.core.metric import Answer, Metric, MetricContext, guarded
from evals.core.paths import cache_dir
from evals.core.registry import METRICS, open_pack
from evals.core.schema import Passage, Response, Timings, Usage
from evals.judge.worker import judge_python
from evals.text.words import fold

RUN_LEVEL = {"truthful", "voice_stripped"}
MODELLED = {"detector"}
"""Metrics that are as fast as the model they ask."""


def records(pack: Pack, count: int) -> Iterator[Answer]:
    """Items and answers, each answer made unlike any other by a number at its end."""
    documents = list(itertools.islice(pack.documents(), 300))
    items = [i for i in pack.items() if i.references or i.gold]
    for n, item in enumerate(itertools.islice(itertools.cycle(items), count)):
        answer = (
            item.references[n % len(item.references)] if item.references else item.gold[0].value
        )
        chosen = [documents[(n * 7 + k) % len(documents)] for k in range(3)]
        passages = tuple(Passage(d.id, d.id, 1.0 / (k + 1), d.text) for k, d in enumerate(chosen))
        timings = Timings("latency", 0.01, 0.0, 0.1, 0.2, 0.31)
        text = f"{answer} Case {n}." if item.json_schema is None else answer
        yield Answer(item, Response(item.id, text, passages, Usage(200, 20), timings, (-0.1, -0.2)))


def rate(work: Callable[[Answer], object], answers: list[Answer]) -> float:
    """Records a second, after a warm-up on every hundredth record: what a metric loads once is no
    part of it, nor is collecting the garbage of those before it."""
    for answer in answers[::100]:
        work(answer)
    rest = [answer for number, answer in enumerate(answers) if number % 100]
    gc.collect()
    gc.freeze()
    start = time.process_time()
    for answer in rest:
        work(answer)
    return len(rest) / (time.process_time() - start)


def _substring(answer: Answer) -> bool:
    return any(fold(r) in fold(answer.response.text) for r in answer.item.references)


def ragas(answers: list[Answer]) -> dict[str, float]:
    """Records a second of ragas's metrics. Raises EnvironmentProblem where ragas is not
    installed.
    """
    rows = [
        {
            "response": a.response.text,
            "reference": a.item.references[0],
            "contexts": [p.text for p in a.response.passages or ()],
        }
        for a in answers
        if a.item.references
    ]
    worker = Path(__file__).with_name("bench_ragas.py")
    done = subprocess.run(
        [judge_python(), worker],
        input="\n".join(map(json.dumps, rows)),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return {f"(ragas {name})": rate for name, rate in json.loads(done.stdout).items()}


def main() -> None:
    """Print one line a metric, slowest last."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    count: int = given.records
    pack = open_pack("default", cache_dir())
    names = [
        n
        for n, t in METRICS.targets().items()
        if t.startswith("evals.metrics.") and n not in RUN_LEVEL | MODELLED
    ]
    built: list[Metric] = [METRICS.get(n)(MetricContext(pack)) for n in names]
    rounds = [
        {**timed(pack, built, count + n), **ragas(list(records(pack, count)))}
        for n in range(given.rounds)
    ]
    found = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
    for name, per_second in sorted(found.items(), key=lambda pair: -pair[1]):
        print(f"{name:24} {per_second:12,.0f} records/s")


def timed(pack: Pack, built: Iterable[Metric], count: int) -> dict[str, float]:
    """Records a second of substring match and of each metric, on ``count`` records and a few
    more.
    """
    found = {"(substring match)": rate(_substring, list(records(pack, count)))}
    for number, metric in enumerate(built):
        found[metric.name] = rate(
            guarded(metric.measure), list(records(_shift(pack), count + number))
        )
    return found


def _shift(pack: Pack) -> Pack:
    """The same pack; the caches of text are emptied so that no metric lives off another's work."""
    from evals.scorers.abstention import asked
    from evals.scorers.abstention import reader as abstention
    from evals.scorers.answer_match import features as matching
    from evals.scorers.groundedness import context as grounding_context
    from evals.scorers.groundedness import denied as grounding_denied
    from evals.scorers.groundedness import records as grounding_records
    from evals.scorers.groundedness import wording as grounding_wording
    from evals.text import gold, language, mentions
    from evals.text import words as text

    for cached in (
        abstention.read, asked.asked, language.language, gold.canonical, grounding_context.prepare,
        grounding_denied.prepare, grounding_records.read,
        grounding_wording.prepare, matching.unglued, matching.wanted, mentions.mentions, text.clean,
        text.words, text.content_stems, text.spans,
    ):  # fmt: skip
        cached.cache_clear()
    return pack


if __name__ == "__main__":
    main()
