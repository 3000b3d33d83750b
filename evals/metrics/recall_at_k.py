"""`recall_at_k`: share of the gold documents among the retrieved ones, k being what the system retrieves.

By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold`` without gold documents.
"""

from __future__ import annotations

from functools import partial

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.ranking import measure

score = partial(measure, "set_recall")


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("recall_at_k", score, "gold documents retrieved")
