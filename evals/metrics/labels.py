"""Reading a label out of an answer."""

from __future__ import annotations

from evals.metrics.phrases import chosen
from evals.metrics.text import MAX_CHARS, fold, words
from evals.schema import Item, Slot


def predicted(item: Item, slot: Slot, text: str) -> str:
    """The label an answer predicts, spelt as in the item's choices; empty where it names none or several."""
    text = text[:MAX_CHARS]
    options = tuple(dict.fromkeys((*item.choices, slot.value)))
    whole = fold(text).strip(" .\"'`")
    for option in options:
        if whole == fold(option):
            return option
    if any(whole == fold(alias) for alias in slot.aliases):
        return slot.value
    named = chosen(text, options)
    if len(named) != 1:
        return ""
    spelt = {tuple(words(option.replace("_", " "))): option for option in options}
    return spelt.get(named[0], " ".join(named[0]))
