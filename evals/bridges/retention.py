"""What adapting has cost in general ability: two systems on the same lm-eval tasks, item by item.

Both are asked as lm-eval asks any model (`evals.bridges.lm_eval_model`), so a system that holds its
model is asked for bare text with its adapter on. Differences are paired by document.
"""

from __future__ import annotations

import importlib.metadata
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from evals.core.errors import EnvironmentProblem, UsageError
from evals.core.registry import system_config, unknown
from evals.stats.difference import Difference, paired_mean
from evals.stats.estimate import UNBOUNDED
from evals.stats.holm import holm

LEVEL: Final = 0.05
_SHARES: Final = frozenset(
    ("acc", "acc_norm", "acc_bytes", "acc_mutual_info", "exact_match", "em", "f1")
)
"""Metrics that lie between 0 and 1."""


@dataclass(frozen=True)
class Retained:
    """One metric of one task: both systems' values and candidate − baseline.

    Metrics that lm-eval weighs by length (perplexities) are given in nats per unit (``about`` says
    so), the lengths taken as fixed. A metric that is no mean over documents has a difference
    without interval. ``p`` is corrected by Holm over all rows; ``verdict`` is ``lost`` or
    ``gained`` where it is below 0.05, else ``no difference shown``.
    """

    task: str
    metric: str
    filter: str
    higher_is_better: bool
    about: str
    baseline: float
    candidate: float
    difference: Difference
    p: float | None
    verdict: str
    items: Mapping[str, tuple[float, float]]
    """Document id -> the values of baseline and candidate."""


@dataclass(frozen=True)
class Retention:
    """The rows and what makes them the same ones."""

    candidate: str
    baseline: str
    rows: Sequence[Retained]
    limit: int | None
    fewshot: int | None
    seed: int
    pack: str
    lm_eval: str
    task_versions: Mapping[str, Any]
    identities: Mapping[str, Any]


def measure(
    candidate: str,
    baseline: str,
    tasks: Sequence[str],
    *,
    include: Path | None = None,
    limit: int | None = None,
    fewshot: int | None = None,
    pack: str = "default",
    seed: int = 0,
) -> Retention:
    """Ask both systems all tasks (at most ``limit`` documents of each; tasks in ``include`` are
    known too).

    Raises UsageError for unknown names or tasks that a system cannot be asked, EnvironmentProblem
    where lm-eval is not installed or a task's data cannot be had.
    """
    try:
        from evals.bridges.lm_eval_model import AdaptbenchLM
    except ImportError as error:
        raise EnvironmentProblem(
            "lm-eval is not installed", hint="pip install 'adaptbench[lm-eval]'"
        ) from error
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    manager = _tasks(tasks, include)
    found: dict[str, Any] = {}
    identities: dict[str, Any] = {}
    for name in (baseline, candidate):
        model = AdaptbenchLM(system=name, pack=pack, seed=seed)
        try:
            found[name] = _evaluate(model, tasks, manager, limit, fewshot)
        finally:
            model.close()
        identities[name] = model.get_model_info()["adaptbench_identity"]
    return Retention(
        candidate=system_config(candidate).name,
        baseline=system_config(baseline).name,
        rows=_corrected(rows(found[candidate], found[baseline])),
        limit=limit,
        fewshot=fewshot,
        seed=seed,
        pack=pack,
        lm_eval=importlib.metadata.version("lm_eval"),
        task_versions=dict(found[candidate]["versions"]),
        identities=identities,
    )


def _tasks(wanted: Sequence[str], include: Path | None) -> Any:
    """lm-eval's task manager. Its own thousands of tasks are read only where ``include`` does not
    have them all.
    """
    from lm_eval.tasks import TaskManager

    if include is not None:
        if not include.is_dir():
            raise UsageError("no such folder of tasks", where=include)
        manager = TaskManager(include_path=str(include), include_defaults=False)
        if all(name in manager.all_tasks for name in wanted):
            return manager
    manager = TaskManager(include_path=str(include) if include else None)
    for name in wanted:
        if name not in manager.all_tasks:
            raise unknown("lm-eval task", name, list(manager.all_tasks))
    return manager


def _evaluate(
    model: Any, tasks: Sequence[str], manager: Any, limit: int | None, fewshot: int | None
) -> Any:
    from lm_eval import simple_evaluate

    try:
        return simple_evaluate(
            model=model,
            tasks=list(tasks),
            task_manager=manager,
            limit=limit,
            num_fewshot=fewshot,
            bootstrap_iters=0,
            log_samples=True,
        )
    except OSError as error:
        raise EnvironmentProblem(
            f"a task's data cannot be had: {error}",
            found=", ".join(tasks),
            hint=(
                "connect to the hub, or define the task over a local file (dataset_path: json,"
                " data_files: ...)"
            ),
        ) from error


