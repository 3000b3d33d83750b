"""The company's own documents: one page per thing for what lasts, dated notices for what
changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from evals.core.schema import Document, Fact
from suites.world.attributes import T0, T1, long_date, shifted, surface
from suites.world.entities import Entity, sentence, stated, value_at
from suites.world.stream import Stream
from suites.world.tables import table
from suites.world.world import Customer, World

_PAGES: Final = {
    "product": ("product", "offer"),
    "store": ("store", "hours"),
    "person": ("person", "duty"),
    "policy": ("policy", "policy"),
    "campaign": ("campaign", "campaign"),
    "release": ("release", "release"),
    "ticket": ("ticket", "ticket"),
}
"""Which page states the lasting facts and which the changing ones; the same page where the two are
equal.
"""


def page_id(entity: Entity, fact: Fact, moment: str = "t1") -> str:
    """The id of the company's own document that states the fact as it is at the moment."""
    if entity.archived or entity.user is not None:
        return f"{entity.id}-{_version(entity, moment)}" if entity.kind == "profile" else entity.id
    lasting, changing = _PAGES[entity.kind]
    if lasting == changing or entity.spec[fact.attribute].volatile:
        return f"{entity.id}-{changing}-{_version(entity, moment)}"
    return f"{entity.id}-{lasting}"


def pages(world: World) -> Iterator[Document]:
    """The pages about every public entity, superseded notices included."""
    for entity in world.public():
        yield from _archive(world, entity) if entity.archived else _of(world, entity)


def private(world: World) -> Iterator[Document]:
    """Profiles and records of every customer; each carries its owner."""
    for customer in world.customers:
        yield from _profile(world, customer)
        for record in customer.records:
            yield _record(world, customer, record)


def _version(entity: Entity, moment: str) -> int:
    return 2 if moment == "t1" and entity.changed() else 1


def _of(world: World, entity: Entity) -> Iterator[Document]:
    lasting, changing = _PAGES[entity.kind]
    old = _before(world, entity.id, "old")
    if lasting == changing:
        yield from _versions(world, entity, changing, list(entity.facts.values()), old)
        return
    if entity.stable():
        yield _page(world, entity, lasting, f"{entity.id}-{lasting}", entity.stable(), old, "t0")
    if entity.volatile():
        yield from _versions(world, entity, changing, entity.volatile(), old)


def _versions(
    world: World, entity: Entity, style: str, facts: list[Fact], old: str
) -> Iterator[Document]:
    first = f"{entity.id}-{style}-1"
    yield _page(world, entity, style, first, facts, old, "t0")
    if entity.changed():
        new = shifted(T1, -Stream(world.seed, "new date", entity.id).between(5, 140))
        yield _page(
            world, entity, style, f"{entity.id}-{style}-2", facts, new, "t1", supersedes=first
        )


def _archive(world: World, entity: Entity) -> Iterator[Document]:
    day = shifted(T0, -Stream(world.seed, "archived", entity.id).between(120, 500))
    yield _page(world, entity, "archive", entity.id, list(entity.facts.values()), day, "t0")


def _page(
    world: World,
    entity: Entity,
    style: str,
    ident: str,
    facts: list[Fact],
    day: str,
    moment: str,
    supersedes: str | None = None,
) -> Document:
    texts = table("documents")[style]
    stream = Stream(world.seed, "page", ident)
    names = {
        "e": entity.label,
        "E": sentence(entity.label),
        "n": entity.noun,
        "company": world.company,
    }
    title = stream.pick(texts["title"]).format(**names)
    lead = stream.pick(texts["lead"]).format(**names)
    body = lines(entity, stream.sample(facts, len(facts)), moment, stream)
    fill = stream.sample(texts["fill"], 2)
    if entity.kind == "ticket" and style == "archive":
        lead += f" The customer had written in about {entity.noun}."
    text = f"{title}\nUpdated {long_date(day)}.\n{sentence(lead)}\n{body}\n{' '.join(fill)}"
    return Document(
        id=ident, title=title, text=text, kind=style, date=day, supersedes=supersedes,
        facts=tuple(f.id for f in facts),
    )  # fmt: skip


