"""Structured answers: strict parsing, and how many of the gold's fields an answer has right."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from evals.core.json_schemas import BadSchema, problem
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.text.words import MAX_CHARS, fold

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL | re.IGNORECASE)


class Unparseable(ValueError):
    """The text is not one JSON value."""


def parse(text: str) -> Any:
    """The JSON value an answer consists of; one code fence around it is allowed, prose is not.
    Raises Unparseable.
    """
    fenced = _FENCE.match(text)
    try:
        return msgspec.json.decode(
            (fenced[1] if fenced else text).strip().encode("utf-8", "replace")
        )
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unparseable(str(error)) from error


def leaves(value: Any, path: str = "") -> list[tuple[str, str]]:
    """(path, canonical leaf) pairs. List order does not count; empty containers are leaves of their
    own.
    """
    if isinstance(value, dict) and value:
        return [
            leaf
            for key, inner in value.items()
            for leaf in leaves(inner, f"{path}.{fold(str(key))}")
        ]
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
    """F1 of the (path, value) pairs of two JSON texts, counted with multiplicity; 0 where the
    answer does not parse.

    Raises Unparseable where the gold itself does not parse: a broken pack must not pass as a wrong
    answer.
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


def score_schema_valid(answer: Answer) -> Score:
    """1 where valid; otherwise the first problem is in the detail. A schema that cannot be used, or
    takes too long on this answer, is no verdict.
    """
    schema = answer.item.json_schema
    if schema is None:
        return unscored("not_applicable")
    try:
        value = parse(answer.response.text[:MAX_CHARS])
    except Unparseable as error:
        return scored(0.0, problem=f"not JSON: {error}"[:200])
    try:
        found = problem(schema, value)
    except BadSchema as error:
        return unscored("invalid_metric", problem=str(error))
    return scored(found is None, **({} if found is None else {"problem": found[:200]}))


def schema_valid(context: MetricContext) -> Metric:
    """`schema_valid`: the answer is one JSON value that satisfies the item's schema.

    Strict: prose around the JSON is invalid, one code fence is tolerated. Checked by the jsonschema
    library (draft named by ``$schema``, else 2020-12) within the bounds of
    `evals.core.json_schemas`. ``not_applicable`` for items without a schema, ``invalid_metric`` for
    one whose schema cannot be used.
    """
    about = "one JSON value that satisfies the schema"
    return Metric("schema_valid", "higher", score_schema_valid, about)


def score_field_f1(answer: Answer) -> Score:
    """Mean F1 over the item's JSON slots."""
    golds = [slot.value for slot in answer.item.gold if slot.kind == "json"]
    if not golds:
        return unscored("not_applicable")
    text = answer.response.text[:MAX_CHARS]
    return scored(sum(fields_f1(gold, text) for gold in golds) / len(golds))


def field_f1(context: MetricContext) -> Metric:
    """`field_f1`: F1 of the (path, value) pairs of the extracted record against the gold record.

    Leaves are compared after folding of strings and with numbers by value; list order does not
    count. An answer that is not JSON scores 0. ``not_applicable`` for items without a JSON slot.
    """
    return Metric(
        "field_f1", "higher", score_field_f1, "F1 of extracted fields", needs=frozenset({"gold"})
    )
