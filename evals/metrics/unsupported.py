"""`unsupported`: share of an answer's typed claims that its retrieved context does not carry.

unsupported = claims not in any passage ÷ claims (`claims`: typed values and names that the question does not hold).
Unscored: ``not_applicable`` for a closed-book system and for an answer without claims, ``no_context`` where retrieval
came back empty.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.claims import claims, supported
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """The share; the unsupported claims are in the detail."""
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    made = claims(response.text[:MAX_CHARS], item.question)
    if not made:
        return unscored("not_applicable", claims=0)
    contexts = [p.text for p in response.passages]
    bad = [c.text for c in made if not supported(c, contexts)]
    return scored(len(bad) / len(made), claims=len(made), unsupported=bad)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("unsupported", score, "share of typed claims not in the context", better="lower")
