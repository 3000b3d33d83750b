"""What can be known about each kind of entity: value ranges and phrasings, read from
``texts/attributes.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final, cast

from evals.core.schema import SlotKind
from suites.world import names
from suites.world.stream import Stream
from suites.world.tables import table

T0: Final = "2025-09-01"
T1: Final = "2026-03-01"
_MONTHS: Final = (
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
_SOURCES: Final = ("unit", "range", "options", "times", "gen")


@dataclass(frozen=True)
class Attribute:
    """One attribute of one kind of entity: how its values are drawn, stated and asked for.

    ``says`` are clauses with ``{e}`` (entity), ``{v}`` (value) and ``{n}`` (the entity's common
    noun); ``train`` and ``test`` are questions. ``premise`` marks attributes whose question
    presupposes an event (an award, a recall).
    """

    owner: str
    name: str
    kind: SlotKind
    head: str
    says: tuple[str, ...]
    train: tuple[str, ...]
    test: tuple[str, ...]
    volatile: bool = False
    premise: bool = False
    odds: float = 1.0
    link: str | None = None
    source: Mapping[str, Any] | None = None

    def draw(self, stream: Stream) -> str:
        """A canonical value. Attributes with a ``link`` take theirs from another entity instead."""
        return _draw(self.kind, dict(self.source or {}), stream)


@cache
def attributes(owner: str) -> Mapping[str, Attribute]:
    """The attributes of one kind of entity, in the file's order."""
    return {
        name: _attribute(owner, name, dict(entry))
        for name, entry in table("attributes")[owner].items()
    }


def _attribute(owner: str, name: str, entry: dict[str, Any]) -> Attribute:
    source: dict[str, Any] = {key: entry.pop(key) for key in _SOURCES if key in entry}
    texts: dict[str, Any] = {key: tuple(entry.pop(key)) for key in ("says", "train", "test")}
    return Attribute(owner=owner, name=name, source=source, **texts, **entry)


def _draw(kind: SlotKind, source: dict[str, Any], stream: Stream) -> str:
    if "options" in source or "times" in source:
        return cast(str, stream.pick(source.get("options") or source["times"]))
    if "range" in source:
        low, high, step = source["range"]
        steps = stream.between(0, round((high - low) / step))
        return _measure(kind, low + steps * step, step, source.get("unit"))
    return _named(source["gen"], stream)


def _measure(kind: SlotKind, value: float, step: float, unit: str | None) -> str:
    if kind == "money":
        return f"${value:.2f}"
    if kind == "percent":
        return f"{round(value)}%"
    text = str(round(value)) if step >= 1 else f"{value:.1f}"
    return f"{text} {unit}" if unit else text


def _named(gen: str, stream: Stream) -> str:
    if gen in ("past", "future"):
        start = date.fromisoformat(T0) + timedelta(days=-700 if gen == "past" else 190)
        return (
            start + timedelta(days=stream.between(0, 640 if gen == "past" else 300))
        ).isoformat()
    codes = {
        "badge": lambda: f"B{stream.between(1000, 9999)}",
        "extension": lambda: f"x{stream.between(1000, 9999)}",
        "policy": lambda: f"P-{stream.between(1000, 9999)}",
        "voucher": lambda: (
            stream.pick(["SAVE", "GLOW", "KEEP", "MOVE", "WARM", "FIND"])
            + str(stream.between(100, 999))
        ),
        "order": lambda: f"O-{stream.between(10000, 99999)}",
        "member": lambda: f"M-{stream.between(10000, 99999)}",
        "town": lambda: names.town(stream),
        "street": lambda: names.street(stream),
        "person": lambda: names.person(stream),
    }
    return codes[gen]()


def surface(kind: SlotKind, value: str) -> str:
    """A canonical value as a document writes it: ISO dates become ``14 March 2025``, the rest
    stays.
    """
    return long_date(value) if kind == "date" else value


def long_date(iso: str) -> str:
    """``2025-03-14`` as ``14 March 2025``."""
    day = date.fromisoformat(iso)
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def shifted(iso: str, days: int) -> str:
    """An ISO date some days later (earlier where negative)."""
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()
