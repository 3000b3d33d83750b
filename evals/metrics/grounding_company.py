"""Answers of generated companies, right and with one value swapped, for fitting `groundedness` besides people's sets.

No person labelled them; the generator knows what is right. They teach two things that people's sets do not: a brand's
greeting takes nothing away from a right answer (BEGIN's readers call small talk unsupported), and one wrong value in a
short answer makes it wrong. The contexts of an answer are its gold documents, filled up with others to `CONTEXTS` in
random order, so a swapped value may well stand in one of them. Every right answer is followed by its swapped twin.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from evals.interfaces import Pack
from evals.metrics.labelled import Judged
from evals.paths import cache_dir
from evals.registry import PACK_READERS, PACKS
from evals.schema import Item

SEEDS: Final = (9001, 9002, 9003, 9004, 9005)
"""The companies; none is one that systems are compared on."""

QUESTIONS: Final = 300
"""Questions of each company."""

CONTEXTS: Final = 3

FORMS: Final = ("neutral", "voiced", "bare")
"""A sentence, the same in the brand's voice, the value alone."""


def companies() -> Iterator[Judged]:
    """The answers of all companies, which are generated into the cache at first use."""
    for seed in SEEDS:
        yield from answers(PACK_READERS.get("folder")(PACKS.get("default")(cache_dir(), seed)), seed)


def answers(pack: Pack, seed: int) -> Iterator[Judged]:
    """A right and a swapped answer, in one of `FORMS`, to each of `QUESTIONS` questions with one gold value."""
    drawn = random.Random(seed)
    documents = {document.id: document for document in pack.documents()}
    public = [document.text for document in documents.values() if document.user is None]
    items = [item for item in pack.items() if _usable(item)]
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        values[item.gold[0].name, item.gold[0].kind].add(item.gold[0].value)
    for item in drawn.sample(items, min(QUESTIONS, len(items))):
        gold, form = item.gold[0], drawn.choice(FORMS)
        right = {"neutral": item.references[0], "voiced": item.references[-1], "bare": gold.value}[form]
        others = sorted(values[gold.name, gold.kind] - {gold.value})
        pieces = re.split(rf"(?<!\w){re.escape(gold.value)}(?!\w)", right)
        if len(pieces) != 2 or not others:
            continue
        shown = [documents[name].text for name in item.documents]
        shown += drawn.sample(public, max(0, CONTEXTS - len(shown)))
        drawn.shuffle(shown)
        for text, label in ((right, 1.0), (drawn.choice(others).join(pieces), 0.0)):
            yield Judged(f"company_{form}", str(seed), item.question, text, label, tuple(shown), system=form)


def _usable(item: Item) -> bool:
    return bool(item.documents and item.references) and len(item.gold) == 1 and not item.choices
