"""Items of the suite hallucination: every unanswerable question beside an answerable twin of the
same shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from evals.core.schema import Item
from suites.world import names
from suites.world.entities import Entity
from suites.world.items import Known, Source, cycle, numbered, question
from suites.world.stream import Stream
from suites.world.world import Customer

SUITE: Final = "hallucination"


def items(source: Source) -> Iterator[Item]:
    """All items of the suite, twins next to each other."""
    for make in (nonexistent_entity, missing_attribute, false_premise, wrong_user):
        yield from make(source)


def nonexistent_entity(source: Source) -> Iterator[Item]:
    """About something with an invented name that the company does not have."""
    for number, (entity, fact) in enumerate(_twins(source, "nonexistent", source.world.size.twins)):
        ghost = _ghost(source, number, entity)
        yield from _pair(source, "nonexistent_entity", number, ghost, (entity, fact), number)


def missing_attribute(source: Source) -> Iterator[Item]:
    """About something real, but what is asked about it is documented nowhere."""
    world = source.world
    lacking = [
        (e, a.name)
        for e in (*world.products, *world.stores, *world.people)
        for a in e.missing()
        if not a.premise and not a.volatile
    ]
    yield from _against(source, "missing_attribute", lacking)


def false_premise(source: Source) -> Iterator[Item]:
    """Takes for granted an award, a recall, a renovation, a late night or a prize that never
    was.
    """
    world = source.world
    lacking = [
        (e, a.name)
        for e in (*world.products, *world.stores, *world.people)
        for a in e.missing()
        if a.premise
    ]
    yield from _against(source, "false_premise", lacking)


def wrong_user(source: Source) -> Iterator[Item]:
    """About a record that another customer has, often one of the same name; the twin is asked by
    its owner.
    """
    current = [c for c in source.world.customers if not c.old]
    records = ((r, f) for c in current for r in c.records for f in r.facts.values())
    strangers = Strangers(current)
    for number, known in enumerate(source.ranked("wrong user", records)[: source.world.size.twins]):
        stranger = strangers.pick(source.stream("stranger", number), known[0])
        yield from _pair(
            source, "wrong_user", number, known[0], known, number, user=stranger.user.id
        )


class Strangers:
    """Finds, for a record, a customer who has no such record: one of the owner's name where there
    is one.
    """

    def __init__(self, customers: list[Customer]) -> None:
        self._customers = customers
        self._place = {c.user.id: i for i, c in enumerate(customers)}
        self._called: dict[str, list[int]] = {}
        self._holders: dict[tuple[str, str], set[int]] = {}
        for place, customer in enumerate(customers):
            self._called.setdefault(customer.user.name, []).append(place)
            for record in customer.records:
                self._holders.setdefault((record.kind, record.group), set()).add(place)

    def pick(self, stream: Stream, record: Entity) -> Customer:
        """One of those who fit."""
        owner = self._place[record.user or ""]
        out = self._holders[record.kind, record.group] | {owner}
        namesakes = [p for p in self._called[self._customers[owner].user.name] if p not in out]
        if namesakes:
            return self._customers[stream.pick(namesakes)]
        place = stream.below(len(self._customers) - len(out))
        for taken in sorted(out):
            place += taken <= place
        return self._customers[place]


def _twins(source: Source, purpose: str, count: int) -> list[Known]:
    """Facts to be asked about, every other one taught in training."""
    world = source.world
    others = (
        (e, f)
        for e in (*world.products, *world.stores, *world.people, *world.campaigns)
        for f in e.facts.values()
        if f.id not in source.trained_ids and not e.spec[f.attribute].premise
    )
    taught, rest = source.ranked(purpose, source.trained), source.ranked(purpose, others)
    return [cycle((taught, rest)[i % 2], i // 2) for i in range(count)]


def _ghost(source: Source, number: int, like: Entity) -> Entity:
    """A thing of the same kind under a name that nothing bears."""
    make: dict[str, Callable[..., str]] = {
        "product": names.product,
        "store": names.town,
        "person": names.person,
        "campaign": names.campaign,
    }
    stream = source.stream("ghost", number)
    while (name := make[like.kind](stream)) in source.world.every_name:
        pass
    return replace(
        like,
        id=f"ghost-{number:04}",
        name=name,
        label=like.label.replace(like.name, name),
        facts={},
    )


def _against(source: Source, track: str, lacking: list[tuple[Entity, str]]) -> Iterator[Item]:
    """Pair each (entity, attribute it lacks) with a different entity of the same kind that has
    it.
    """
    world = source.world
    every = (*world.products, *world.stores, *world.people)
    has: dict[tuple[str, str], list[Known]] = {}
    for entity in every:
        for fact in entity.facts.values():
            has.setdefault((entity.kind, fact.attribute), []).append((entity, fact))
    order = sorted(lacking, key=lambda k: source.stream(track, k[0].id, k[1]).below(1 << 40))
    used: dict[tuple[str, str], int] = {}
    seen: set[str] = set()
    number = 0
    for entity, attribute in order:
        key = (entity.kind, attribute)
        if number == world.size.twins:
            return
        if key not in has:
            continue
        known = cycle(has[key], used.get(key, 0))
        used[key] = used.get(key, 0) + 1
        form = next(
            (f for f in range(number, number + 4) if question(known[0], attribute, f) not in seen),
            number,
        )
        seen.add(question(known[0], attribute, form))
        yield from _pair(source, track, number, entity, known, form)
        number += 1


def _pair(
    source: Source,
    track: str,
    number: int,
    absent: Entity,
    present: Known,
    form: int,
    user: str | None = None,
) -> Iterator[Item]:
    """The unanswerable item and its answerable twin: same attribute, same phrasing, same
    cluster.
    """
    entity, fact = present
    cluster = f"{SUITE}-{track}-{number:04}"
    common: dict[str, Any] = {"suite": SUITE, "track": track, "cluster": cluster}
    for turn in range(source.world.size.paraphrases):
        none, some = numbered(f"{cluster}-none", turn), numbered(f"{cluster}-some", turn)
        lost, found = (question(e, fact.attribute, form + turn) for e in (absent, entity))
        yield source.unanswerable(none, lost, twin=some, user=user, trap=track, **common)
        yield source.item(some, entity, fact, found, twin=none, trap=f"{track}:twin", **common)
