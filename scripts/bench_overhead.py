"""What the harness itself costs per item, beside lm-eval on the same questions: a system that does
nothing, full logs.

Both tools plan, ask a no-op model, score exact match and write one record per item to disk. Rounds
alternate; the medians and their ratio are printed, and as JSON with ``--json FILE``.

    python scripts/bench_overhead.py [--items 5000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.core.identity import digest
from evals.core.interfaces import Mode, Setup, Suite
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.registry import METRICS, SUITES, SYSTEM_KINDS, SystemConfig
from evals.core.schema import (
    Document,
    Example,
    Fact,
    Item,
    Request,
    Response,
    Score,
    Slot,
    Usage,
    User,
    VoiceSample,
    scored,
)
from evals.run.execute import RunSpec, execute

BUDGET_MS = 0.2
HELP_BUDGET_S = 0.3


@dataclass(frozen=True)
class Questions:
    """A pack of ``count`` short questions held in memory."""

    count: int
    root: Path = Path("questions")
    name: str = "questions"
    brand: str = "none"

    @property
    def company(self) -> Mapping[str, str]:
        return {}

    @property
    def times(self) -> Mapping[str, str]:
        return {"t0": "2025-01-01", "t1": "2025-06-01"}

    @property
    def identity(self) -> str:
        return digest([self.name, self.count])

    def items(self, suite: str | None = None) -> Iterator[Item]:
        for n in range(self.count):
            gold = (Slot("sum", "number", str(n)),)
            yield Item(
                f"q{n}", "noop_suite", "all", f"What is {n} plus nought?", f"c{n}", gold=gold
            )

    def documents(self, time: str | None = None) -> Iterator[Document]:
        return iter(())

    def examples(self) -> Iterator[Example]:
        return iter(())

    def facts(self) -> Iterator[Fact]:
        return iter(())

    def users(self) -> Iterator[User]:
        return iter(())

    def voices(self) -> Iterator[VoiceSample]:
        return iter(())


class NoOp:
    """Answers every request at once with the same word, as lm-eval's dummy model does."""

    name = "noop"
    privileged = False

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {"kind": "noop"}

    def open(self, setup: Setup) -> None:
        pass

    def close(self) -> None:
        pass

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for request in requests:
            yield Response(item=request.id, text="lol", usage=Usage(8, 1))


def noop(settings: Mapping[str, Any]) -> NoOp:
    """Factory for the registry."""
    return NoOp()


def exact(context: MetricContext) -> Metric:
    """Exact match with the gold value."""

    def score(answer: Answer) -> Score:
        return scored(answer.response.text.strip() == answer.item.gold[0].value)

    return Metric("noop_exact", "higher", score)


SUITE = Suite("noop_suite", "Questions.", ("all",), ("noop_exact",), "noop_exact", {"full": None})


def ours(items: int) -> float:
    """Seconds for one whole run: plan, answer, record, score, seal."""
    with tempfile.TemporaryDirectory() as folder:
        spec = RunSpec(
            SystemConfig("noop", "noop", {}),
            Questions(items),
            Path(folder),
            ("noop_suite",),
            "full",
        )
        start = time.perf_counter()
        execute(spec)
        return time.perf_counter() - start


def theirs(items: int, folder: Path, manager: Any) -> float:
    """Seconds for lm-eval's dummy model on the same questions, samples logged and written."""
    from lm_eval import simple_evaluate

    config = {
        "task": "questions",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(folder / "questions.jsonl")}},
        "test_split": "test",
        "output_type": "generate_until",
        "doc_to_text": "{{question}}",
        "doc_to_target": "{{answer}}",
        "generation_kwargs": {"until": ["\n"]},
        "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
    }
    start = time.perf_counter()
    results = simple_evaluate(
        model="dummy",
        tasks=[config],
        task_manager=manager,
        log_samples=True,
        bootstrap_iters=0,
        verbosity="ERROR",
    )
    with (folder / "samples.jsonl").open("w") as stream:
        for sample in results["samples"]["questions"]:
            stream.write(json.dumps(sample, default=str) + "\n")
    return time.perf_counter() - start


def help_seconds(rounds: int) -> float:
    """Median seconds of `adaptbench --help` in a process of its own."""
    command = [str(Path(sys.executable).with_name("adaptbench")), "--help"]
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    """Measure, print, and exit 1 where a budget is broken."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TQDM_DISABLE="1")
    logging.disable(logging.WARNING)
    SUITES.add("noop_suite", f"{__name__}:SUITE")
    METRICS.add("noop_exact", f"{__name__}:exact")
    SYSTEM_KINDS.add("noop", f"{__name__}:noop")
    mine, other = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = [
            json.dumps({"question": i.question, "answer": i.gold[0].value})
            for i in Questions(options.items).items()
        ]
        (folder / "questions.jsonl").write_text("\n".join(rows) + "\n")
        os.environ["HF_DATASETS_CACHE"] = str(folder / "cache")
        from lm_eval.tasks import TaskManager

        manager = TaskManager()  # scans every known task: a cost of starting, not of an item
        (
            theirs(options.items, folder, manager),
            ours(options.items),
        )  # imports and data set builds are nobody's cost per item
        for _ in range(options.rounds):
            mine.append(ours(options.items) * 1000 / options.items)
            other.append(theirs(options.items, folder, manager) * 1000 / options.items)
    a, b, h = (
        statistics.median(mine),
        statistics.median(other),
        help_seconds(2 * options.rounds + 1),
    )
    figures = {
        "items": options.items,
        "adaptbench_ms": a,
        "lm_eval_ms": b,
        "ratio": b / a,
        "help_s": h,
    }
    print(
        f"harness cost per item: adaptbench {a:.3f} ms (budget {BUDGET_MS}), lm-eval {b:.3f} ms,"
        f" ratio {b / a:.1f}x"
    )
    print(f"adaptbench --help: {h:.2f} s (budget {HELP_BUDGET_S})")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n")
    return int(a > BUDGET_MS or h > HELP_BUDGET_S)


if __name__ == "__main__":
    sys.exit(main())
