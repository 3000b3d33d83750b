"""`field_f1`: F1 of the (path, value) pairs of the extracted record against the gold record.

Leaves are compared after folding of strings and with numbers by value; list order does not count. An answer that is
not JSON scores 0. ``not_applicable`` for items without a JSON slot.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.records import fields_f1
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """Mean F1 over the item's JSON slots."""
    golds = [slot.value for slot in item.gold if slot.kind == "json"]
    if not golds:
        return unscored("not_applicable")
    text = response.text[:MAX_CHARS]
    return scored(sum(fields_f1(gold, text) for gold in golds) / len(golds))


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("field_f1", score, "F1 of extracted fields")
