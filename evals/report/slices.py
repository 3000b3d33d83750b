"""What pictures need beyond the leaderboard, from one pass over the scores: slices, confidence
bins, latencies.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from evals.core.identity import hash64
from evals.core.schema import ScoreLine
from evals.core.store import Manifest
from evals.report.source import Source
from evals.stats.clustered import clustered_mean
from evals.stats.estimate import Estimate

BINS: Final = 10
CONFIDENCE: Final = ("auroc", "aurc", "ece")
"""Estimators whose per-item details are a confidence and whether the answer was right."""

Key = tuple[str, str, str, str]
"""(slice, group, label, metric)."""


@dataclass
class _Values:
    values: array[float] = field(default_factory=lambda: array("d"))
    clusters: array[int] = field(default_factory=lambda: array("q"))

    def add(self, value: float, cluster: str) -> None:
        self.values.append(value)
        self.clusters.append(hash64(cluster))


@dataclass
class Slices:
    """Per-item values by slice, confidences by label, seconds by label. A few bytes an item."""

    means: dict[Key, _Values] = field(default_factory=dict)
    bounds: dict[str, tuple[float, float]] = field(default_factory=dict)
    confidences: dict[str, tuple[array[float], array[float]]] = field(default_factory=dict)
    seconds: dict[str, array[float]] = field(default_factory=dict)

    def groups(self, name: str) -> list[str]:
        """Groups of a slice in order of first appearance."""
        return list(dict.fromkeys(key[1] for key in self.means if key[0] == name))

    def metrics(self, name: str) -> list[str]:
        """Metrics of a slice."""
        return list(dict.fromkeys(key[3] for key in self.means if key[0] == name))

    def mean(self, name: str, group: str, label: str, metric: str) -> Estimate | None:
        """Mean of one cell with its clustered 95 % interval, or None where nothing was scored."""
        found = self.means.get((name, group, label, metric))
        if found is None:
            return None
        values, clusters = (
            np.frombuffer(found.values),
            np.frombuffer(found.clusters, dtype=np.int64),
        )
        return clustered_mean(values, clusters, self.bounds[metric])

    def reliability(self, label: str) -> list[tuple[float, float, int]]:
        """(mean confidence, share right, answers) of each filled bin of ten of equal width."""
        confidence, right = (np.frombuffer(a) for a in self.confidences[label])
        bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
        filled = [(bins == b) for b in range(BINS) if (bins == b).any()]
        return [(float(confidence[b].mean()), float(right[b].mean()), int(b.sum())) for b in filled]

    def distribution(self, label: str, points: int = 60) -> list[tuple[float, float]]:
        """(seconds, share of requests done by then): the empirical distribution at ``points``
        ranks.
        """
        ordered = np.sort(np.frombuffer(self.seconds[label]))
        ranks = np.unique(np.linspace(0, len(ordered) - 1, min(points, len(ordered))).astype(int))
        return [(float(ordered[r]), float((r + 1) / len(ordered))) for r in ranks]


def read_slices(sources: Iterable[Source], refused: Mapping[str, frozenset[str]]) -> Slices:
    """Read every source's scores once. ``refused``: label -> latency suites whose seconds must not
    be shown.
    """
    slices = Slices()
    for source in sources:
        manifest = source.run.manifest
        slices.bounds |= {name: note.bounds for name, note in manifest.metrics.items()}
        confident = next(
            (n for n, note in manifest.metrics.items() if note.estimator in CONFIDENCE), None
        )
        for line in source.run.scores():
            if line.suite not in source.suites or line.suite in refused.get(
                source.label, frozenset()
            ):
                continue
            if manifest.suites[line.suite].measured == "latency":
                _seconds(slices, source.label, line, manifest)
            else:
                _means(slices, source.label, line, manifest)
                if confident is not None:
                    _confidence(slices, source.label, line, confident)
    return slices


def _means(slices: Slices, label: str, line: ScoreLine, manifest: Manifest) -> None:
    if line.changed is not None:
        group = "changed after training" if line.changed else "stable"
        _add(slices, ("freshness", group, label, manifest.suites[line.suite].headline), line)
    if line.stress is not None:
        for metric in ("voice", manifest.suites[line.suite].headline):
            _add(slices, ("stress", line.stress, label, metric), line)


def _add(slices: Slices, key: Key, line: ScoreLine) -> None:
    score = line.scores.get(key[3])
    if score is not None and score.value is not None:
        slices.means.setdefault(key, _Values()).add(score.value, line.cluster)


def _confidence(slices: Slices, label: str, line: ScoreLine, metric: str) -> None:
    score = line.scores.get(metric)
    detail = (score.detail or {}) if score is not None and score.value is not None else {}
    confidence, right = detail.get("confidence"), detail.get("correct")
    if isinstance(confidence, int | float) and isinstance(right, int | float):
        confidences, rights = slices.confidences.setdefault(label, (array("d"), array("d")))
        confidences.append(min(1.0, max(0.0, float(confidence))))
        rights.append(float(right))


def _seconds(slices: Slices, label: str, line: ScoreLine, manifest: Manifest) -> None:
    score = line.scores.get(manifest.suites[line.suite].headline)
    if score is not None and score.value is not None:
        slices.seconds.setdefault(label, array("d")).append(score.value)
