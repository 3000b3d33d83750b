"""Texts in three voices about the same and about other things, small enough to fit in a moment."""

from __future__ import annotations

from evals.text.corpus import Sample
from tests.evals.metrics.build import FACTS, NOUNS

MATTERS = [f"the {noun} {fact}" for noun in NOUNS for fact in FACTS]


def warm(matter: str, number: int) -> str:
    return (f"Hi friend! So, {matter}! Enjoy!", f"You'll love this, we've checked: {matter}!")[
        number % 2
    ]


def stiff(matter: str, number: int) -> str:
    return (f"Kindly be advised that {matter}.", f"We beg to inform you that {matter}.")[number % 2]


def plain(matter: str, number: int) -> str:
    return (f"{matter.capitalize()}.", f"It is known that {matter} now.")[number % 2]


def texts(speak: object, matters: list[str] = MATTERS) -> list[Sample]:
    assert callable(speak)
    return [Sample(speak(matter, n)) for n, matter in enumerate(matters)]
