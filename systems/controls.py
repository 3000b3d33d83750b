"""Systems that must lose, or win, in a known way. They keep the metrics honest."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from evals.core.errors import SystemFailure
from evals.core.identity import source_digest
from evals.core.interfaces import Mode, Setup
from evals.core.schema import (
    Example,
    Factors,
    Item,
    Passage,
    Request,
    Response,
    Role,
    Timings,
    Usage,
)
from systems.retrieval.retriever import HybridRetriever, RetrieverSettings
from systems.settings import Settings, as_table, parse

WINDOW = 256
UNKNOWN = "I don't know."
_WORD = re.compile(r"\w+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class ControlSettings(Settings, frozen=True):
    """Settings of a control without retrieval."""

    name: str = "control"
    text: str = UNKNOWN


class CopySettings(Settings, frozen=True):
    """Settings of `copy_top_passage`: how many passages are copied is the retriever's ``k``.

    ``greeting`` stands before the copy. ``sentence`` copies only the sentence that shares most
    words with the question.
    """

    name: str = "copy_top_passage"
    greeting: str = ""
    sentence: bool = False
    retriever: RetrieverSettings = RetrieverSettings(k=1, user_k=0)


def always_abstain(settings: Mapping[str, Any]) -> AlwaysAbstain:
    """Says that it does not know, whatever is asked: no fabrication, no right answer to what can be
    answered.
    """
    return AlwaysAbstain(parse(settings, ControlSettings, what="always_abstain"))


def copy_top_passage(settings: Mapping[str, Any]) -> CopyTopPassage:
    """Answers with the best retrieved passages, word for word: perfectly grounded, never brief,
    never in doubt.
    """
    return CopyTopPassage(parse(settings, CopySettings, what="copy_top_passage"))


def constant_decline(settings: Mapping[str, Any]) -> ConstantDecline:
    """Declines everything in the words of the pack's own training examples, and gives the commonest
    label where one is asked for: the majority class.
    """
    return ConstantDecline(parse(settings, ControlSettings, what="constant_decline"))


def oracle(settings: Mapping[str, Any]) -> Oracle:
    """Answers from the gold: the ceiling of every metric (privileged)."""
    return Oracle(parse(settings, ControlSettings, what="oracle"))


class _Control:
    """A system without a model: one text per request, timed."""

    privileged = False
    role: Role = "control"
    factors: Factors | None = None

    def __init__(self, name: str, settings: Mapping[str, Any]) -> None:
        self.name = name
        self._settings = settings

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {
            "kind": type(self).__name__,
            "settings": dict(self._settings),
            "code": source_digest(__name__),
        }

    def open(self, setup: Setup) -> None:
        """Nothing to load."""

    def close(self) -> None:
        """Nothing to free."""

    def _timed(self, request: Request, mode: Mode, text: Callable[[], str]) -> Response:
        began = time.perf_counter()
        words = text()
        spent = round(time.perf_counter() - began, 6)
        timings = Timings(measured=mode, prefill=spent, total=spent)
        return Response(
            item=request.id, text=words, usage=Usage(completion=len(words.split())), timings=timings
        )


class AlwaysAbstain(_Control):
    """Never answers. A request for a label or JSON gets the same words."""

    def __init__(self, settings: ControlSettings) -> None:
        super().__init__(settings.name, as_table(settings))
        self.text = settings.text

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for request in requests:
            yield self._timed(request, mode, lambda: self.text)


class ConstantDecline(AlwaysAbstain):
    """The commonest training answer of a kind: a decline, or a label."""

    def __init__(self, settings: ControlSettings) -> None:
        super().__init__(settings)
        self._labels: Counter[str] = Counter()

    def open(self, setup: Setup) -> None:
        """Counts the pack's training examples."""
        examples = list(setup.pack.examples())
        self._labels = Counter(e.messages[-1].content for e in examples if e.choices)
        self.text = _commonest(Counter(_declines(examples)), self.text)

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for request in requests:
            labels = Counter({c: self._labels[c] for c in request.choices})
            text = _commonest(labels, self.text)
            yield self._timed(request, mode, lambda text=text: text)  # type: ignore[misc]


