"""`mrr`: 1 / rank of the first gold document; 0 where none was retrieved (Voorhees 1999).

By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold`` without gold documents.
"""

from __future__ import annotations

from functools import partial

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.ranking import measure

score = partial(measure, "recip_rank")


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("mrr", score, "reciprocal rank of the first gold document")
