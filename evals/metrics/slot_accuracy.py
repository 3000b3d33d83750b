"""`slot_accuracy`: every typed gold value of the item is what the answer says, after canonicalisation.

Reads number (+ unit), money, date, time, duration, percent, name, id, boolean, choice and text slots (`slots.judge`);
label and JSON slots have metrics of their own. 1 only where all slots are right and the answer does not abstain.
Unscored: ``no_gold`` without such slots, ``not_applicable`` on unanswerable items.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.abstention import abstention
from evals.metrics.base import metric
from evals.metrics.outcome import slot_verdicts
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where all slots are right; the detail names each slot's verdict."""
    if not item.answerable:
        return unscored("not_applicable")
    if not any(slot.kind not in ("label", "json") for slot in item.gold):
        return unscored("no_gold")
    text = response.text[:MAX_CHARS]
    verdicts = slot_verdicts(item, text)
    right = all(v.right for v in verdicts) and abstention(text).state != "abstained"
    return scored(right, slots={s.name: v.reason for s, v in zip(item.gold, verdicts, strict=True)})


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("slot_accuracy", score, "all typed gold values said, no rival value")
