"""What kind of answer an item asks for."""

from __future__ import annotations

from evals.core.schema import Item


def structured(item: Item) -> bool:
    """Whether the gold is nothing but labels and records: there is no prose that could decline."""
    return bool(item.gold) and all(slot.kind in ("json", "label") for slot in item.gold)


def voiceless(item: Item) -> bool:
    """Whether the item is answered with a label or a record, which has no voice and keeps no house
    rules.
    """
    return item.json_schema is not None or structured(item)
