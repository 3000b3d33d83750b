"""Answers tried on a fitted voice: their mean V, and whether they are of the kind that it has
learned.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from evals.core.metric import Metric, MetricContext
from evals.metrics.scoring import Entry, NoPack, metrics_named
from evals.metrics.voice import BOUNDS
from evals.scorers.voice.model import VoiceModel
from evals.scorers.voice.trust import Trust
from evals.stats.clustered import clustered_mean
from evals.text.words import words


class Trial:
    """Takes answers one at a time; keeps one number an answer."""

    def __init__(self, model: VoiceModel, trust: Trust) -> None:
        self.model, self.trust = model, trust
        self.metric: Metric = metrics_named(["voice"], MetricContext(NoPack(), voice=model))[0]
        self.values: list[float] = []
        self.clusters: list[str] = []
        self.unscored: Counter[str] = Counter()
        self.short = self.long = 0

    def add(self, entry: Entry) -> None:
        """Score one answer by the metric `voice`."""
        score = self.metric.score(entry.item(), entry.answer())
        if score.value is None:
            self.unscored[str(score.unscored)] += 1
            return
        self.values.append(score.value)
        self.clusters.append(entry.cluster or str(entry.id))
        size = len(words(entry.response))
        self.short += size < self.trust.lengths[0]
        self.long += size > self.trust.lengths[2]

    def summary(self) -> str:
        """Some lines of text; says so where no answer could be scored."""
        left = "".join(f", {count} {reason}" for reason, count in sorted(self.unscored.items()))
        if not self.values:
            return f"Tried on answers: none could be scored{left}."
        values = np.array(self.values)
        mean = clustered_mean(values, np.array(self.clusters), BOUNDS)
        interval = (
            "" if mean.low is None or mean.high is None else f" ({mean.low:.2f} to {mean.high:.2f})"
        )
        share = float((values >= self.model.threshold).mean())
        lines = [
            f"Tried on {len(values)} answers{left}: mean V {values.mean():.2f}{interval}; 0 is"
            f" neutral, 1 the brand's own texts; {100 * share:.0f} % on brand (V of at least"
            f" {self.model.threshold:.2f})."
        ]
        if self.short + self.long > 0.2 * len(values):
            low, _, high = self.trust.lengths
            lines.append(
                f"Caution: {self.short} answers are shorter than {low} words and {self.long} longer"
                f" than {high}, unlike the texts it has learned from."
            )
        return "\n".join(lines)
