"""The company's things and people with their facts at two moments, each drawn from a stream of its
own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from evals.core.schema import Fact
from suites.world.attributes import Attribute, attributes, shifted, surface
from suites.world.stream import Stream

CHANGED_SHARE: Final = 0.3
POPULAR: Final = ((20, 0.055), (5, 0.19))
"""How many documents state a stable fact, and for which share of the facts; the rest are stated
once.
"""
MENTIONED: Final = ("product", "store", "person")
BYGONE: Final = 900
"""Days by which the last day of an archived campaign lies earlier than that of a running one."""


@dataclass(frozen=True)
class Entity:
    """One product, store, person, policy, campaign, release, ticket, order, repair or profile.

    ``kind`` names its table of attributes. ``label`` stands in sentences (``the Brimdal store``);
    ``noun`` is its common noun (``store``; for a policy, what its exception is about). ``archived``
    things belong to the past: their facts no longer change, and only training asks about them.
    ``links`` maps an attribute to the entity it names.
    """

    kind: str
    id: str
    name: str
    label: str
    noun: str
    facts: Mapping[str, Fact]
    archived: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    user: str | None = None

    @property
    def spec(self) -> Mapping[str, Attribute]:
        return attributes(self.kind)

    def stable(self) -> list[Fact]:
        """Facts that are the same at both moments, by nature of the attribute."""
        return [fact for name, fact in self.facts.items() if not self.spec[name].volatile]

    def volatile(self) -> list[Fact]:
        """Facts whose attribute may change (for archived things they no longer do)."""
        return [fact for name, fact in self.facts.items() if self.spec[name].volatile]

    def missing(self) -> list[Attribute]:
        """Attributes of its kind that are documented nowhere for this entity."""
        return [a for name, a in self.spec.items() if name not in self.facts]

    def changed(self) -> bool:
        return any(fact.before is not None for fact in self.facts.values())


@dataclass(frozen=True)
class Maker:
    """Draws entities of one seed. ``linked`` finds the (id, name) that a linking attribute points
    to.
    """

    seed: int
    linked: Callable[[str, Stream], tuple[str, str]]

    def entity(
        self,
        kind: str,
        ident: str,
        name: str,
        label: str,
        noun: str,
        *,
        archived: bool = False,
        group: str = "",
        user: str | None = None,
        only: tuple[str, ...] | None = None,
    ) -> Entity:
        """One entity with all its facts; ``only`` names the attributes it has, else each is drawn
        by its odds.
        """
        facts: dict[str, Fact] = {}
        links: dict[str, str] = {}
        for spec in attributes(kind).values():
            stream = Stream(self.seed, "fact", ident, spec.name)
            has = stream.chance(spec.odds)
            if (spec.name not in only) if only is not None else not has:
                continue
            if spec.link:
                links[spec.name], value = self.linked(spec.link, stream)
            else:
                value = spec.draw(stream)
                if archived and (spec.source or {}).get("gen") == "future":
                    value = shifted(value, -BYGONE)
            facts[spec.name] = self._fact(
                ident, label, spec, value, archived, user, only is not None
            )
        return Entity(kind, ident, name, label, noun, facts, archived, links, group, user)

    def _fact(
        self,
        ident: str,
        label: str,
        spec: Attribute,
        value: str,
        archived: bool,
        user: str | None,
        plain: bool,
    ) -> Fact:
        stream = Stream(self.seed, "life", ident, spec.name)
        volatile = spec.volatile and not archived
        before = None
        if volatile and stream.chance(CHANGED_SHARE):
            before = value
            while before == value:
                before = spec.draw(stream)
        popularity = 1
        if spec.owner in MENTIONED and not (spec.volatile or spec.premise or archived or plain):
            popularity = _popularity(stream)
        return Fact(
            id=f"{ident}.{spec.name}",
            entity=label,
            attribute=spec.name,
            kind=spec.kind,
            value=value,
            before=before,
            volatile=volatile,
            popularity=popularity,
            user=user,
        )


def _popularity(stream: Stream) -> int:
    for count, share in POPULAR:
        if stream.chance(share):
            return count
    return 1


def value_at(fact: Fact, moment: str) -> str:
    """The canonical value at ``t0`` or ``t1``."""
    return fact.before if moment == "t0" and fact.before is not None else fact.value


def stated(entity: Entity, fact: Fact, moment: str = "t1", form: int = 0) -> str:
    """A clause that states the fact: lower-case start unless it begins with a name, no full
    stop.
    """
    spec = entity.spec[fact.attribute]
    template = spec.says[form % len(spec.says)]
    return template.format(
        e=entity.label, v=surface(fact.kind, value_at(fact, moment)), n=entity.noun
    )


def asked(entity: Entity, attribute: str, split: str, form: int) -> str:
    """A question for the attribute in the ``train`` or ``test`` phrasing number ``form``."""
    spec = entity.spec[attribute]
    forms = spec.train if split == "train" else spec.test
    return sentence(forms[form % len(forms)].format(e=entity.label, n=entity.noun))


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]