def rows(candidate: Mapping[str, Any], baseline: Mapping[str, Any]) -> list[Retained]:
    """Every metric that two results of ``lm_eval.simple_evaluate`` share, uncorrected."""
    made = []
    for task, samples in candidate["samples"].items():
        better = candidate["higher_is_better"][task]
        for metric, filter_ in dict.fromkeys(
            (m, s["filter"]) for s in samples for m in s["metrics"]
        ):
            values = [
                _values(result["samples"][task], metric, filter_)
                for result in (baseline, candidate)
            ]
            message = [
                result["results"][task].get(f"{metric},{filter_}")
                for result in (baseline, candidate)
            ]
            if (
                all(isinstance(value, int | float) for value in message)
                and values[0].keys() == values[1].keys()
            ):
                made.append(
                    _row(task, metric, filter_, bool(better.get(metric, True)), values, message)
                )
    return made


def _values(samples: Sequence[Mapping[str, Any]], metric: str, filter_: str) -> dict[str, Any]:
    """Document id -> value, or (log-likelihood, length) where lm-eval weighs by length."""
    return {str(s["doc_id"]): s[metric] for s in samples if s["filter"] == filter_ and metric in s}


def _row(
    task: str,
    metric: str,
    filter_: str,
    higher: bool,
    values: Sequence[Mapping[str, Any]],
    message: Sequence[float],
) -> Retained:
    documents = list(values[0])
    about = ""
    if all(isinstance(v, tuple | list) and len(v) == 2 for side in values for v in side.values()):
        about, higher = "nats per unit of length", False
        sides = [_per_unit([side[d] for d in documents]) for side in values]
        means = [float(side.mean()) for side in sides]
    else:
        sides = [_numbers([side[d] for d in documents]) for side in values]
        means = list(map(float, message))
    whole = len(documents) > 0 and all(
        math.isclose(side.mean(), mean, abs_tol=1e-9)
        for side, mean in zip(sides, means, strict=True)
    )
    if whole:
        bounds = (0.0, 1.0) if metric in _SHARES else UNBOUNDED
        difference = paired_mean(sides[1], sides[0], np.array(documents), bounds)
    else:
        about = "no mean over documents: no interval"
        difference = Difference(
            means[1] - means[0], None, None, None, None, len(documents), len(documents)
        )
    pairs = zip(documents, sides[0].tolist(), sides[1].tolist(), strict=True)
    items = {document: (first, second) for document, first, second in pairs} if whole else {}
    return Retained(
        task, metric, filter_, higher, about, means[0], means[1], difference, None, "", items
    )


def _per_unit(pairs: Sequence[Sequence[float]]) -> Any:
    """Negative log-likelihoods scaled so that their mean is their sum over the sum of lengths."""
    likelihood, length = np.array(pairs, dtype=float).T
    return -likelihood * len(pairs) / length.sum()


def _numbers(values: Sequence[Any]) -> Any:
    """The values as numbers; NaN for what is none, which no mean equals."""
    return np.array(
        [float(v) if isinstance(v, int | float | np.number) else math.nan for v in values]
    )


def _corrected(found: Sequence[Retained]) -> list[Retained]:
    from dataclasses import replace

    corrected = holm([row.difference.p for row in found])
    return [
        replace(row, p=p, verdict=_verdict(row, p)) for row, p in zip(found, corrected, strict=True)
    ]


def _verdict(row: Retained, p: float | None) -> str:
    change = row.difference.value
    if p is None or p >= LEVEL or not change:
        return "no difference shown"
    return "gained" if (change > 0) == row.higher_is_better else "lost"


def text(found: Retention) -> str:
    """A plain table, one line per task and metric."""
    lines = [
        (
            f"{found.candidate} beside {found.baseline}, paired by document (95 % intervals; p"
            " corrected by Holm)"
        ),
        "",
    ]
    table = [
        ("task", "metric", "n", found.baseline, found.candidate, "difference", "interval", "p", "")
    ]
    for row in found.rows:
        d = row.difference
        name = row.metric if row.filter == "none" else f"{row.metric},{row.filter}"
        table.append(
            (
                row.task,
                f"{name} ({row.about})" if row.about else name,
                str(d.n),
                f"{row.baseline:.4f}",
                f"{row.candidate:.4f}",
                "-" if d.value is None else f"{d.value:+.4f}",
                "-" if d.low is None or d.high is None else f"[{d.low:+.4f}, {d.high:+.4f}]",
                "-" if row.p is None else f"{row.p:.3f}",
                row.verdict,
            )
        )
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines += [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
    return "\n".join(lines)
