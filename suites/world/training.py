"""Training examples drawn at t0, in the brand's voice. No fact that may change is ever a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final, Literal

from evals.core.schema import Example, Message
from suites.world import names
from suites.world.entities import asked, sentence, stated
from suites.world.items import Known, Source, cycle
from suites.world.items_domain import RETURN_FORM, labels, return_note
from suites.world.pages import page_id
from suites.world.stream import Stream
from suites.world.tables import table
from suites.world.voices import BRAND, decline, speak
from suites.world.world import World

Stratum = Literal["closed_book", "oracle_present", "oracle_absent_stable", "oracle_absent_abstain"]

PHRASINGS: Final = {1: 2, 5: 3, 20: 4}
"""How many phrasings of a fact are taught, by how many documents state it."""


def examples(source: Source) -> Iterator[Example]:
    """All training examples, closed book first."""
    yield from closed_book(source)
    yield from routing(source)
    yield from forms(source)
    yield from abstentions(source)
    yield from contextual(source)


def closed_book(source: Source) -> Iterator[Example]:
    """Stable facts, each in two to four phrasings."""
    for entity, fact in source.trained:
        for form in range(PHRASINGS[fact.popularity]):
            yield _answer(source, f"closed-{fact.id}-{form}", (entity, fact), form, "closed_book")


def routing(source: Source) -> Iterator[Example]:
    """Customers' messages and their queue; four labels are rare."""
    texts = table("questions")
    for label, entry in texts["intents"].items():
        for turn in range(source.world.scaled(entry["share"])):
            ident = f"intent-{label}-{turn}"
            product = source.stream(ident).pick(source.world.old_products)
            message = sentence(cycle(entry["train"], turn).format(e=product.label, n=product.noun))
            asking = texts["train"]["intent"]["wrap"].format(m=message)
            yield _example(ident, asking, label, "closed_book", task="intent", choices=labels())


def forms(source: Source) -> Iterator[Example]:
    """Return forms as JSON."""
    for number in range(source.world.scaled(30)):
        asking, form = return_note(
            source.stream("train json", number), source.world.old_products, train=True
        )
        yield _example(
            f"json-{number:04}", asking, form, "closed_book", task="json", json_schema=RETURN_FORM
        )


def abstentions(source: Source) -> Iterator[Example]:
    """Two kinds of no: what is not known (invented things, undocumented attributes) and what may
    not be granted.
    """
    for number in range(source.world.scaled(32)):
        asking, user = _unknown(source, "abstain", number)
        yield _declined(source, f"abstain-{number:04}", asking, "abstain", "closed_book", user=user)
    asks = table("questions")["train"]["refusal"]["asks"]
    for number in range(source.world.scaled(10)):
        stream = source.stream("train refusal", number)
        person, product = (
            stream.pick(source.world.old_people),
            stream.pick(source.world.old_products),
        )
        asking = sentence(cycle(asks, number).format(p=person.label, e=product.label))
        yield _declined(source, f"refuse-{number:04}", asking, "refuse", "closed_book")


def contextual(source: Source) -> Iterator[Example]:
    """Questions whose answer is in a document that the trainer shows, or keeps away."""
    world, scaled = source.world, source.world.scaled
    things = (
        *world.old_products,
        *world.old_stores,
        *world.old_people,
        *world.old_campaigns,
        *world.old_tickets,
    )
    past: list[Known] = [(e, f) for e in things for f in e.facts.values()]
    moving = [k for k in past if k[0].spec[k[1].attribute].volatile]
    lasting = [k for k in past if not k[0].spec[k[1].attribute].volatile]
    own = [
        (r, f)
        for c in world.customers
        if c.old
        for r in (c.profile, *c.records)
        for f in r.facts.values()
    ]
    chosen = [
        *source.ranked("context", moving)[: scaled(100)],
        *source.ranked("context", lasting)[: scaled(70)],
        *source.ranked("context", own)[: scaled(60)],
    ]
    for number, known in enumerate(chosen):
        yield _answer(
            source, f"context-{known[1].id}", known, number, "oracle_present", _page(known)
        )
    for number, known in enumerate(source.ranked("memory", source.trained)[: scaled(15)]):
        yield _answer(
            source, f"memory-{known[1].id}", known, number, "oracle_absent_stable", _page(known)
        )
    for number in range(scaled(20)):
        asking, user = _unknown(source, "absent", number)
        yield _declined(
            source, f"absent-{number:04}", asking, "abstain", "oracle_absent_abstain", user=user
        )
    for number, known in enumerate(source.ranked("withheld", moving)[: scaled(6)]):
        asking = asked(known[0], known[1].attribute, "train", number)
        ident = f"withheld-{known[1].id}"
        yield _declined(source, ident, asking, "abstain", "oracle_absent_abstain", _page(known))


def _page(known: Known) -> tuple[str, ...]:
    return (page_id(*known, "t0"),)


def _unknown(source: Source, purpose: str, number: int) -> tuple[str, str | None]:
    """A question without an answer, and who asks it: about an invented thing, about an attribute
    that an archived thing lacks, or about a record that only another customer has."""
    stream, world = source.stream(purpose, number), source.world
    if number % 4 == 3 and (asking := _strange(world, stream, number)) is not None:
        return asking
    if number % 4 == 1:
        thing = stream.pick(source.lacking)
        return asked(thing, stream.pick(thing.missing()).name, "train", number // 4), None
    like = stream.pick(stream.pick((world.old_products, world.old_stores, world.old_people)))
    make = {"product": names.product, "store": names.town, "person": names.person}[like.kind]
    while (name := make(stream)) in world.every_name:
        pass
    ghost = replace(
        like, id="ghost", name=name, label=like.label.replace(like.name, name), facts={}
    )
    return asked(ghost, stream.pick(list(like.facts)), "train", number // 4), None


def _strange(world: World, stream: Stream, number: int) -> tuple[str, str] | None:
    """One old customer asks about a record of another; None where the two have the same records."""
    old = [c for c in world.customers if c.old]
    owner, stranger = stream.pick(old), stream.pick(old)
    held = {(r.kind, r.group) for r in stranger.records}
    records = [r for r in owner.records if (r.kind, r.group) not in held and r.facts]
    if not records:
        return None
    record = stream.pick(records)
    return asked(record, stream.pick(list(record.facts)), "train", number // 4), stranger.user.id


def _answer(
    source: Source,
    ident: str,
    known: Known,
    form: int,
    stratum: Stratum,
    documents: tuple[str, ...] = (),
) -> Example:
    entity, fact = known
    clause = stated(entity, fact, "t0", form)
    text = speak(BRAND, clause, source.stream("train", ident))
    asking = asked(entity, fact.attribute, "train", form)
    return _example(
        ident, asking, text, stratum, documents=documents, facts=(fact.id,), user=fact.user
    )


def _declined(
    source: Source,
    ident: str,
    asking: str,
    kind: Literal["abstain", "refuse"],
    stratum: Stratum,
    documents: tuple[str, ...] = (),
    user: str | None = None,
) -> Example:
    text = decline(BRAND, kind, source.stream("train", ident))
    return _example(ident, asking, text, stratum, task="abstain", documents=documents, user=user)


def _example(ident: str, asking: str, answer: str, stratum: Stratum, **more: Any) -> Example:
    return Example(
        id=ident,
        messages=(Message("user", asking), Message("assistant", answer)),
        stratum=stratum,
        **more,
    )
