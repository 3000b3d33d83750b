"""What all item makers share: typed gold slots, references, gold documents and an even choice of
candidates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

from evals.core.schema import Fact, Item, Slot
from suites.world.attributes import surface
from suites.world.entities import Entity, asked, sentence, stated
from suites.world.mentions import Mentions
from suites.world.pages import page_id
from suites.world.stream import Stream, number_of
from suites.world.voices import BRAND, decline, speak
from suites.world.world import World

T = TypeVar("T")
Known = tuple[Entity, Fact]

CLOSED_BOOK_SHARE: Final = {20: 0.25, 5: 0.375, 1: 0.375}


class Source:
    """A world with what its items are drawn from."""

    def __init__(self, world: World, mentions: Mentions) -> None:
        self.world = world
        self.mentions = mentions

    @cached_property
    def trained(self) -> list[Known]:
        """Stable facts that training teaches without context, balanced over how often documents
        state them.
        """
        pool = [
            (e, f)
            for e in (*self.world.products, *self.world.stores, *self.world.people)
            for f in e.stable()
            if not e.spec[f.attribute].premise
        ]
        chosen: list[Known] = []
        for popularity, share in CLOSED_BOOK_SHARE.items():
            layer = [k for k in pool if k[1].popularity == popularity]
            left = self.world.size.closed_book - len(chosen)
            wanted = left if popularity == 1 else round(share * self.world.size.closed_book)
            chosen += self.ranked("closed book", layer)[:wanted]
        return chosen

    @cached_property
    def trained_ids(self) -> frozenset[str]:
        return frozenset(f.id for _, f in self.trained)

    @cached_property
    def lacking(self) -> list[Entity]:
        """Archived things that lack some attribute."""
        world = self.world
        return [
            e for e in (*world.old_products, *world.old_stores, *world.old_people) if e.missing()
        ]

    def ranked(self, purpose: str, candidates: Iterable[Known]) -> list[Known]:
        """The candidates in an order that depends on their ids alone."""
        return sorted(candidates, key=lambda k: number_of(self.world.seed, purpose, k[1].id))

    def stream(self, *path: object) -> Stream:
        return Stream(self.world.seed, "item", *path)

    def documents(self, entity: Entity, fact: Fact) -> tuple[str, ...]:
        """The company's own page that states the fact at t1."""
        return (page_id(entity, fact),)

    def also(self, entity: Entity, fact: Fact) -> tuple[str, ...]:
        """Other documents that state the same: mentions, and an earlier notice where the value has
        not changed.
        """
        first, now = page_id(entity, fact, "t0"), page_id(entity, fact)
        earlier = (first,) if first != now and fact.before is None else ()
        return (*earlier, *self.mentions.of(fact))

    def item(self, ident: str, entity: Entity, fact: Fact, question: str, **more: Any) -> Item:
        """An answerable item about one fact; ``more`` overrides or adds fields."""
        fields: dict[str, Any] = {
            "gold": (slot(fact),),
            "references": self.references(ident, stated(entity, fact)),
            "documents": self.documents(entity, fact),
            "also": self.also(entity, fact),
            "facts": (fact.id,),
            "popularity": None if fact.volatile or fact.user else fact.popularity,
            "changed": fact.before is not None if fact.volatile else None,
            "user": fact.user,
        }
        return Item(id=ident, question=question, **{**fields, **more})

    def references(self, ident: str, clause: str) -> tuple[str, ...]:
        """The plain gold sentence, and the same in the brand's voice."""
        return (f"{sentence(clause)}.", speak(BRAND, clause, self.stream("reference", ident)))

    def unanswerable(self, ident: str, question: str, **more: Any) -> Item:
        """An item whose only right answer is to say that it is not known, or not to be had."""
        kind: Any = "refuse" if more.get("trap") == "refusal" else "abstain"
        said = tuple(
            decline(v, kind, self.stream("reference", ident, v)) for v in ("neutral", BRAND)
        )
        return Item(id=ident, question=question, answerable=False, references=said, **more)


def slot(fact: Fact, name: str | None = None) -> Slot:
    """The typed gold of a fact at t1: canonical value, how documents write it, and what it was
    before.
    """
    written = surface(fact.kind, fact.value)
    return Slot(
        name=name or fact.attribute,
        kind=fact.kind,
        value=fact.value,
        aliases=(written,) if written != fact.value else (),
        stale=(fact.before,) if fact.before is not None else (),
    )


def question(entity: Entity, attribute: str, form: int) -> str:
    """A test phrasing."""
    return asked(entity, attribute, "test", form)


def numbered(ident: str, turn: int) -> str:
    """The id of a cluster's item in its ``turn``-th phrasing; the first one bears the cluster's
    own.
    """
    return f"{ident}-{turn}" if turn else ident


def cycle(options: Sequence[T], index: int) -> T:
    """The option at ``index``, starting again at the end."""
    return options[index % len(options)]
