"""Few-shot examples: chosen from the pack's training examples by hash, so that they are the same
ones every time.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from evals.core.interfaces import Pack
from evals.core.schema import Example, Message, Passage
from systems.examples import answer_of, kind_of, request_of
from systems.retrieval.chunks import headed

if TYPE_CHECKING:
    from systems.prompts import Prompter

MAX_SHOWN = 900
"""Longest document text shown in a few-shot example, characters."""


def few_shot(prompter: Prompter, count: int) -> dict[str, tuple[Message, ...]]:
    """Turns of ``count`` worked examples for each kind of request; of plain answers the first is an
    abstention.

    With passages, an example shows a gold document, and an abstention shows the document of another
    example.
    """
    chosen = {
        kind: picked
        for kind in ("answer", "label", "json")
        if (picked := _choose(prompter, kind, count))
    }
    shown = _passages(prompter.pack, chosen) if prompter.grounded else {}
    return {
        kind: tuple(
            m for example in examples for m in _turns(prompter, example, shown.get(example.id))
        )
        for kind, examples in chosen.items()
    }


def _choose(prompter: Prompter, kind: str, count: int) -> list[Example]:
    fact = "oracle_present" if prompter.grounded else "closed_book"

    def pick(number: int, fits: Callable[[Example], bool]) -> list[Example]:
        return by_hash(
            number, (e for e in prompter.pack.examples() if kind_of(e) == kind and fits(e))
        )

    if kind != "answer":
        return pick(count, lambda e: True)
    unknown = (
        pick(1, lambda e: e.stratum == "oracle_absent_abstain" and e.user is None)
        if count > 1
        else []
    )
    return unknown + pick(count - len(unknown), lambda e: e.stratum == fact and e.user is None)


def by_hash(number: int, examples: Iterable[Example]) -> list[Example]:
    """So many of the examples, the same ones every time."""
    return heapq.nsmallest(number, examples, key=lambda e: hashlib.sha256(e.id.encode()).digest())


def _passages(pack: Pack, chosen: dict[str, list[Example]]) -> dict[str, list[Passage]]:
    examples = [e for picked in chosen.values() for e in picked]
    own = {e.id: e.documents[:1] for e in examples if e.stratum != "oracle_absent_abstain"}
    voice_pack = next((d for e in chosen.get("answer", ()) if e.id in own for d in own[e.id]), None)
    wanted = {
        e.id: own.get(e.id, (voice_pack,) if voice_pack else ())
        for e in examples
        if kind_of(e) == "answer"
    }
    needed = {d for ids in wanted.values() for d in ids}
    texts = {
        d.id: headed(d, d.text[:MAX_SHOWN])
        for d in pack.documents("t0")
        if d.id in needed and d.user is None
    }
    return {
        e: [Passage(d, d, 0.0, texts[d]) for d in ids if d in texts] for e, ids in wanted.items()
    }


def _turns(
    prompter: Prompter, example: Example, passages: list[Passage] | None
) -> tuple[Message, Message]:
    turn = prompter.turn(request_of(example), passages)
    return Message("user", turn), Message("assistant", answer_of(example))
