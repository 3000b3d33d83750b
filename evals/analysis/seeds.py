"""Two systems over several seeds of training: is the difference the method's, or one lucky
adapter's?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np

from evals.analysis.comparability import require_comparable
from evals.analysis.notes import Note, distinct, note
from evals.analysis.pairing import Loaded, align, common, load
from evals.analysis.selection import Key, key_of, unsound
from evals.core.errors import DataError
from evals.core.schema import Record
from evals.core.store import StoredRun
from evals.stats.seeds import over_seeds

NEEDED: Final = 2
"""Seeds below which nothing can be said about their spread."""


class SeedAxis(Record, frozen=True, omit_defaults=False):
    """One metric of one track: values by seed of both systems, and their difference over items and
    seeds.
    """

    suite: str
    track: str
    metric: str
    better: Literal["higher", "lower", "none"]
    candidate: tuple[float, ...]
    baseline: tuple[float, ...]
    differences: tuple[float, ...]
    difference: float
    low: float | None
    high: float | None
    p: float | None
    deviation: float | None
    n: int


class SeedComparison(Record, frozen=True, omit_defaults=False):
    """Candidate against baseline, both trained with each of ``seeds``."""

    candidate: str
    baseline: str
    seeds: tuple[int, ...]
    axes: tuple[SeedAxis, ...]
    notes: tuple[Note, ...]


def compare_seeds(runs: Sequence[StoredRun], candidate: str, baseline: str) -> SeedComparison:
    """The headline of every suite and track that both systems were run on with at least two seeds.

    The newest sound run of each system and seed counts, on the pack and profile that most seeds
    share. Headlines that are not means are left out, and so are latency suites, which no seed
    explains. Raises DataError where fewer than two seeds are there for both systems, or where the
    runs cannot be compared.
    """
    pairs, notes = _pairs(runs, candidate, baseline)
    loaded = {seed: (load(ours), load(theirs)) for seed, (ours, theirs) in pairs.items()}
    sides = [side for pair in loaded.values() for side in pair]
    notes += require_comparable(sides)
    manifest = sides[0].run.manifest
    axes = [
        _axis(list(loaded.values()), suite, track, metric)
        for suite, track, metric in common(sides)
        if metric == manifest.suites[suite].headline
        and manifest.metrics[metric].estimator == "mean"
        and manifest.suites[suite].measured != "latency"
    ]
    found = tuple(axis for axis in axes if axis is not None)
    return SeedComparison(candidate, baseline, tuple(loaded), found, distinct(notes))


def _pairs(
    runs: Sequence[StoredRun], candidate: str, baseline: str
) -> tuple[dict[int, tuple[StoredRun, StoredRun]], list[Note]]:
    found: dict[Key, dict[tuple[str, int], StoredRun]] = {}
    notes = list[Note]()
    for run in runs:
        manifest = run.manifest
        if manifest.system in (candidate, baseline):
            if reason := unsound(run):
                notes.append(note("run_left_out", run=run.name, reason=reason))
            else:
                found.setdefault(key_of(manifest), {})[manifest.system, manifest.seed] = run
    shared = {
        key: sorted(seed for name, seed in there if name == candidate and (baseline, seed) in there)
        for key, there in found.items()
    }
    key = max(shared, key=lambda k: len(shared[k]), default=None)
    if key is None or len(shared[key]) < NEEDED:
        raise DataError(
            "a spread over seeds needs runs of both systems with the same two seeds or more",
            found="; ".join(f"seed {s}" for s in (shared[key] if key else []))
            or "no seed that both were run with",
            hint=(
                f"`adaptbench run {candidate} --seed 1` and `adaptbench run {baseline} --seed 1`"
                " make the next one"
            ),
        )
    return {
        seed: (found[key][candidate, seed], found[key][baseline, seed]) for seed in shared[key]
    }, notes


def _axis(
    pairs: Sequence[tuple[Loaded, Loaded]], suite: str, track: str, metric: str
) -> SeedAxis | None:
    aligned = align([side for pair in pairs for side in pair], suite, track, metric)
    if aligned.n == 0:
        return None
    values = np.stack([sample.values for sample in aligned.samples]).reshape(
        len(pairs), 2, aligned.n
    )
    ours, theirs = values[:, 0], values[:, 1]
    found = over_seeds(ours, theirs, aligned.samples[0].clusters, aligned.samples[0].bounds)
    return SeedAxis(
        suite=suite,
        track=track,
        metric=metric,
        better=pairs[0][0].note(metric).better,
        candidate=tuple(float(v) for v in ours.mean(axis=1)),
        baseline=tuple(float(v) for v in theirs.mean(axis=1)),
        differences=found.each,
        difference=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        deviation=found.deviation,
        n=aligned.n,
    )
