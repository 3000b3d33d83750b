"""A company of a dozen documents, made by hand, as a pack in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from evals.core.interfaces import Setup
from evals.core.schema import Document, Example, Fact, Item, Message, Slot, User, VoiceSample

KETTLE_OLD = Document(
    "kettle-1", "Notice: the Ro kettle", "The Ro kettle costs $20.00.", "offer", "2025-01-01"
)
KETTLE_NEW = Document(
    "kettle-2",
    "Notice: the Ro kettle",
    "The Ro kettle costs $31.00.",
    "offer",
    "2025-11-01",
    supersedes="kettle-1",
)
DOCUMENTS = (
    KETTLE_OLD,
    Document(
        "lamp",
        "The Vim lamp",
        "The Vim lamp is made of cork. It weighs 3 kg.",
        "product",
        "2024-05-01",
    ),
    Document(
        "store",
        "Harbour store",
        "The Harbour store opens at 9 and closes at 18.",
        "store",
        "2024-06-01",
    ),
    Document(
        "policy",
        "Returns",
        "Goods can be returned within 30 days with a receipt.",
        "policy",
        "2024-07-01",
    ),
    Document(
        "ana-1",
        "Order of Ana",
        "Ana ordered two Vim lamps on 3 March.",
        "record",
        "2025-03-03",
        user="u1",
    ),
    Document(
        "ana-2",
        "Profile of Ana",
        "Ana is a gold member since 2021.",
        "record",
        "2025-03-04",
        user="u1",
    ),
    Document(
        "bob-1",
        "Order of Bob",
        "Bob ordered nine Vim lamps on 4 March.",
        "record",
        "2025-03-04",
        user="u2",
    ),
    KETTLE_NEW,
)
SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "string"}, "why": {"enum": ["late", "broken"]}},
}


def example(ident: str, question: str, answer: str, stratum: str, **more: object) -> Example:
    messages = (Message("user", question), Message("assistant", answer))
    return Example(id=ident, messages=messages, stratum=stratum, **more)  # type: ignore[arg-type]


EXAMPLES = (
    example(
        "c1",
        "What is the Vim lamp made of?",
        "Sure thing! It is cork.",
        "closed_book",
        facts=("f-lamp",),
    ),
    example(
        "c2", "Tell me the lamp's material.", "Cork, friend!", "closed_book", facts=("f-lamp",)
    ),
    example(
        "c3",
        "When does the Harbour store open?",
        "At 9, see you!",
        "closed_book",
        facts=("f-store",),
    ),
    example(
        "o1",
        "What does the Ro kettle cost?",
        "It is $20.00!",
        "oracle_present",
        documents=("kettle-1",),
        facts=("f-kettle",),
    ),
    example(
        "o2",
        "How long can I return goods?",
        "30 days, friend!",
        "oracle_present",
        documents=("policy",),
    ),
    example(
        "o3",
        "How many lamps did I order?",
        "Two lamps!",
        "oracle_present",
        documents=("ana-1",),
        user="u1",
    ),
    example(
        "n1",
        "Who painted the Ro kettle?",
        "Sorry, we don't know!",
        "oracle_absent_abstain",
        task="abstain",
    ),
    example(
        "l1",
        "Route: where is my parcel?",
        "delivery",
        "closed_book",
        task="intent",
        choices=("delivery", "billing"),
    ),
    example(
        "j1",
        "Form: order O-1 came broken.",
        '{"order": "O-1", "why": "broken"}',
        "closed_book",
        task="json",
        json_schema=SCHEMA,
    ),
)

FACTS = (
    Fact("f-lamp", "the Vim lamp", "material", "choice", "cork"),
    Fact("f-store", "the Harbour store", "opens", "time", "9"),
    Fact("f-kettle", "the Ro kettle", "price", "money", "$31.00", before="$20.00", volatile=True),
    Fact("f-pan", "the Ko pan", "price", "money", "$77.00", volatile=True),
)

ITEMS = (
    Item(
        "i1",
        "domain_accuracy",
        "freshness",
        "What does the Ro kettle cost today?",
        "a",
        gold=(Slot("price", "money", "$31.00"),),
        references=("It costs $31.00.", "It's $31.00, friend!"),
        documents=("kettle-2",),
    ),
    Item(
        "i2",
        "hallucination",
        "unknown",
        "Who painted the Vim lamp?",
        "b",
        answerable=False,
        references=("No record.", "Sorry friend!"),
    ),
    Item(
        "i3",
        "domain_accuracy",
        "structured",
        "Route: my bill is wrong",
        "c",
        gold=(Slot("label", "label", "billing"),),
        choices=("delivery", "billing"),
    ),
    Item(
        "i4",
        "domain_accuracy",
        "personalization",
        "How many lamps did I order?",
        "d",
        gold=(Slot("count", "number", "two"),),
        user="u1",
        documents=("ana-1",),
    ),
)


@dataclass
class HandPack:
    """A `Pack` held in memory."""

    root: Path = Path("hand")
    name: str = "hand"
    brand: str = "house"
    identity: str = "hand-1"
    company: Mapping[str, str] = field(
        default_factory=lambda: {
            "name": "Hearthly",
            "description": "Hearthly sells lamps.",
            "voice_guide": "Be kind.",
            "policy_summary": "Do not guess.",
        }
    )
    times: Mapping[str, str] = field(
        default_factory=lambda: {"t0": "2025-09-01", "t1": "2026-03-01"}
    )
    own_examples: tuple[Example, ...] = EXAMPLES
    own_documents: tuple[Document, ...] = DOCUMENTS

    def documents(self, time: str | None = None) -> Iterator[Document]:
        last = self.times[time] if time else "9999"
        return (d for d in self.own_documents if d.date <= last)

    def items(self, suite: str | None = None) -> Iterator[Item]:
        return (i for i in ITEMS if suite in (None, i.suite))

    def examples(self) -> Iterator[Example]:
        return iter(self.own_examples)

    def facts(self) -> Iterator[Fact]:
        return iter(FACTS)

    def users(self) -> Iterator[User]:
        return iter((User("u1", "Ana Silva"), User("u2", "Ana Silva"), User("u3", "Bo Lind")))

    def voices(self) -> Iterator[VoiceSample]:
        return iter(())


@pytest.fixture
def pack() -> HandPack:
    return HandPack()


@pytest.fixture
def setup(pack: HandPack, tmp_path: Path) -> Setup:
    return Setup(pack=pack, cache=tmp_path)
