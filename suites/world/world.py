"""The whole company of one seed and size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

from evals.core.schema import Fact, User
from suites.world import names
from suites.world.entities import Entity, Maker
from suites.world.size import Size
from suites.world.stream import Stream
from suites.world.tables import table

FAMILY_SIZES: Final = (2, 3, 4, 6, 9, 11)
"""Variants of one name per family; one is asked about, the others are distractors (1, 2, 3, 5, 8,
10).
"""


@dataclass(frozen=True)
class Customer:
    """A person who asks, their profile and their records; ``old`` ones appear in training only."""

    user: User
    profile: Entity
    records: tuple[Entity, ...]
    old: bool = False


class World:
    """Everything true about the company at t0 and t1. Attributes are built once and never
    change.
    """

    def __init__(self, seed: int = 0, size: Size | None = None) -> None:
        self.seed = seed
        self.size = size or Size()
        self._taken: dict[str, set[str]] = {}
        self._maker = Maker(seed, self._linked)
        self.company = self._names("company", names.product, 1)[0]
        self.app = self._names("app", names.product, 1)[0]

    def _names(self, kind: str, make: Callable[[Stream], str], count: int) -> list[str]:
        taken = self._taken.setdefault(kind.removeprefix("old "), set())
        return list(islice(names.unique(self.seed, kind, make, taken), count))

    def _linked(self, kind: str, stream: Stream) -> tuple[str, str]:
        target = stream.pick(self.people if kind == "person" else self.stores)
        return target.id, target.name

    @cached_property
    def stores(self) -> list[Entity]:
        return self._stores("store", self.size.stores, False)

    @cached_property
    def old_stores(self) -> list[Entity]:
        _ = self.stores
        return self._stores("old store", self.size.old_stores, True)

    def _stores(self, kind: str, count: int, archived: bool) -> list[Entity]:
        return [
            self._maker.entity(
                "store",
                _ident(kind, i),
                name,
                f"the {name} store",
                "store",
                archived=archived,
                group=name,
            )
            for i, name in enumerate(self._names(kind, names.town, count))
        ]

    @cached_property
    def people(self) -> list[Entity]:
        return self._people("person", self.size.people, False)

    @cached_property
    def old_people(self) -> list[Entity]:
        _ = self.people
        return self._people("old person", self.size.old_people, True)

    def _people(self, kind: str, count: int, archived: bool) -> list[Entity]:
        return [
            self._maker.entity(
                "person", _ident(kind, i), name, name, "colleague", archived=archived
            )
            for i, name in enumerate(self._names(kind, names.person, count))
        ]

    @cached_property
    def products(self) -> list[Entity]:
        return self._products("product", self.size.products, False)

    @cached_property
    def old_products(self) -> list[Entity]:
        _ = self.products
        return self._products("old product", self.size.old_products, True)

    def _products(self, kind: str, count: int, archived: bool) -> list[Entity]:
        found = []
        for i, name in enumerate(self._names(kind, names.product, count)):
            noun = Stream(self.seed, "noun", kind, i).pick(names.parts("nouns"))
            label = f"the {name} {noun}"
            found.append(
                self._maker.entity(
                    "product", _ident(kind, i), name, label, noun, archived=archived, group=noun
                )
            )
        return found

    @cached_property
    def variants(self) -> list[Entity]:
        """Families of look-alike products: the first of each family is asked about, its siblings
        distract.
        """
        _ = self.old_products
        found = []
        for f, name in enumerate(self._names("family", names.product, self.size.families)):
            noun = Stream(self.seed, "noun", "family", f).pick(names.parts("nouns"))
            for v, suffix in enumerate(
                names.parts("variants")[: FAMILY_SIZES[f % len(FAMILY_SIZES)]]
            ):
                found.append(
                    self._maker.entity(
                        "product",
                        f"variant-{f:04}-{v:02}",
                        f"{name} {suffix}",
                        f"the {name} {suffix} {noun}",
                        noun,
                        group=f"family-{f:04}",
                        only=("weight", "colour", "warranty", "charge_time"),
                    )
                )
        return found

    @cached_property
    def policies(self) -> list[Entity]:
        found = []
        kinds = list(table("names")["policies"].items())
        for i in range(self.size.policies):
            kind, exception = kinds[i % len(kinds)]
            region = (
                f" for {self.stores[(i // len(kinds)) % len(self.stores)].name}"
                if i >= len(kinds)
                else ""
            )
            name = f"{kind}{region}" if i < len(kinds) * len(self.stores) else f"{kind} no. {i}"
            found.append(
                self._maker.entity("policy", _ident("policy", i), name, f"the {name}", exception)
            )
        return found

    @cached_property
    def campaigns(self) -> list[Entity]:
        return self._campaigns("campaign", self.size.campaigns, False)

    @cached_property
    def old_campaigns(self) -> list[Entity]:
        _ = self.campaigns
        return self._campaigns("old campaign", self.size.old_campaigns, True)

    def _campaigns(self, kind: str, count: int, archived: bool) -> list[Entity]:
        return [
            self._maker.entity(
                "campaign",
                _ident(kind, i),
                name,
                f"the {name} campaign",
                "campaign",
                archived=archived,
            )
            for i, name in enumerate(self._names(kind, names.campaign, count))
        ]

    @cached_property
    def releases(self) -> list[Entity]:
        return [
            self._maker.entity(
                "release", _ident("release", i), name, f"the {name} release of the app", "release"
            )
            for i, name in enumerate(self._names("release", names.product, self.size.releases))
        ]

    @cached_property
    def tickets(self) -> list[Entity]:
        return self._tickets("ticket", self.size.tickets, False)

    @cached_property
    def old_tickets(self) -> list[Entity]:
        return self._tickets("old ticket", self.size.old_tickets, True)

    def _tickets(self, kind: str, count: int, archived: bool) -> list[Entity]:
        found = []
        for i in range(count):
            number = (
                10000 + (0 if archived else 40000) + 7 * i + Stream(self.seed, kind, i).below(7)
            )
            name = f"T-{number}"
            product = Stream(self.seed, kind, i, "product").pick(
                self.old_products if archived else self.products
            )
            made = self._maker.entity(
                "ticket", _ident(kind, i), name, f"ticket {name}", product.label, archived=archived
            )
            found.append(replace(made, links={"product": product.id}))
        return found

    @cached_property
    def customers(self) -> list[Customer]:
        """Those with 0, 5 and 50 records, then the old ones; every third shares the name of the one
        before.
        """
        size = self.size
        counts = (
            [0] * size.users_without + [5] * size.users_with_five + [50] * size.users_with_fifty
        )
        order = sorted(range(len(counts)), key=lambda i: Stream(self.seed, "mix", i).below(1 << 30))
        shuffled = [counts[i] for i in order]
        called = self._names("customer", names.person, len(counts) + size.old_users)
        found: list[Customer] = []
        for i, count in enumerate([*shuffled, *([4] * size.old_users)]):
            old = i >= len(counts)
            name = called[i - 1] if i % 3 == 2 and not old else called[i]
            found.append(self._customer(i, name, count, old))
        return found

    def _customer(self, index: int, name: str, count: int, old: bool) -> Customer:
        ident = f"user-{index:05}"
        user = User(ident, name)
        profile = self._maker.entity(
            "profile", f"{ident}-profile", name, "your account", "account", archived=old, user=ident
        )
        stream = Stream(self.seed, "records", ident)
        bought = stream.sample(self.old_products if old else self.products, (count + 1) // 2)
        mended = stream.sample(self.old_products if old else self.products, count // 2)
        records = [self._record("order", ident, i, p, old) for i, p in enumerate(bought)]
        records += [self._record("repair", ident, i, p, old) for i, p in enumerate(mended)]
        return Customer(user, profile, tuple(records), old)

    def _record(self, kind: str, user: str, index: int, product: Entity, old: bool) -> Entity:
        ident = f"{user}-{kind}-{index:02}"
        return self._maker.entity(
            kind,
            ident,
            product.name,
            f"the {product.name} {product.noun}",
            f"{product.name} {product.noun}",
            archived=old,
            group=product.id,
            user=user,
        )

    @cached_property
    def every_name(self) -> frozenset[str]:
        """Every name in use, so that an invented one can be told from a real one."""
        return (
            frozenset(e.name for e in self.public())
            | {c.user.name for c in self.customers}
            | self._values
        )

    @cached_property
    def _values(self) -> frozenset[str]:
        return frozenset(f.value for f in self.facts() if f.kind == "name") | frozenset(
            e.name.split()[0] for e in self.public()
        )

    def scaled(self, count: int) -> int:
        """A number of training examples at this size: as given at the default number of
        products.
        """
        return max(1, round(count * self.size.closed_book / Size.closed_book))

    @cached_property
    def by_id(self) -> dict[str, Entity]:
        return {entity.id: entity for entity in self.public()}

    def public(self) -> Iterator[Entity]:
        """Every entity that is not a customer's private record."""
        for group in (
            self.products,
            self.old_products,
            self.variants,
            self.stores,
            self.old_stores,
            self.people,
            self.old_people,
            self.policies,
            self.campaigns,
            self.old_campaigns,
            self.releases,
            self.tickets,
            self.old_tickets,
        ):
            yield from group

    def entities(self) -> Iterator[Entity]:
        """Every entity, private ones included."""
        yield from self.public()
        for customer in self.customers:
            yield customer.profile
            yield from customer.records

    def facts(self) -> Iterator[Fact]:
        """Every fact, in a fixed order."""
        for entity in self.entities():
            yield from entity.facts.values()


def _ident(kind: str, index: int) -> str:
    return f"{kind.replace(' ', '-')}-{index:04}"
