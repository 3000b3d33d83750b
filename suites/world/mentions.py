"""Documents that mention facts in passing: FAQ pages, newsletters, support notes, stories, and
visitors' posts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from evals.core.schema import Document, Fact
from suites.world.attributes import T0, long_date, shifted, surface
from suites.world.entities import Entity, sentence, stated
from suites.world.stream import Stream, number_of
from suites.world.tables import table
from suites.world.world import World

_PER_DOCUMENT: Final = 4.5
_KINDS: Final = ("faq", "news", "ticket", "blog")


class Mentions:
    """Which extra documents state which popular facts, and their texts."""

    def __init__(self, world: World) -> None:
        self.world = world

    @cached_property
    def _plan(self) -> list[list[tuple[Entity, Fact]]]:
        popular = [
            (e, f) for e in self.world.public() for f in e.facts.values() if f.popularity > 1
        ]
        total = sum(f.popularity - 1 for _, f in popular)
        buckets: list[list[tuple[Entity, Fact]]] = [
            [] for _ in range(max(20, round(total / _PER_DOCUMENT)))
        ]
        for entity, fact in popular:
            taken: set[int] = set()
            for mention in range(fact.popularity - 1):
                place = number_of(self.world.seed, "mention", fact.id, mention) % len(buckets)
                while place in taken:
                    place = (place + 1) % len(buckets)
                taken.add(place)
                buckets[place].append((entity, fact))
        return buckets

    @cached_property
    def _where(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for number, bucket in enumerate(self._plan):
            for _, fact in bucket:
                found[fact.id].append(self._id(number))
        return found

    def of(self, fact: Fact) -> tuple[str, ...]:
        """Ids of the documents that mention the fact, its own page not among them."""
        return tuple(self._where.get(fact.id, ()))

    def _id(self, number: int) -> str:
        return f"{_KINDS[number % len(_KINDS)]}-{number:04}"

    def documents(self) -> Iterator[Document]:
        """Every mentioning document, dated before t0."""
        for number, bucket in enumerate(self._plan):
            if bucket:
                yield self._document(number, bucket)

    def _document(self, number: int, bucket: list[tuple[Entity, Fact]]) -> Document:
        kind, ident = _KINDS[number % len(_KINDS)], self._id(number)
        texts, stream = table("documents")["mention"], Stream(self.world.seed, "page", ident)
        day = shifted(T0, -stream.between(3, 420))
        title = stream.pick(texts[kind]).format(k=number, company=self.world.company)
        said = [
            _line(kind, e, sentence(stated(e, f, form=stream.below(3))) + ".", f)
            for e, f in _mixed(bucket, stream)
        ]
        joint = " " if kind in ("news", "blog") else "\n"
        text = (
            f"{title}\nUpdated"
            f" {long_date(day)}.\n{stream.pick(texts[f'{kind}_lead'])}\n{joint.join(said)}"
        )
        return Document(
            id=ident,
            title=title,
            text=text,
            kind=kind,
            date=day,
            facts=tuple(f.id for _, f in bucket),
        )


def _mixed(bucket: list[tuple[Entity, Fact]], stream: Stream) -> list[tuple[Entity, Fact]]:
    return stream.sample(bucket, len(bucket))


def _line(kind: str, entity: Entity, said: str, fact: Fact) -> str:
    if kind == "faq":
        return f"{sentence(entity.label)}, {entity.spec[fact.attribute].head.lower()}? {said}"
    if kind == "ticket":
        return f"Customer asked about {entity.label}. Agent: {said}"
    return said


def rumours(world: World, contested: list[tuple[Entity, Fact]]) -> Iterator[Document]:
    """For each fact one visitor's post that states another value and says that nobody has checked
    it.
    """
    for number, (entity, fact) in enumerate(contested):
        yield _rumour(world, number, entity, fact)


def rumour_id(number: int) -> str:
    """Id of the visitor's post with that number."""
    return f"forum-{number:04}"


def _rumour(world: World, number: int, entity: Entity, fact: Fact) -> Document:
    texts, ident = table("documents")["mention"], rumour_id(number)
    stream = Stream(world.seed, "page", ident)
    spec, other = entity.spec[fact.attribute], fact.value
    while other == fact.value:
        other = spec.draw(stream)
    claim = spec.says[stream.below(3)].format(
        e=entity.label, v=surface(fact.kind, other), n=entity.noun
    )
    title = stream.pick(texts["forum_title"]).format(k=number)
    lead = stream.pick(texts["forum_lead"]).format(company=world.company)
    day = shifted(T0, -stream.between(3, 300))
    text = (
        f"{title}\nUpdated {long_date(day)}.\n{lead}\nI am fairly sure that {claim}. At least my"
        " neighbour says so."
    )
    return Document(id=ident, title=title, text=text, kind="forum", date=day)
