"""What a stored run says about cost: tokens and seconds per query, and the share of correct
answers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from evals.analysis.measured import latency_suites, unmeasured_suites
from evals.analysis.notes import Note
from evals.analysis.selection import require_sound
from evals.core.errors import DataError
from evals.core.schema import Record
from evals.core.store import StoredRun
from evals.stats.clustered import clustered_mean
from evals.stats.estimate import Floats

ACCURACY: Final = "domain_accuracy"
"""The suite whose headline says which answers are correct."""


class Mean(Record, frozen=True, omit_defaults=False):
    """A mean per query with its 95 % interval over clusters; all None and n = 0 where nothing was
    measured.
    """

    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


class Profile(Record, frozen=True, omit_defaults=False):
    """Means per query of one run. Tokens are those of the suites that ask questions of their own,
    failures left out.

    ``alone`` is seconds of one request at a time (latency pass), ``batched`` seconds of a request's
    share of a batch (throughput pass). ``correct`` is the mean of ``correct_metric``, the headline
    of the accuracy suite. ``refused`` are the latency suites whose seconds must not be used.
    """

    run: str
    system: str
    machine: str
    prompt: Mean
    cached: Mean
    completion: Mean
    alone: Mean
    batched: Mean
    correct: Mean
    correct_metric: str
    failed: int
    refused: dict[str, Note]

    @property
    def tokens(self) -> tuple[float, float, float]:
        """Prompt, cached and completion tokens per query. Raises DataError where the run counted
        none.
        """
        if self.prompt.value is None or self.completion.value is None:
            raise DataError(
                "this run counted no tokens",
                where=self.run,
                hint="name a run of a system that reports usage",
            )
        return self.prompt.value, self.cached.value or 0.0, self.completion.value


def profile(run: StoredRun) -> Profile:
    """Read the profile of a finished run; its records are streamed.

    Raises DataError for a run that is unfinished, damaged or was changed after it was finished.
    """
    require_sound(run)
    latency = set(latency_suites(run))
    refused = unmeasured_suites(run)
    headline = _headline(run)
    owner: dict[str, tuple[str, str]] = {}
    own, alone, batched, correct = _Rows(), _Rows(), _Rows(), _Rows()
    for line in run.scores():
        cluster = f"{line.suite}/{line.track}/{line.cluster}"
        owner[line.item] = line.suite, cluster
        score = line.scores.get(headline) if line.suite == ACCURACY else None
        if score is not None and score.value is not None:
            correct.add(cluster, score.value)
    failed = 0
    for response in run.responses():
        suite, cluster = owner.get(response.item, ("", ""))
        if not suite or response.error is not None:
            failed += bool(suite)
            continue
        usage, timings = response.usage, response.timings
        if suite not in latency and usage is not None:
            own.add(cluster, float(usage.prompt), float(usage.cached), float(usage.completion))
        if timings is not None and suite in latency and suite not in refused:
            alone.add(cluster, timings.total)
        elif timings is not None and timings.measured == "throughput":
            batched.add(cluster, timings.total)
    return Profile(
        run=run.name,
        system=run.manifest.system,
        machine=str(run.manifest.machine.get("class", "unknown")),
        prompt=own.mean(0),
        cached=own.mean(1),
        completion=own.mean(2),
        alone=alone.mean(0),
        batched=batched.mean(0),
        correct=correct.mean(0),
        correct_metric=f"{ACCURACY} {headline}" if headline else "",
        failed=failed,
        refused=refused,
    )


class _Rows:
    """Values of several queries with the clusters they belong to."""

    def __init__(self) -> None:
        self.clusters: list[str] = []
        self.rows: list[tuple[float, ...]] = []

    def add(self, cluster: str, *values: float) -> None:
        self.clusters.append(cluster)
        self.rows.append(values)

    def mean(self, column: int) -> Mean:
        if not self.rows:
            return Mean()
        values: Floats = np.array([row[column] for row in self.rows], dtype=np.float64)
        estimate = clustered_mean(values, np.array(self.clusters))
        return Mean(estimate.value, estimate.low, estimate.high, len(values))


def _headline(run: StoredRun) -> str:
    """The accuracy suite's headline metric; empty where the run did not ask it or its headline is
    no mean.
    """
    note = run.manifest.suites.get(ACCURACY)
    return (
        ""
        if note is None or run.manifest.metrics[note.headline].estimator != "mean"
        else note.headline
    )
