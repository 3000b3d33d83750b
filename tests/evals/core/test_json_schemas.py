"""Schemas of strangers: nothing is fetched, nothing hangs, and what is wrong is said."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.core.json_schemas import BadSchema, check, problem

DOUBLING = {f"a{k}": {"allOf": [{"$ref": f"#/$defs/a{k + 1}"}] * 2} for k in range(30)}
DEEP: dict[str, Any] = {}
for _ in range(60):
    DEEP = {"not": DEEP}


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"$ref": "http://127.0.0.1:9/schema.json"}, "out of the schema"),
        ({"$ref": "https://example.org/x"}, "out of the schema"),
        ({"properties": {"a": {"$ref": "file:///etc/passwd"}}}, "out of the schema"),
        ({"$ref": "other.json#/a"}, "out of the schema"),
        ({"$ref": 7}, "out of the schema"),
        ({"$dynamicRef": "http://127.0.0.1:9/"}, "out of the schema"),
        ({"$ref": "#/nowhere"}, "nowhere"),
        ({"$ref": "#anchor"}, "nowhere"),
        ({"$ref": "#"}, "never end"),
        ({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
         "never end"),
        ({"$ref": "#/$defs/a0", "$defs": {**DOUBLING, "a30": {}}}, "references"),
        ({"type": "strnig"}, "type"),
        ({"type": 3}, "type"),
        ({"properties": []}, "properties"),
        ({"required": "name"}, "required"),
        ({"pattern": "("}, "pattern"),
        ({"minimum": "3"}, "minimum"),
        (DEEP, "deep"),
        ({"description": "x" * 70_000}, "longer"),
        ([], "object"),
        ("string", "object"),
        (None, "object"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_is_refused_at_once(schema: Any, found: str) -> None:
    began = time.monotonic()
    with pytest.raises(BadSchema, match=found):
        check(schema)
    assert time.monotonic() - began < 20  # a second on an idle machine


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(.*a){25}$", "^(a|aa)+$"])
def test_a_pattern_that_would_hang_is_bounded(pattern: str) -> None:
    """A verdict or a refusal, within the limit for one pattern."""
    text, began = "a" * 3000 + "!", time.monotonic()
    for schema, value in (
        ({"type": "string", "pattern": pattern}, text),
        ({"patternProperties": {pattern: {}}}, {text: 1}),
    ):
        check(schema)
        with suppress(BadSchema):
            problem(schema, value)
    assert time.monotonic() - began < 20


def test_many_items_are_compared_in_little_time() -> None:
    items = [{"k": n % 49_999} for n in range(50_000)]
    assert problem({"uniqueItems": True}, items) is not None
    assert problem({"uniqueItems": True}, [1, True, "1"]) is None
    assert problem({"uniqueItems": True}, [1, 1.0]) is not None


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab1", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=6,
)
_SCHEMAS: list[dict[str, Any]] = [
    {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
    {"pattern": "^a"},
    {"patternProperties": {"a": {"type": "integer"}}, "additionalProperties": False},
    {"uniqueItems": True, "items": {"$ref": "#/$defs/x"}, "$defs": {"x": {"minimum": 0}}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "items": {"type": "string"}},
    {"$schema": "http://json-schema.org/draft-04/schema#", "maximum": 2, "exclusiveMaximum": True},
    {"$defs": {"tree": {"properties": {"a": {"$ref": "#/$defs/tree"}}, "type": "object"}},
     "$ref": "#/$defs/tree"},
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_VALUES, st.sampled_from(_SCHEMAS))
def test_verdicts_are_those_of_the_library(value: Any, schema: dict[str, Any]) -> None:
    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    assert (problem(schema, value) is None) == kind(schema).is_valid(value)


def test_nothing_is_read_from_disk(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"const": 1}')
    for schema in (
        {"$ref": secret.as_uri()},
        {"$id": secret.as_uri(), "$ref": "#/nowhere"},
        {"$id": f"{tmp_path.as_uri()}/", "properties": {"a": {"$ref": "secret.json"}}},
    ):
        with pytest.raises(BadSchema):
            check(schema)
