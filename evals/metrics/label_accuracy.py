"""`label_accuracy`: the predicted label equals the gold label (intent routing).

The prediction is the label the answer names: the whole answer, or the only one of the item's choices in it. Naming
several labels predicts none. ``not_applicable`` for items without a label slot.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.labels import predicted
from evals.metrics.text import fold
from evals.schema import Item, Response, Score, Slot, scored, unscored


def label_slot(item: Item) -> Slot | None:
    """The item's first label slot, if any."""
    return next((slot for slot in item.gold if slot.kind == "label"), None)


def score(item: Item, response: Response) -> Score:
    """1 where prediction and gold agree; both are in the detail, the prediction empty where there is none."""
    slot = label_slot(item)
    if slot is None:
        return unscored("not_applicable")
    said = predicted(item, slot, response.text)
    return scored(fold(said) == fold(slot.value), gold=slot.value, predicted=said)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("label_accuracy", score, "predicted label equals gold")
