"""Structured answers: strict parsing, and how many of the gold's fields an answer has right."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from evals.metrics.text import fold

_FENCE = re.compile(r"\A\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*\Z", re.DOTALL | re.IGNORECASE)


class Unparseable(ValueError):
    """The text is not one JSON value."""


def parse(text: str) -> Any:
    """The JSON value an answer consists of; one code fence around it is allowed, prose is not. Raises Unparseable."""
    fenced = _FENCE.match(text)
    try:
        return msgspec.json.decode((fenced[1] if fenced else text).strip().encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unparseable(str(error)) from error


def leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    """(path, canonical leaf) pairs. List order does not count; empty containers are leaves of their own."""
    if isinstance(value, dict) and value:
        return [leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{fold(str(key))}")]
    if isinstance(value, list) and value:
        return [leaf for inner in value for leaf in leaves(inner, f"{path}[]")]
    return [(path, _leaf(value))]


def _leaf(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return f"{type(value).__name__}:{value}"
    if isinstance(value, int | float):
        return f"number:{float(value):.9g}"
    return f"str:{fold(value)}" if isinstance(value, str) else f"empty:{type(value).__name__}"


def fields_f1(gold: str, answer: str) -> float:
    """F1 of the (path, value) pairs of two JSON texts, counted with multiplicity; 0 where the answer does not parse.

    Raises Unparseable where the gold itself does not parse: a broken pack must not pass as a wrong answer.
    """
    wanted = leaves(parse(gold))
    try:
        given = leaves(parse(answer))
    except Unparseable:
        return 0.0
    rest, hits = list(given), 0
    for pair in wanted:
        if pair in rest:
            rest.remove(pair)
            hits += 1
    return 2 * hits / (len(wanted) + len(given))
