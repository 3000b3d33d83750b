"""Ranking measures of one response, by trec_eval itself (pytrec-eval-terrier), over the gold
document ids.

Passages are reduced to their documents, each at its best rank; list order is the ranking, whatever
the scores say. Where one document answers an item, others that state the same answer on their own
(``Item.also``) count as that one.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored


@cache
def _pytrec_eval() -> Any:
    import pytrec_eval

    return pytrec_eval


def measure(name: str, answer: Answer) -> Score:
    """A trec_eval measure (``set_recall``, ``recip_rank``, ``ndcg``) over all documents that were
    retrieved.

    Unscored: ``no_context`` for a system without retrieval, ``no_gold`` for an item without gold
    documents. Retrieving nothing scores 0.
    """
    item, response = answer.item, answer.response
    if response.passages is None:
        return unscored("no_context")
    if not item.documents:
        return unscored("no_gold")
    same = dict.fromkeys(item.also, item.documents[0]) if len(item.documents) == 1 else {}
    ranked = list(dict.fromkeys(same.get(p.document, p.document) for p in response.passages))
    if not ranked:
        return scored(0.0, k=0)
    qrels = {"q": dict.fromkeys(item.documents, 1)}
    run = {"q": {document: float(len(ranked) - rank) for rank, document in enumerate(ranked)}}
    result = _pytrec_eval().RelevanceEvaluator(qrels, {name}).evaluate(run)
    return scored(float(result["q"][name]), k=len(response.passages))


def _ranked(name: str, of: str, about: str) -> Metric:
    return Metric(
        name, "higher", partial(measure, of), about, needs=frozenset({"contexts", "gold"})
    )


def recall_at_k(context: MetricContext) -> Metric:
    """`recall_at_k`: share of the gold documents among the retrieved ones, k being what the system
    retrieves.

    By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold``
    without gold documents.
    """
    return _ranked("recall_at_k", "set_recall", "gold documents retrieved")


def mrr(context: MetricContext) -> Metric:
    """`mrr`: 1 / rank of the first gold document; 0 where none was retrieved (Voorhees 1999).

    By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold``
    without gold documents.
    """
    return _ranked("mrr", "recip_rank", "reciprocal rank of the first gold document")


def ndcg(context: MetricContext) -> Metric:
    """`ndcg`: discounted gain Σ 1/log2(rank+1) over gold documents, divided by the best possible
    (Järvelin 2002).

    By trec_eval (`ranking.measure`). Unscored: ``no_context`` without retrieval, ``no_gold``
    without gold documents.
    """
    return _ranked("ndcg", "ndcg", "discounted gain of gold documents")
