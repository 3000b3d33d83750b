"""Four ways to say the same: the default brand, two decoy brands and neutral prose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from evals.core.schema import VoiceSample
from suites.world.attributes import surface
from suites.world.entities import Entity, sentence, stated, value_at
from suites.world.stream import Stream
from suites.world.tables import table
from suites.world.world import World

BRAND: Final = "fernbank"
VOICES: Final = ("fernbank", "axiom", "ashgrove", "neutral")
HELD_OUT: Final = 0.3


def speak(voice: str, clause: str, stream: Stream) -> str:
    """The clause as one or more sentences in the voice; which shape is the stream's choice."""
    texts = table("voices")[voice]
    shape = stream.pick(texts["whole"])
    opening = stream.chance(texts["open_odds"])
    closing = stream.chance(texts["close_odds"] / (3 if opening else 1))
    if voice != "neutral" and not opening and shape in ("{C}.", "{C}!"):
        closing = True
    first = stream.pick(texts["open"]) if opening else ""
    body = shape.format(c=clause, C=sentence(clause))
    if first.endswith((",", ":")):
        body = body[0].lower() + body[1:]
    last = stream.pick(texts["close"]) if closing else ""
    return " ".join(part for part in (first, body, last) if part)


def decline(voice: str, kind: Literal["abstain", "refuse"], stream: Stream) -> str:
    """A sentence that says the answer is not known, or that the wish cannot be granted, in the
    voice.
    """
    choice: str = stream.pick(table("voices")[voice][kind])
    return choice


def samples(world: World) -> Iterator[VoiceSample]:
    """Content-parallel texts: every content in all four voices, split by content into fit and held
    out.

    Their facts belong to things of the past, which no test item asks about; every sixth content is
    an abstention or a refusal, where only the voice is left.
    """
    facts = [(e, f) for e in _past(world) for f in e.facts.values()]
    order = Stream(world.seed, "voices").sample(facts, world.size.voices)
    for number, (entity, fact) in enumerate(order):
        kind: Literal["abstain", "refuse", "state"] = (
            "state" if number % 6 != 5 else "abstain" if number % 12 == 5 else "refuse"
        )
        content = f"content-{number:04}"
        split: Literal["fit", "held_out"] = (
            "held_out" if Stream(world.seed, "held out", content).chance(HELD_OUT) else "fit"
        )
        clause = stated(entity, fact, form=number)
        masked = (
            _masked(entity, clause, surface(fact.kind, value_at(fact, "t0")))
            if kind == "state"
            else ()
        )
        for voice in VOICES:
            stream = Stream(world.seed, content, voice)
            text = speak(voice, clause, stream) if kind == "state" else decline(voice, kind, stream)
            yield VoiceSample(f"{content}-{voice}", content, voice, text, split, masked)


def _past(world: World) -> list[Entity]:
    private = [e for c in world.customers if c.old for e in (c.profile, *c.records)]
    return [
        *world.old_products,
        *world.old_stores,
        *world.old_people,
        *world.old_campaigns,
        *private,
    ]


def _masked(entity: Entity, clause: str, value: str) -> tuple[str, ...]:
    """What the clause is about, longest first: the entity's label, name and noun, and the value."""
    words = {entity.label, entity.name, entity.noun, value, *entity.name.split()}
    return tuple(sorted((w for w in words if w in clause), key=lambda w: (-len(w), w)))
