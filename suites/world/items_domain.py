"""Items of the suite domain_accuracy, track by track."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from evals.core.schema import Item, Slot
from suites.world.entities import Entity, sentence
from suites.world.items import Known, Source, cycle, numbered, question
from suites.world.mentions import rumour_id
from suites.world.stream import Stream
from suites.world.tables import table
from suites.world.world import Customer

SUITE: Final = "domain_accuracy"
REASONS: Final = ("damaged", "wrong_item", "too_late", "not_needed")
RETURN_FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "order": {"type": "string"},
        "product": {"type": "string"},
        "quantity": {"type": "integer"},
        "reason": {"type": "string", "enum": list(REASONS)},
    },
    "required": ["order", "product", "quantity", "reason"],
    "additionalProperties": False,
}


def items(source: Source) -> Iterator[Item]:
    """All items of the suite."""
    for make in (
        closed_book,
        freshness,
        sweep,
        contested,
        hops,
        personalization,
        intents,
        extractions,
    ):
        yield from make(source)


def closed_book(source: Source) -> Iterator[Item]:
    """Stable facts that training covers, asked in a phrasing it has not seen."""
    for number, known in enumerate(source.trained):
        yield from _items(source, "closed_book", known, number)


def freshness(source: Source) -> Iterator[Item]:
    """Facts that may change: half of those asked did after t0, half did not."""
    world = source.world
    things = (
        *world.products,
        *world.stores,
        *world.people,
        *world.policies,
        *world.campaigns,
        *world.tickets,
    )
    pool = source.ranked("freshness", ((e, f) for e in things for f in e.volatile()))
    half = world.size.freshness // 2
    chosen = [k for k in pool if k[1].before is not None][:half] + [
        k for k in pool if k[1].before is None
    ][:half]
    for number, known in enumerate(chosen):
        yield from _items(source, "freshness", known, number)


def sweep(source: Source) -> Iterator[Item]:
    """One member of a family of look-alikes; its siblings are 1, 2, 3, 5, 8 or 10 distractors."""
    families: dict[str, list[Entity]] = {}
    for variant in source.world.variants:
        families.setdefault(variant.group, []).append(variant)
    for number, family in enumerate(families.values()):
        asked = source.stream("sweep", number).pick(family)
        for form, fact in enumerate(asked.facts.values()):
            yield from _items(
                source, "breadth", (asked, fact), form, trap=f"distractors:{len(family) - 1}"
            )


def contested_facts(source: Source) -> list[Known]:
    """Facts stated once by the company and contradicted by one visitor's post."""
    pool = (
        (e, f) for e in source.world.products for f in e.stable()
        if f.popularity == 1 and f.id not in source.trained_ids and f.kind != "name"
    )  # fmt: skip
    return source.ranked("contested", pool)[: source.world.size.contested]


def contested(source: Source) -> Iterator[Item]:
    """Facts that one counterfactual document denies."""
    for number, known in enumerate(contested_facts(source)):
        yield from _items(
            source, "breadth", known, number, trap=f"counterfactual:{rumour_id(number)}"
        )


def hops(source: Source) -> Iterator[Item]:
    """Questions that need two or three documents."""
    world, size = source.world, source.world.size
    products = [p for p in world.products if "designer" in p.facts]
    for number in range(size.two_hops):
        kind = ("designer_joined", "designer_office", "office_street")[number % 3]
        start = cycle(world.people, number) if kind == "office_street" else cycle(products, number)
        yield from _chain(source, number, kind, start, 2)
    for number in range(size.three_hops):
        kind = ("designer_street", "designer_founded")[number % 2]
        yield from _chain(source, number, kind, cycle(products, 5 * number + 2), 3)


_PATHS: Final = {
    "designer_joined": ("designer", "joined"),
    "designer_office": ("designer", "office"),
    "office_street": ("office", "street"),
    "designer_street": ("designer", "office", "street"),
    "designer_founded": ("designer", "office", "founded"),
}


