"""Older versions of documents, made for training: the same page, an earlier date, another value."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from evals.core.schema import Document, Fact

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def aged(
    document: Document, fact: Fact, others: Sequence[str], rng: random.Random
) -> Document | None:
    """The document 40 to 400 days earlier with another of ``others`` in the place of the fact's
    value.

    None where the value is not found in the text, or nothing could replace it: then there is no
    conflict to show.
    """
    current = fact.before or fact.value
    written = next((w for w in surfaces(current) if w in document.text), None)
    if written is None or not others:
        return None
    form = surfaces(current).index(written)
    other = surfaces(rng.choice([o for o in others if o != current] or [""]))
    if not other[0]:
        return None
    text = document.text.replace(written, other[min(form, len(other) - 1)])
    try:
        day = date.fromisoformat(document.date) - timedelta(days=rng.randint(40, 400))
    except ValueError:
        return None
    return msgspec.structs.replace(
        document, id=f"{document.id}-aged", text=text, date=day.isoformat()
    )


def surfaces(value: str) -> list[str]:
    """How a canonical value may be written: as it is, or an ISO date as ``14 March 2025``."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return [value]
    return [f"{day.day} {MONTHS[day.month - 1]} {day.year}", value]
