"""`macro_f1`: mean of the per-label F1, so that rare intents weigh as much as common ones.

Per item the value is 1 where the label is right; the estimator ``macro_f1`` reads gold and predicted labels from the
details. Missing predictions are the label "" and count as misses. ``not_applicable`` for items without a label slot.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.label_accuracy import score


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("macro_f1", score, "mean of per-label F1", estimator="macro_f1")