def _chain(source: Source, number: int, kind: str, start: Entity, count: int) -> Iterator[Item]:
    entity, steps = start, []
    for attribute in _PATHS[kind]:
        steps.append((entity, entity.facts[attribute]))
        if attribute in entity.links:
            entity = source.world.by_id[entity.links[attribute]]
    last, fact = steps[-1]
    ident = f"{SUITE}-multi_hop-{kind}-{number:04}"
    forms: list[str] = table("questions")["hops"][kind]
    first = forms.index(source.stream(ident).pick(forms))
    for turn in range(min(source.world.size.paraphrases, len(forms))):
        text = sentence(cycle(forms, first + turn).format(e=start.label))
        yield source.item(
            numbered(ident, turn),
            last,
            fact,
            text,
            suite=SUITE,
            track="multi_hop",
            cluster=ident,
            hops=count,
            documents=tuple(d for e, f in steps for d in source.documents(e, f)),
            also=(),
            popularity=None,
            facts=tuple(f.id for _, f in steps),
            trap=f"hops:{count}",
        )


def personalization(source: Source) -> Iterator[Item]:
    """Each customer about their own records; some share their name with another customer."""
    current = [c for c in source.world.customers if not c.old]
    names = Counter(c.user.name for c in source.world.customers)
    total = source.world.size.personal
    shares = {c.user.id: 1 if not c.records else 2 if len(c.records) < 20 else 8 for c in current}
    made = 0
    for customer in current:
        for number, known in enumerate(_own(source, customer)[: shares[customer.user.id]]):
            if made == total:
                return
            made += 1
            namesake = ",namesake" if names[customer.user.name] > 1 else ""
            trap = f"records:{len(customer.records)}{namesake}"
            yield from _items(source, "personalization", known, number + made, trap=trap)


def _own(source: Source, customer: Customer) -> list[Known]:
    records = source.ranked(
        "own records", ((r, f) for r in customer.records for f in r.facts.values())
    )
    account = source.ranked(
        "own account", ((customer.profile, f) for f in customer.profile.facts.values())
    )
    return [*records[:1], *account[:1], *records[1:]]


def labels() -> tuple[str, ...]:
    """Every intent label, in the file's order."""
    return tuple(table("questions")["intents"])


def intents(source: Source) -> Iterator[Item]:
    """Routing of customers' messages to one of twelve queues, four of them rare in training."""
    texts, every = table("questions"), labels()
    for number in range(source.world.size.intents):
        label = cycle(every, number)
        product = source.stream("intent", number).pick(source.world.products)
        forms = texts["intents"][label]["test"]
        message = sentence(
            cycle(forms, number // len(every)).format(e=product.label, n=product.noun)
        )
        ident = f"{SUITE}-structured-intent-{number:04}"
        yield Item(
            id=ident, suite=SUITE, track="structured", cluster=ident, choices=every,
            question=texts["intent"]["wrap"].format(m=message), references=(label,), trap="intent",
            gold=(Slot(name="intent", kind="label", value=label),),
        )  # fmt: skip


def extractions(source: Source) -> Iterator[Item]:
    """Return forms to be filled in as JSON from a customer's note."""
    for number in range(source.world.size.extractions):
        ident = f"{SUITE}-structured-json-{number:04}"
        text, form = return_note(source.stream(ident), source.world.products, train=False)
        yield Item(
            id=ident,
            suite=SUITE,
            track="structured",
            cluster=ident,
            question=text,
            references=(form,),
            trap="json",
            gold=(Slot(name="form", kind="json", value=form),),
            json_schema=RETURN_FORM,
        )


def return_note(stream: Stream, products: list[Entity], *, train: bool) -> tuple[str, str]:
    """A request to fill in the return form, and the form as JSON with sorted keys."""
    texts = table("questions")
    part = texts["train"] if train else texts
    product, reason = stream.pick(products), stream.pick(REASONS)
    order, quantity = f"O-{stream.between(10000, 99999)}", stream.between(2, 9)
    name = f"{product.name} {product.noun}"
    note = stream.pick(part["json"]["notes"]).format(
        o=order, q=quantity, n=name, r=stream.pick(part["reasons"][reason])
    )
    form = {"order": order, "product": name, "quantity": quantity, "reason": reason}
    return part["json"]["wrap"].format(m=sentence(note)), json.dumps(form)


def _items(source: Source, track: str, known: Known, form: int, **more: Any) -> Iterator[Item]:
    """One fact in each of its phrasings, beginning with number ``form``; together they are one
    cluster.
    """
    entity, fact = known
    cluster = f"{SUITE}-{track}-{fact.id}"
    for turn in range(source.world.size.paraphrases):
        text = question(entity, fact.attribute, form + turn)
        yield source.item(
            numbered(cluster, turn),
            entity,
            fact,
            text,
            suite=SUITE,
            track=track,
            cluster=cluster,
            **more,
        )
