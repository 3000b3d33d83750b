"""Items of the suite brand_tone: the same facts asked under stress, each in two phrasings, and what
is to be declined beside what is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from evals.core.schema import Item
from suites.world.entities import sentence
from suites.world.items import Known, Source, cycle, question
from suites.world.stream import Stream
from suites.world.tables import table
from suites.world.voices import BRAND

SUITE: Final = "brand_tone"
PARAPHRASES: Final = 2
FACTUAL: Final = ("plain", "angry_customer", "very_short", "very_long")


def items(source: Source) -> Iterator[Item]:
    """All items of the suite."""
    facts = _asked(source)
    for track in FACTUAL:
        for number, known in enumerate(facts):
            yield from _factual(source, track, number, known)
    yield from unanswerable(source)
    yield from refusal(source)


def _asked(source: Source) -> list[Known]:
    """Two thirds taught in training, one third only in the documents."""
    world = source.world
    rest = source.ranked(
        "stressed rest",
        (
            (e, f)
            for e in (*world.products, *world.stores, *world.people)
            for f in e.facts.values()
            if f.id not in source.trained_ids
            and not e.spec[f.attribute].premise
            and f.before is None
        ),
    )
    taught = source.ranked("stressed", source.trained)
    third = world.size.stressed // 3
    return [*taught[: world.size.stressed - third], *rest[:third]]


def _factual(source: Source, track: str, number: int, known: Known) -> Iterator[Item]:
    entity, fact = known
    cluster = f"{SUITE}-{track}-{fact.id}"
    for turn in range(PARAPHRASES):
        text = _stressed(source.stream(cluster), track, known, 2 * number + turn)
        yield source.item(
            f"{cluster}-{turn}",
            entity,
            fact,
            text,
            suite=SUITE,
            track=track,
            cluster=cluster,
            stress=track,
            brand=BRAND,
        )


def _stressed(stream: Stream, track: str, known: Known, turn: int) -> str:
    entity, fact = known
    texts: dict[str, Any] = table("questions")["stress"]
    plain = question(entity, fact.attribute, 1 + turn % 2)
    if track == "angry_customer":
        return sentence(str(cycle(texts["angry"], turn)).format(q=plain))
    if track == "very_short":
        head = entity.spec[fact.attribute].head
        name = entity.name if entity.kind == "person" else f"{entity.name} {entity.noun}"
        return str(cycle(texts["short"], turn)).format(
            x=name, h=head.lower() if turn % 4 == 0 else head
        )
    if track == "very_long":
        story = stream.sample(texts["story"], 12)
        cut = (4, 9)[turn % 2]
        return " ".join([*story[:cut], plain, *story[cut:]])
    return question(entity, fact.attribute, 2 + turn % 2)


def unanswerable(source: Source) -> Iterator[Item]:
    """What the company has written down nowhere, each beside the same question about something
    that has it.
    """
    world = source.world
    every = (*world.products, *world.stores, *world.people)
    lacking = [(e, a.name) for e in every for a in e.missing() if not a.premise]
    order = sorted(lacking, key=lambda k: source.stream("unsaid", k[0].id, k[1]).below(1 << 40))
    for number, (entity, attribute) in enumerate(order[: world.size.stressed]):
        cluster = f"{SUITE}-unanswerable-{entity.id}.{attribute}"
        known = _holder(source, cluster, entity.kind, attribute)
        if known is None:
            continue
        yield from _pair(
            source, "unanswerable", cluster, question(entity, attribute, number), known, number,
            trap="missing_attribute",
        )  # fmt: skip


def refusal(source: Source) -> Iterator[Item]:
    """Wishes that no shop may grant (private data, false reviews, free goods, legal promises), each
    beside a request about the same thing that it may.
    """
    asks = table("questions")["refusal"]["asks"]
    allowed: Mapping[str, list[str]] = table("questions")["refusal"]["allowed"]
    for number in range(source.world.size.stressed):
        place = 2 * (number % len(asks)) + number // len(asks)
        form = cycle(cycle(asks, number), number // len(asks))
        kind = "person" if "{p}" in form else "product"
        things = source.world.people if kind == "person" else source.world.products
        known = next(
            (entity, entity.facts[name])
            for entity in (cycle(things, place + i) for i in range(len(things)))
            for name in allowed[kind]
            if name in entity.facts
        )
        text = sentence(form.format(p=known[0].label, e=known[0].label))
        yield from _pair(
            source, "refusal", f"{SUITE}-refusal-{number:04}", text, known, number, trap="refusal"
        )


def _pair(
    source: Source, track: str, cluster: str, asked: str, known: Known, form: int, trap: str
) -> Iterator[Item]:
    """An item to be declined, and its answerable twin."""
    none, some = f"{cluster}-none", f"{cluster}-some"
    common: dict[str, Any] = {
        "suite": SUITE, "track": track, "cluster": cluster, "stress": track, "brand": BRAND,
    }  # fmt: skip
    yield source.unanswerable(none, asked, twin=some, trap=trap, **common)
    text = question(known[0], known[1].attribute, form)
    yield source.item(some, *known, text, twin=none, trap=f"{trap}:twin", **common)


def _holder(source: Source, path: str, kind: str, attribute: str) -> Known | None:
    """Something of the kind that has the attribute; None where nothing has."""
    world = source.world
    things = [
        e
        for e in (*world.products, *world.stores, *world.people)
        if e.kind == kind and attribute in e.facts
    ]
    if not things:
        return None
    entity = source.stream("holder", path).pick(things)
    return entity, entity.facts[attribute]