def lines(entity: Entity, facts: Sequence[Fact], moment: str, stream: Stream) -> str:
    """The facts as a list, as prose, or as questions and answers."""
    layout = stream.pick(["list", "prose", "prose", "answers"])
    said = [sentence(stated(entity, f, moment, stream.below(3))) + "." for f in facts]
    if layout == "prose":
        return " ".join(said)
    heads = [entity.spec[f.attribute].head for f in facts]
    if layout == "answers":
        return "\n".join(f"{head}? {text}" for head, text in zip(heads, said, strict=True))
    of = f" ({entity.noun})" if entity.kind == "policy" else ""
    return "\n".join(
        f"- {head}{of if head == 'Exception' else ''}: {surface(f.kind, value_at(f, moment))}"
        for head, f in zip(heads, facts, strict=True)
    )


def _before(world: World, ident: str, what: str) -> str:
    return shifted(T0, -Stream(world.seed, what, ident).between(3, 400))


def _profile(world: World, customer: Customer) -> Iterator[Document]:
    profile = customer.profile
    versions: list[tuple[int, str, str]] = [(1, "t0", _before(world, profile.id, "old"))]
    if profile.changed():
        versions.append(
            (2, "t1", shifted(T1, -Stream(world.seed, "new date", profile.id).between(5, 140)))
        )
    for number, moment, day in versions:
        ident = f"{profile.id}-{number}"
        facts = {f.attribute: surface(f.kind, value_at(f, moment)) for f in profile.facts.values()}
        text = _account(customer, facts, day, Stream(world.seed, "page", ident))
        yield Document(
            id=ident, title=f"Account of {customer.user.name}", text=text, kind="profile", date=day,
            user=customer.user.id, supersedes=f"{profile.id}-1" if number == 2 else None,
            facts=tuple(f.id for f in profile.facts.values()),
        )  # fmt: skip


def _account(customer: Customer, facts: dict[str, str], day: str, stream: Stream) -> str:
    name = customer.user.name
    shapes = [
        (
            "{name} is member {member_number} in the {tier} tier with {points} points. The home"
            " store is in {home_store}."
        ),
        (
            "- Name: {name}\n- Member number: {member_number}\n- Tier: {tier}\n- Points: {points}\n"
            "- Home store: {home_store}"
        ),
        (
            "Account of {name}. Tier: {tier}. Points balance: {points}. Home store for pick-up:"
            " {home_store}. Member number: {member_number}."
        ),
    ]
    body = stream.pick(shapes).format(name=name, **facts)
    return (
        f"Account of {name}\nUpdated"
        f" {long_date(day)}.\n{body}\n{stream.pick(table('documents')['record']['fill'])}"
    )


def _record(world: World, customer: Customer, record: Entity) -> Document:
    texts: dict[str, Any] = table("documents")["record"]
    stream = Stream(world.seed, "page", record.id)
    dated = next(f for f in record.facts.values() if f.kind == "date")
    values = {f.attribute: surface(f.kind, f.value) for f in record.facts.values()}
    shapes = {
        "order": [
            "Order {number}: {n}. Placed on {placed}, paid {paid}, brought by {courier}.",
            (
                "{name} ordered {e} on {placed}. Amount paid: {paid}. Courier: {courier}. Order"
                " number: {number}."
            ),
            (
                "- Item: {n}\n- Order number: {number}\n- Ordered on: {placed}\n- Paid: {paid}\n-"
                " Courier: {courier}"
            ),
        ],
        "repair": [
            "Repair of {e}, finished on {done}. Repair fee: {fee}.",
            "{name} brought in {e}. It was repaired on {done} for a fee of {fee}.",
            "- Item: {n}\n- Service: repair\n- Repaired on: {done}\n- Repair fee: {fee}",
        ],
    }
    body = stream.pick(shapes[record.kind]).format(
        name=customer.user.name, e=record.label, n=record.noun, **values
    )
    day = dated.value
    title = f"{stream.pick(texts['title'])} of {customer.user.name}: {record.noun}"
    text = f"{title}\nUpdated {long_date(day)}.\n{sentence(body)}\n{stream.pick(texts['fill'])}"
    return Document(
        id=record.id, title=title, text=text, kind=record.kind, date=day, user=customer.user.id,
        facts=tuple(f.id for f in record.facts.values()),
    )  # fmt: skip
