"""How many records a second ragas's metrics without a language model score: what `bench_metrics`
asks of ragas.

Started by ``bench_metrics.py`` with the interpreter that has ragas (``make judge-env``), and
imports nothing of ours. Reads JSON lines ``{"response", "reference", "contexts"}``, writes one JSON
object: records a second of processor time by metric, after a warm-up, all in one event loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

os.environ["RAGAS_DO_NOT_TRACK"] = "true"
warnings.simplefilter("ignore")

Record = dict[str, Any]
WARM = 20


def metrics() -> dict[str, Callable[[Record], Awaitable[object]]]:
    """ragas's own names, each with what scores one record."""
    from ragas import SingleTurnSample
    from ragas.metrics import NonLLMContextPrecisionWithReference, NonLLMContextRecall, collections

    def of_texts(metric: Any) -> Callable[[Record], Awaitable[object]]:
        return lambda record: metric.ascore(
            reference=record["reference"], response=record["response"]
        )

    def of_contexts(metric: Any) -> Callable[[Record], Awaitable[object]]:
        def score(record: Record) -> Awaitable[object]:
            shown, gold = record["contexts"], record["contexts"][1:]
            sample = SingleTurnSample(retrieved_contexts=shown, reference_contexts=gold)
            return metric.single_turn_ascore(sample)  # type: ignore[no-any-return]

        return score

    texts = (
        collections.ExactMatch(),
        collections.StringPresence(),
        collections.NonLLMStringSimilarity(),
    )
    contexts = (NonLLMContextRecall(), NonLLMContextPrecisionWithReference())
    return {m.name: of_texts(m) for m in texts} | {m.name: of_contexts(m) for m in contexts}


async def rates(records: list[Record]) -> dict[str, float]:
    """Records a second by metric."""
    found = {}
    for name, score in metrics().items():
        for record in records[:WARM]:
            await score(record)
        began = time.process_time()
        for record in records[WARM:]:
            await score(record)
        found[name] = len(records[WARM:]) / (time.process_time() - began)
    return found


if __name__ == "__main__":
    print(json.dumps(asyncio.run(rates([json.loads(line) for line in sys.stdin]))))