def _commonest(counts: Counter[str], otherwise: str) -> str:
    """The commonest text, of equally common ones the first by alphabet."""
    return min(counts, key=lambda text: (-counts[text], text), default=otherwise)


def _declines(examples: Iterable[Example]) -> Iterator[str]:
    return (e.messages[-1].content for e in examples if e.stratum == "oracle_absent_abstain")


class CopyTopPassage(_Control):
    """The real retriever and no reader, or one that picks a sentence by the words it shares."""

    def __init__(self, settings: CopySettings) -> None:
        super().__init__(settings.name, as_table(settings))
        self.settings = settings
        self._retriever = HybridRetriever(settings.retriever)

    def identity(self, setup: Setup) -> Mapping[str, Any]:
        return {**super().identity(setup), "retriever": self._retriever.identity()}

    def open(self, setup: Setup) -> None:
        self._retriever.open(setup)

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        stream = iter(requests)
        while window := list(islice(stream, 1 if mode == "latency" else WINDOW)):
            began = time.perf_counter()
            found = self._retriever.search(window)
            texts = [self._copy(r, p) for r, p in zip(window, found, strict=True)]
            spent = round((time.perf_counter() - began) / len(window), 6)
            for request, passages, text in zip(window, found, texts, strict=True):
                yield Response(
                    item=request.id,
                    text=text,
                    passages=tuple(passages),
                    usage=Usage(completion=len(text.split())),
                    timings=Timings(measured=mode, retrieve=spent, total=spent),
                )

    def _copy(self, request: Request, passages: Sequence[Passage]) -> str:
        texts = [p.text for p in passages]
        if self.settings.sentence:
            texts = [_nearest(request.question, texts)]
        return "\n\n".join(t for t in (self.settings.greeting, *texts) if t)


def _nearest(question: str, texts: Sequence[str]) -> str:
    """The line or sentence that shares most words with the question; the first of equals."""
    asked = {word.lower() for word in _WORD.findall(question)}
    sentences = [s.strip() for text in texts for s in _SENTENCE.split(text) if s.strip()]
    return max(
        sentences, key=lambda s: len(asked & {w.lower() for w in _WORD.findall(s)}), default=""
    )


class Oracle(_Control):
    """Reads the gold. Abstains, in the brand's voice where an example shows how, on what cannot be
    answered.
    """

    privileged = True
    role: Role = "reference"

    def __init__(self, settings: ControlSettings) -> None:
        super().__init__(settings.name, as_table(settings))
        self._gold: Mapping[str, Item] = {}
        self._abstentions: list[str] = [settings.text]

    def open(self, setup: Setup) -> None:
        """Raises SystemFailure where it was given no gold."""
        if setup.gold is None:
            raise SystemFailure(
                "the oracle was given no gold", hint="run it with `adaptbench run oracle`"
            )
        self._gold = setup.gold
        reply = _declines(setup.pack.examples())
        self._abstentions = sorted(set(islice(reply, 200))) or self._abstentions

    def answer(self, requests: Iterable[Request], mode: Mode) -> Iterator[Response]:
        for request in requests:
            item = self._gold.get(request.id)
            if item is None:
                raise SystemFailure("the oracle has no gold for this item", found=request.id)
            yield self._timed(request, mode, lambda item=item: self._answer(item))  # type: ignore[misc]

    def _answer(self, item: Item) -> str:
        if not item.answerable:
            if item.references:
                return item.references[-1]
            return self._abstentions[
                hashlib.sha256(item.id.encode()).digest()[0] % len(self._abstentions)
            ]
        return gold_text(item)


def gold_text(item: Item) -> str:
    """The gold of an answerable item as an answer: JSON, label, a reference in voice, or the slot
    values.
    """
    if item.json_schema is not None:
        whole = next((slot.value for slot in item.gold if slot.kind == "json"), None)
        return (
            whole
            if whole is not None
            else json.dumps({slot.name: slot.value for slot in item.gold})
        )
    if item.choices:
        return next(
            (slot.value for slot in item.gold if slot.value in item.choices), item.choices[0]
        )
    if item.references:
        return item.references[-1]
    return ", ".join(slot.value for slot in item.gold) or UNKNOWN
