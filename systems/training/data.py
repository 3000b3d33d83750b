"""Training data as the model will see it: each example rendered through the functions that render
requests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evals.core.identity import digest
from evals.core.interfaces import Pack
from evals.core.schema import Example, Fact, Message, Passage
from systems.examples import answer_of, kind_of, request_of
from systems.prompts import Prompter
from systems.retrieval.chunks import Chunk, cut, headed
from systems.retrieval.sparse import Sparse
from systems.training.aging import aged
from systems.training.recipe import Contexts, Recipe

MOMENT = "t0"
"""Training data is drawn at this moment."""


@dataclass(frozen=True)
class Sample:
    """One training conversation and its target."""

    id: str
    task: str
    messages: tuple[Message, ...]
    answer: str


def render(recipe: Recipe, pack: Pack, seed: int) -> list[Sample]:
    """Every example that the recipe uses, rendered; the same ones for the same seed. Loads no
    model.
    """
    grounded = recipe.contexts is not None
    prompter = Prompter(recipe.prompt, pack, grounded=grounded)
    chosen = [e for e in _per_fact(pack.examples(), recipe.per_fact) if e.stratum in recipe.strata]
    shown: Mapping[str, Sequence[Passage]] = {}
    if recipe.contexts is not None:
        shown = Shelf(pack, recipe.contexts).contexts(chosen, seed)
    return [
        Sample(e.id, e.task, prompter.render(request_of(e, MOMENT), shown.get(e.id)), answer_of(e))
        for e in chosen
    ]


def data_digest(samples: Sequence[Sample]) -> str:
    """sha256 (hex) over everything that training sees."""
    return digest(
        [[s.id, s.task, [[m.role, m.content] for m in s.messages], s.answer] for s in samples]
    )


def _per_fact(examples: Iterator[Example], limit: int) -> Iterator[Example]:
    seen: dict[tuple[str, ...], int] = {}
    for example in examples:
        if limit and example.stratum == "closed_book" and example.facts:
            seen[example.facts] = seen.get(example.facts, 0) + 1
            if seen[example.facts] > limit:
                continue
        yield example


class Shelf:
    """The documents of t0 as passages, and what BM25 finds among them for a training question."""

    def __init__(self, pack: Pack, contexts: Contexts) -> None:
        self.contexts_settings = contexts
        self.documents = {d.id: d for d in pack.documents(MOMENT)}
        self.facts = {f.id: f for f in pack.facts()}
        chunks = list(cut(self.documents.values(), contexts.chunk))
        self.chunks = [c for c in chunks if c.user is None] + [
            c for c in chunks if c.user is not None
        ]
        self.public = sum(c.user is None for c in self.chunks)
        self.owned: dict[str, list[int]] = {}
        for row, chunk in enumerate(self.chunks[self.public :]):
            self.owned.setdefault(str(chunk.user), []).append(row)
        texts = [c.text for c in self.chunks]
        self.sparse, self.private = (
            Sparse.build(texts[: self.public]),
            Sparse.build(texts[self.public :]),
        )

    def contexts(self, examples: Sequence[Example], seed: int) -> dict[str, list[Passage]]:
        """Passages for each plain question, and for labels and forms whose stratum names a
        context.
        """
        plain = [e for e in examples if kind_of(e) == "answer" or e.stratum != "closed_book"]
        questions = [request_of(e).question for e in plain]
        ranked = self.sparse.search(questions, 30)
        found = {}
        for example, question, (rows, _) in zip(plain, questions, ranked, strict=True):
            own = np.array(self.owned.get(example.user or "", []), np.int64)
            mine = [int(r) + self.public for r in self.private.among(question, own)[0]]
            rng = random.Random(f"{seed}/{example.id}")
            found[example.id] = self._passages(example, mine, rows.tolist(), rng)
        return found

    def _passages(
        self, example: Example, own: list[int], public: list[int], rng: random.Random
    ) -> list[Passage]:
        settings = self.contexts_settings
        count = rng.randint(settings.least, settings.most)
        gold = (
            [c for c in self.chunks if c.document in example.documents] if example.documents else []
        )
        shown = gold[:count] if example.stratum == "oracle_present" else []
        hidden = set(example.documents) if example.stratum.startswith("oracle_") else set()
        room = count - len(shown)
        if shown and room and (old := self._aged(example, rng)) is not None:
            shown, room = [*shown, old], room - 1
        fill = [r for r in own[:1] + public + own[1:] if self.chunks[r].document not in hidden]
        passages = [_passage(c) for c in [*shown, *(self.chunks[r] for r in fill[:room])]]
        rng.shuffle(passages)
        return passages

    def _aged(self, example: Example, rng: random.Random) -> Chunk | None:
        """An older version of the example's gold document with another value of the same attribute
        in it.
        """
        fact = next((self.facts[f] for f in example.facts if f in self.facts), None)
        document = next((self.documents[d] for d in example.documents if d in self.documents), None)
        if fact is None or document is None or rng.random() >= self.contexts_settings.aged:
            return None
        older = aged(document, fact, self._others(fact), rng)
        return (
            None
            if older is None
            else Chunk(older.id, older.id, older.user, headed(older, older.text))
        )

    def _others(self, fact: Fact) -> list[str]:
        same = (
            f.value
            for f in self.facts.values()
            if f.attribute == fact.attribute and f.kind == fact.kind
        )
        return sorted(set(same) - {fact.value})


def _passage(chunk: Chunk) -> Passage:
    return Passage(chunk.id, chunk.document, 0.0, chunk.text)
