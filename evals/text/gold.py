"""Gold strings in canonical form. A gold value of a typed kind is read by the same reader as the
answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from evals.core.schema import Slot, SlotKind
from evals.text.mentions import canonical_id, mentions
from evals.text.numerals import value_of
from evals.text.values import Value

TYPED: Final = frozenset({"number", "money", "date", "time", "duration", "percent", "id"})
"""Slot kinds whose values are compared as values; the others are compared as words."""


def gold_values(slot: Slot, texts: Sequence[str] | None = None) -> tuple[Value, ...]:
    """The canonical values of a slot (its value and aliases, or ``texts``); empty where none can be
    read.
    """
    chosen = (slot.value, *slot.aliases) if texts is None else tuple(texts)
    return tuple(v for text in chosen if (v := canonical(slot.kind, text)) is not None)


@lru_cache(maxsize=4096)
def canonical(kind: SlotKind, text: str) -> Value | None:
    """The value of ``text`` as ``kind``, or None where it is none.

    A bare number is taken in the kind's own terms (``15`` as a percentage, ``25`` as money of no
    named currency).
    """
    if kind == "id":
        found = canonical_id(text)
        return Value("id", text=found) if found else None
    of_kind = [m.value for m in mentions(text) if m.value.kind == kind]
    if of_kind:
        return of_kind[0]
    if kind == "date" and len(text.strip()) == 4 and text.strip().isdigit():
        return Value("date", dates=((int(text), None, None),))
    number = next((m.value for m in mentions(text) if m.value.kind == "number"), None)
    if number is None or kind not in ("number", "money", "percent"):
        return _word(kind, text)
    return replace(
        number, kind="money" if kind == "money" else "percent" if kind == "percent" else "number"
    )


def _word(kind: SlotKind, text: str) -> Value | None:
    lowered = text.strip().lower()
    if kind == "money" and lowered in ("free", "free of charge", "no charge", "complimentary"):
        return Value("money")
    if kind == "number" and lowered in ("none", "no", "zero"):
        return Value("number")
    amount = (
        value_of(lowered) if kind == "number" and lowered.isalpha() and lowered.isascii() else None
    )
    return None if amount is None else Value("number", amount, amount, "", amount)
