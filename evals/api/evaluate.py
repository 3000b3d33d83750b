"""Run a system on a pack, or metrics over answers from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.api.systems import Answering, as_system
from evals.core import registry
from evals.core.interfaces import TRAINING_LIMIT, Pack
from evals.core.paths import cache_dir
from evals.core.registry import SystemConfig
from evals.report.frames import Runs

if TYPE_CHECKING:
    import pandas as pd

    from evals.run.execute import Progress
    from evals.run.executors import Executor


def evaluate(
    system: str | Path | SystemConfig | Answering,
    pack: str | Path | Pack = "default",
    *,
    suites: Sequence[str] = (),
    profile: str = "quick",
    limit: int | None = None,
    seed: int = 0,
    results: str | Path = "results",
    fresh: bool = False,
    training_limit: float = TRAINING_LIMIT,
    executor: Executor | None = None,
    progress: Progress | None = None,
    command: str = "",
) -> Runs:
    """Ask a system the questions of a pack, score and store every answer; return the run.

    ``system`` is a registered name, a TOML file, a callable or what `system` made of one; ``pack``
    a registered name, a folder or an open pack. Without ``suites`` all that the pack has questions
    for. ``profile`` (quick, standard, full) and ``limit`` (at most so many items a suite) say how
    many are asked. The run is stored below ``results``; where the same run is there already it is
    resumed or returned, unless ``fresh``. ``training_limit`` is in seconds.

    Raises UsageError for names that do not exist, DataError for a pack that cannot be used,
    SystemFailure where the system cannot answer at all; answers that fail one by one are stored as
    failures.
    """
    from evals.run.execute import RunSpec, execute
    from evals.run.executors import LocalExecutor

    config = as_system(system)
    opened = pack if isinstance(pack, Pack) else registry.open_pack(str(pack), cache_dir())
    spec = RunSpec(
        system=config,
        pack=opened,
        results=Path(results),
        suites=tuple(suites),
        profile=profile,
        limit=limit,
        seed=seed,
        command=command or f"adaptbench.evaluate({config.name!r})",
        fresh=fresh,
        pack_source=_source(pack),
        executor=executor or LocalExecutor(),
        training_limit=training_limit,
    )
    return Runs((execute(spec, progress),), Path(results))


def _source(pack: str | Path | Pack) -> str:
    """By which name or folder the same pack can be opened again; empty where there is none."""
    if not isinstance(pack, Pack):
        return str(pack)
    return str(pack.root) if pack.root.is_dir() else ""


def score(
    records: Iterable[Mapping[str, Any]],
    metrics: Sequence[str],
    *,
    pack: str | Path | Pack | None = None,
) -> pd.DataFrame:
    """Score answers that were produced elsewhere; return one row per record and metric.

    A record has ``id``, ``question`` and ``response``, and where known ``contexts`` (texts),
    ``references``, ``answerable``, ``brand``, ``cluster`` and ``schema``. Columns: ``id``,
    ``metric``, ``value``, ``unscored`` (the reason, where there is no value) and ``detail``.
    ``pack`` gives metrics a company's voice, rules and facts.

    Raises UsageError for an unknown metric, DataError (with the number of the record) for a record
    that is none.
    """
    import pandas as pd

    from evals.core.metric import MetricContext
    from evals.metrics.scoring import score_records

    names = [metrics] if isinstance(metrics, str) else list(dict.fromkeys(metrics))
    opened = (
        pack
        if pack is None or isinstance(pack, Pack)
        else registry.open_pack(str(pack), cache_dir())
    )
    rows = [
        (scores["id"], name, *_score(scores[name]))
        for scores in score_records(
            records, names, None if opened is None else MetricContext(opened)
        )
        for name in names
    ]
    return pd.DataFrame(rows, columns=["id", "metric", "value", "unscored", "detail"])


def _score(found: Mapping[str, Any]) -> tuple[float | None, str | None, dict[str, Any]]:
    """Value, reason and the rest of a record's score."""
    detail = {
        key: value for key, value in found.items() if key not in ("value", "unscored", "reason")
    }
    return found.get("value"), found.get("reason"), detail
