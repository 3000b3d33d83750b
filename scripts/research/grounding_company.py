"""Answers of generated companies, right and with one thing changed, for fitting `groundedness`
besides people's sets.

No person labelled them; the generator knows what is right. They teach two things that people's sets
do not: a brand's greeting takes nothing away from a right answer (BEGIN's readers call small talk
unsupported), and one wrong value in a answer makes it wrong, however much of it is copied. The
contexts of an answer are its gold documents, filled up with others to `CONTEXTS` in random order.
Every right answer is followed by its wrong twin: another value of the same slot, in half of the
sentences one that stands in the contexts where there is one, or, of a sentence in `NEGATED` of the
cases, the opposite.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from evals.core.interfaces import Pack
from evals.core.paths import cache_dir
from evals.core.registry import PACK_READERS, PACKS
from evals.core.schema import Item
from evals.text.words import clean, sentences
from scripts.research.labelled import Judged

SEEDS: Final = (9001, 9002, 9003, 9004, 9005)
"""The companies; none is one that systems are compared on."""

QUESTIONS: Final = 300
"""Questions of each company."""

CONTEXTS: Final = 3

FORMS: Final = ("neutral", "voiced", "bare", "quoted")
"""A sentence, the same in the brand's voice, the value alone, the document's own sentence."""

NEGATED: Final = 0.2

_VERB = re.compile(
    r"\b(?:is|are|was|were|can|may|must|will|should|does|do|has|have)\b(?!\s+(?:not|n't|no)\b)"
)


def companies() -> Iterator[Judged]:
    """The answers of all companies, which are generated into the cache at first use."""
    for seed in SEEDS:
        yield from answers(
            PACK_READERS.get("folder")(PACKS.get("default")(cache_dir(), seed)), seed
        )


def answers(pack: Pack, seed: int) -> Iterator[Judged]:
    """A right and a swapped answer, in one of `FORMS`, to each of `QUESTIONS` questions with one
    gold value.
    """
    drawn = random.Random(seed)
    documents = {document.id: document for document in pack.documents()}
    public = [document.text for document in documents.values() if document.user is None]
    items = [item for item in pack.items() if _usable(item)]
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in items:
        values[item.gold[0].name, item.gold[0].kind].add(item.gold[0].value)
    for item in drawn.sample(items, min(QUESTIONS, len(items))):
        gold, form = item.gold[0], drawn.choice(FORMS)
        shown = [documents[name].text for name in item.documents]
        right = _right(item, form, shown)
        others = sorted(values[gold.name, gold.kind] - {gold.value})
        shown += drawn.sample(public, max(0, CONTEXTS - len(shown)))
        drawn.shuffle(shown)
        wrong = _wrong(right, form, gold.value, others, "\n".join(shown), drawn)
        if wrong is None:
            continue
        for text, label in ((right, 1.0), (wrong, 0.0)):
            yield Judged(
                f"company_{form}", str(seed), item.question, text, label, tuple(shown), system=form
            )


def _right(item: Item, form: str, shown: list[str]) -> str:
    """The right answer; the empty one where no document has the value in a sentence of its own
    words.
    """
    value = item.gold[0].value
    if form == "quoted":
        found = (
            clean(s)
            for text in shown
            for s in text.splitlines()
            if value in s and len(s.split()) > 5
        )
        return next((s for sentence in found for s in sentences(sentence) if value in s), "")
    return {"neutral": item.references[0], "voiced": item.references[-1], "bare": value}[form]


def _wrong(
    right: str, form: str, value: str, others: list[str], context: str, drawn: random.Random
) -> str | None:
    """The wrong twin, or None where the value does not stand in the answer exactly once or there is
    no other.
    """
    pieces = re.split(rf"(?<!\w){re.escape(value)}(?!\w)", right)
    if len(pieces) != 2 or not others:
        return None
    verb = _VERB.search(right)
    if form != "bare" and verb and drawn.random() < NEGATED:
        return f"{right[: verb.end()]} not{right[verb.end() :]}"
    near = [other for other in others if other in context and form != "bare"]
    return drawn.choice(near if near and drawn.random() < 0.5 else others).join(pieces)


def _usable(item: Item) -> bool:
    return bool(item.documents and item.references) and len(item.gold) == 1 and not item.choices
