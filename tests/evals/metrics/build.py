"""Short ways to make what metrics read: items, responses and a small pack in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from evals.core.metric import Metric, MetricContext
from evals.core.registry import METRICS
from evals.core.schema import (
    Document,
    Example,
    Fact,
    Item,
    Message,
    Passage,
    Response,
    Slot,
    SlotKind,
    User,
    VoiceSample,
)

NOUNS = [
    "lamp",
    "kettle",
    "chair",
    "clock",
    "radio",
    "drill",
    "mixer",
    "blanket",
    "mirror",
    "heater",
    "shelf",
    "basket",
]
FACTS = ("costs 20 dollars", "weighs 3 kg", "ships in 5 days", "is made of oak", "comes in red")


def item(question: str = "What does it cost?", **changes: Any) -> Item:
    base: dict[str, Any] = {
        "id": "i",
        "suite": "s",
        "track": "t",
        "question": question,
        "cluster": "c",
    }
    return Item(**{**base, **changes})


def slot(kind: SlotKind, value: str, **changes: Any) -> Slot:
    return Slot(name="value", kind=kind, value=value, **changes)


def asked(kind: SlotKind, value: str, question: str = "What is it?", **changes: Any) -> Item:
    return item(question, gold=(slot(kind, value, **changes),))


def said(text: str, **changes: Any) -> Response:
    return Response(item="i", text=text, **changes)


def passages(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(f"p{n}", f"d{n}", 1.0 / (n + 1), text) for n, text in enumerate(texts))


def _voiced(voice: str, noun: str, fact: str, number: int) -> str:
    plain = f"the {noun} {fact}"
    return {
        "brand": (f"Hi friend! So, {plain}! Enjoy!", f"You'll love this, we've checked: {plain}!")[
            number % 2
        ],
        "neutral": f"{plain.capitalize()}.",
        "stiff": (f"Kindly be advised that {plain}.", f"We beg to inform you that {plain}.")[
            number % 2
        ],
        "terse": f"Record: {plain}. End.",
    }[voice]


@dataclass
class SmallPack:
    """A pack in memory. ``rules`` is written to its root as pack.toml by whoever needs it."""

    root: Path = Path("/nowhere")
    name: str = "small"
    brand: str = "brand"
    identity: str = "small"
    voiced: bool = True
    users_: tuple[User, ...] = ()
    facts_: tuple[Fact, ...] = ()
    documents_: tuple[Document, ...] = ()

    @property
    def company(self) -> Mapping[str, str]:
        return {"name": "Small"}

    @property
    def times(self) -> Mapping[str, str]:
        return {"t0": "2025-01-01", "t1": "2026-01-01"}

    def documents(self, time: str | None = None) -> Iterator[Document]:
        yield from self.documents_

    def items(self, suite: str | None = None) -> Iterator[Item]:
        yield from ()

    def examples(self) -> Iterator[Example]:
        for n in range(3):
            turns = (
                Message("user", "Hm?"),
                Message("assistant", "Come on in, we are always happy to see you!"),
            )
            yield Example(f"e{n}", turns, "closed_book")

    def facts(self) -> Iterator[Fact]:
        yield from self.facts_

    def users(self) -> Iterator[User]:
        yield from self.users_

    def voices(self) -> Iterator[VoiceSample]:
        if not self.voiced:
            return
        for n, (noun, fact) in enumerate((noun, fact) for noun in NOUNS for fact in FACTS):
            for voice in ("brand", "neutral", "stiff", "terse"):
                split: Literal["fit", "held_out"] = "held_out" if n % 3 == 0 else "fit"
                yield VoiceSample(
                    f"{n}-{voice}", f"c{n}", voice, _voiced(voice, noun, fact, n), split
                )


def metric(name: str, pack: SmallPack | None = None, **given: Any) -> Metric:
    return METRICS.get(name)(MetricContext(pack or SmallPack(), **given))
