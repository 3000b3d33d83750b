"""Invented names: spelt from syllables, so that no model has read about what bears them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from suites.world.stream import Stream
from suites.world.tables import table

_APART: Final = 500
"""As long as fewer names are taken, no two begin with the same three letters."""


def parts(kind: str) -> list[str]:
    """What names are spelt from, by kind: onsets, vowels, town_ends, variants, nouns, ..."""
    found: list[str] = table("names")["names"][kind]
    return found


def _stem(stream: Stream, syllables: int) -> str:
    spelt = stream.pick(parts("onsets")) + stream.pick(parts("vowels"))
    for _ in range(syllables - 1):
        spelt += stream.pick(parts("middles")) + stream.pick(parts("vowels"))
    return spelt + stream.pick(parts("codas"))


def product(stream: Stream) -> str:
    """A product name such as ``Trovex``."""
    return _stem(stream, 2).capitalize()


def person(stream: Stream) -> str:
    """First and last name such as ``Quina Brelorth``."""
    first = _given(stream, "first_ends")
    last = _given(stream, "last_ends")
    return f"{first} {last}"


def _given(stream: Stream, ends: str) -> str:
    return "".join(
        stream.pick(parts(kind)) for kind in ("onsets", "vowels", "joints", ends)
    ).capitalize()


def town(stream: Stream) -> str:
    """A town name such as ``Stelmere``."""
    return (_stem(stream, stream.between(1, 2)) + stream.pick(parts("town_ends"))).capitalize()


def street(stream: Stream) -> str:
    """A street name such as ``Plonda Lane``."""
    return f"{_stem(stream, 2).capitalize()} {stream.pick(parts('street_ends'))}"


def campaign(stream: Stream) -> str:
    """A campaign name such as ``Glovar Days``."""
    return f"{_stem(stream, 2).capitalize()} {stream.pick(parts('campaign_ends'))}"


def unique(seed: int, kind: str, make: Callable[[Stream], str], taken: set[str]) -> Iterator[str]:
    """Endless different names of one kind, of which the first few hundred also begin differently.

    Name ``i`` never depends on how many are asked for. ``taken`` is added to.
    """
    index = 0
    while True:
        stream = Stream(seed, "name", kind, index)
        while (name := make(stream)) in taken or name[:3] in taken:
            pass
        taken.add(name)
        if len(taken) < _APART:
            taken.add(name[:3])
        yield name
        index += 1
