"""`ndcg`: discounted gain Σ 1/log2(rank+1) over gold documents, divided by the best possible (Järvelin 2002).

By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold`` without gold documents.
"""

from __future__ import annotations

from functools import partial

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.ranking import measure

score = partial(measure, "ndcg")


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("ndcg", score, "discounted gain of gold documents")
