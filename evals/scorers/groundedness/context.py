"""What is precomputed of the contexts of one answer, for `groundedness.features`: stems, n-grams,
sentences, typed values.

A context that is a JSON record is read as short statements, one a leaf, and its keys are split into
words (``OutdoorSeating: false`` is "outdoor seating no").
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from evals.scorers.groundedness.records import CAMEL
from evals.text.mentions import mentions
from evals.text.values import Value, same
from evals.text.words import clean, content_stems, spans, stems, words

MAX_CONTEXT: Final = 200_000
"""Characters of context read in all."""

HEAD: Final = 5
"""Letters that two words share when one counts as a form of the other."""

_CLOCK = re.compile(r"(?<![\d:])(\d{1,2}):(\d)(?!\d)")


@dataclass(frozen=True)
class Context:
    """What is precomputed of the contexts of one answer; ``held`` are the typed values of each
    sentence, ``written`` how each value stands there."""

    stems: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    trigrams: frozenset[tuple[str, ...]]
    sentences: tuple[frozenset[str], ...]
    held: tuple[tuple[Value, ...], ...]
    by_stem: dict[str, tuple[int, ...]]
    raw: tuple[frozenset[str], ...]
    weight: dict[str, float]
    written: dict[Value, str]
    numbers: frozenset[float]
    text: str
    denied: tuple[frozenset[str], ...]
    heads: frozenset[str]
    size: int


def record_text(value: Any, path: tuple[str, ...] = ()) -> list[str]:
    """A JSON value as statements ``key key: leaf``, one a leaf; true and false as yes and no."""
    if isinstance(value, dict):
        return [
            line
            for key, inner in value.items()
            for line in record_text(inner, (*path, CAMEL.sub(" ", str(key))))
        ]
    if isinstance(value, list):
        return [line for inner in value for line in record_text(inner, path)]
    leaf = (
        {True: "yes", False: "no", None: "not given"}.get(value, value)
        if not isinstance(value, str)
        else value
    )
    leaf = _CLOCK.sub(lambda m: f"{m[1]}:{m[2]}0", str(leaf)) if isinstance(value, str) else leaf
    return [f"{' '.join(path[-2:])}: {leaf}" if path else str(leaf)]


def readable(context: str) -> str:
    """A context as text: JSON objects become statements, all else stays."""
    if context.lstrip()[:1] in ("{", "["):
        try:
            return "\n".join(record_text(json.loads(context)))
        except (ValueError, RecursionError):
            return context
    return context


@lru_cache(maxsize=128)
def prepare(contexts: tuple[str, ...]) -> Context:
    """Read the contexts once for all answers about them."""
    text = "\n".join(readable(c) for c in contexts)[:MAX_CONTEXT]
    blocks = _blocks(text)
    parts = [p[a:b] for p in blocks for a, b in spans(p)]
    sentences = tuple(frozenset(content_stems(p)) for p in parts)
    tokens = [w for p in parts for w in content_stems(p)]
    every = [w for p in parts for w in stems(words(p))]
    by_stem: dict[str, list[int]] = {}
    for n, found in enumerate(sentences):
        for w in found:
            by_stem.setdefault(w, []).append(n)
    total = max(1, len(sentences))
    written = {m.value: p[m.start : m.end] for p in reversed(blocks) for m in reversed(mentions(p))}
    return Context(
        frozenset(tokens),
        frozenset(pairwise(tokens)),
        frozenset(zip(every, every[1:], every[2:], strict=False)),
        sentences,
        tuple(values for p in blocks for values in _held(p)),
        {w: tuple(ns) for w, ns in by_stem.items()},
        tuple(frozenset(words(p)) for p in parts),
        {w: math.log(1 + total / len(ns)) for w, ns in by_stem.items()},
        written,
        frozenset(round(v.raw, 6) for v in written),
        " " + " ".join(words(text[:MAX_CONTEXT])) + " " if len(text) <= 20_000 else _folded(text),
        tuple(
            s
            for s, p in zip(sentences, parts, strict=True)
            if p.endswith((": no", ": not given", ": none"))
        ),
        frozenset(w[:HEAD] for w in tokens),
        len(every),
    )


def _held(block: str) -> list[tuple[Value, ...]]:
    """The typed values of each sentence of a block."""
    found: list[list[Value]] = [[] for _ in spans(block)]
    ends = [end for _, end in spans(block)]
    for mention in mentions(block):
        found[min(bisect_right(ends, mention.start), len(ends) - 1)].append(mention.value)
    return [tuple(values) for values in found]


def restated(cleaned: str, context: Context) -> str:
    """A cleaned text in which each value that the contexts state in other words is written as they
    write it: ``thirty days`` is ``30 days``, ``two weeks`` may be ``14 days``."""
    pieces, at = [], 0
    for mention in mentions(cleaned):
        message, value = cleaned[mention.start : mention.end], mention.value
        if context.stems.issuperset(content_stems(message)):
            continue
        held = next((t for v, t in context.written.items() if _alike(value, v)), None)
        if held is not None:
            pieces += [cleaned[at : mention.start], held]
            at = mention.end
    return "".join([*pieces, cleaned[at:]])


def overlap(said: Sequence[str], context: Context) -> tuple[dict[str, float], dict[int, float]]:
    """The weight of each word, and for each context sentence with one of them the weight that it
    holds.
    """
    unseen = math.log(1 + max(1, len(context.sentences)))
    weights = {w: context.weight.get(w, unseen) for w in said}
    scores: dict[int, float] = {}
    for w, weight in weights.items():
        for n in context.by_stem.get(w, ()):
            scores[n] = scores.get(n, 0.0) + weight
    return weights, scores


def _alike(value: Value, held: Value) -> bool:
    return (value.kind, value.unit) == (held.kind, held.unit) and same(value, held)


def _blocks(text: str) -> list[str]:
    """Blocks short enough for the readers of single answers, cut at line ends where there are
    any.
    """
    cleaned: list[str] = []
    for line in text.split("\n"):
        cleaned += [clean(line[i : i + 15_000]) for i in range(0, len(line), 15_000)]
    return [c for c in cleaned if c]


def _folded(text: str) -> str:
    return " " + " ".join(w for p in _blocks(text) for w in words(p)) + " "
