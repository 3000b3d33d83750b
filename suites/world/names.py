"""Invented names: spelt from syllables, so that no model has read about what bears them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from suites.world.stream import Stream

_ONSETS: Final = [
    "b",
    "br",
    "c",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gl",
    "h",
    "j",
    "k",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "r",
    "s",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "y",
    "z",
]
_MIDDLES: Final = [
    "b",
    "d",
    "f",
    "g",
    "k",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "t",
    "v",
    "z",
    "ld",
    "lm",
    "lv",
    "nd",
    "nt",
    "rb",
    "rd",
    "rn",
    "rv",
    "st",
]
_VOWELS: Final = ["a", "e", "i", "o", "u"]
_CODAS: Final = ["", "", "l", "m", "n", "r", "s", "x", "th", "nd", "k", "ra", "lo", "mi"]
_FIRST_ENDS: Final = ["a", "o", "ia", "en", "us", "el", "in", "is", "ara", "eth", "or", "an", "ine", "ik"]
_LAST_ENDS: Final = [
    "ane",
    "orth",
    "ister",
    "oven",
    "ulm",
    "aric",
    "ensk",
    "ovia",
    "ettle",
    "arden",
    "owski",
    "elin",
    "umber",
    "ashe",
]
_TOWN_ENDS: Final = ["mark", "dal", "wick", "ford", "haven", "moor", "stead", "borne", "mere", "ness", "combe", "field"]
_STREET_ENDS: Final = ["Lane", "Street", "Row", "Square", "Avenue", "Quay", "Hill", "Yard"]
_APART: Final = 500
"""As long as fewer names are taken, no two begin with the same three letters."""

VARIANTS: Final = ("Mini", "Maxi", "Pro", "Air", "Duo", "Plus", "Neo", "Eco", "Lux", "Zen", "Gala", "Prime")


def _stem(stream: Stream, syllables: int) -> str:
    parts = [stream.pick(_ONSETS), stream.pick(_VOWELS)]
    for _ in range(syllables - 1):
        parts += [stream.pick(_MIDDLES), stream.pick(_VOWELS)]
    return "".join(parts) + stream.pick(_CODAS)


def product(stream: Stream) -> str:
    """A product name such as ``Trovex``."""
    return _stem(stream, 2).capitalize()


def person(stream: Stream) -> str:
    """First and last name such as ``Quina Brelorth``."""
    first = _given(stream, _FIRST_ENDS)
    last = _given(stream, _LAST_ENDS)
    return f"{first} {last}"


def _given(stream: Stream, ends: list[str]) -> str:
    return (stream.pick(_ONSETS) + stream.pick(_VOWELS) + stream.pick("lmnrstvd") + stream.pick(ends)).capitalize()


def town(stream: Stream) -> str:
    """A town name such as ``Stelmere``."""
    return (_stem(stream, stream.between(1, 2)) + stream.pick(_TOWN_ENDS)).capitalize()


def street(stream: Stream) -> str:
    """A street name such as ``Plonda Lane``."""
    return f"{_stem(stream, 2).capitalize()} {stream.pick(_STREET_ENDS)}"


def campaign(stream: Stream) -> str:
    """A campaign name such as ``Glovar Days``."""
    return f"{_stem(stream, 2).capitalize()} {stream.pick(['Days', 'Weeks', 'Fair', 'Bonus', 'Festival', 'Sale'])}"


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
