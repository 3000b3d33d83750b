"""`abstention`: did the answer decline? 1 declined or denied that the thing exists, 0.5 partly, 0 answered.

The reading of `evals.metrics.abstention`, without gold: for production logs, and to look at a system's habits. An
answer without a word has declined. Structured items are ``not_applicable``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.abstention import abstention
from evals.metrics.base import metric
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """The state as a number; state, denial and the deciding clause are in the detail."""
    if item.json_schema is not None or (item.gold and all(s.kind in ("json", "label") for s in item.gold)):
        return unscored("not_applicable")
    reading = abstention(response.text[:MAX_CHARS])
    value = 1.0 if reading.declined else 0.5 if reading.state == "partly" else 0.0
    return scored(value, state=reading.state, denied=reading.denied, evidence=reading.evidence)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("abstention", score, "declined to answer (1), partly (0.5), answered (0)", better="none")
