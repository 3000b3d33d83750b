"""Whether a finished run's scores are those of its answers: computed once more and compared."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from evals.core.errors import AdaptbenchError, DataError
from evals.core.paths import cache_dir
from evals.core.registry import pack_behind
from evals.core.schema import encode
from evals.core.store import ITEMS, RESPONSES, SCORES, StoredRun
from evals.run.plan import make_plan
from evals.run.scoring import build_metrics, metric_notes, score_all, scoring_identity

MOST: Final = 20_000
"""Items above which scoring again takes longer than a decision should."""


def unverified(run: StoredRun) -> str:
    """Why the scores could not be checked; empty where all of them are what the run's answers score
    by the pack's own items (but for what a judge said).

    Raises DataError where they are not, though the metrics are those that the run names.
    """
    manifest = run.manifest
    if manifest.items > MOST:
        return f"{manifest.items:,} items are too many to be scored once more"
    try:
        pack = pack_behind(run.path, manifest.pack_source, manifest.pack, cache_dir())
        plan = make_plan(pack, list(manifest.suites), manifest.profile, manifest.limit)
        metrics = build_metrics(plan, pack)
    except AdaptbenchError as error:
        return f"the pack could not be opened: {error.problem}"
    if plan.digest != manifest.identity.get("items"):
        return "the pack no longer asks what this run answered"
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        (folder / ITEMS).write_bytes(b"".join(encode(i) + b"\n" for i in plan.stream(pack)))
        for name in (RESPONSES, SCORES):
            shutil.copyfile(run.path / name, folder / name)
        try:
            score_all(folder, plan, metrics, {}, lambda: None)
        except DataError:
            if scoring_identity(plan, metric_notes(metrics, pack)) != manifest.scoring:
                return "it was scored by other versions of the metrics (`adaptbench rescore`)"
            raise
        if (folder / SCORES).stat().st_size != (run.path / SCORES).stat().st_size:
            raise DataError("scores are missing", where=run.path / SCORES)
    return ""
