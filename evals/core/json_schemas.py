"""JSON Schemas that somebody else wrote: checked when a pack is opened, bounded when they are used.

Nothing is fetched: references stay within the schema. Patterns run with a time limit, and a
validation follows a bounded number of references, so that a schema of a kilobyte cannot take hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any, Final

import msgspec

MAX_BYTES: Final = 64 << 10
MAX_DEPTH: Final = 40
MAX_REFERENCES: Final = 10_000
"""References followed in one validation."""

SECONDS: Final = 0.1
"""Time for one pattern on one text."""

_REFERENCES: Final = ("$ref", "$dynamicRef", "$recursiveRef")
_left: Final[ContextVar[int]] = ContextVar("_left")


class BadSchema(ValueError):
    """What is wrong with a schema."""


def check(schema: object) -> None:
    """Raise BadSchema for a schema that is not valid, refers outside of itself or to nothing, never
    ends, or is too large.
    """
    try:
        encoded = msgspec.json.encode(schema)
    except (TypeError, ValueError, RecursionError) as error:
        raise BadSchema(f"not JSON: {error}") from error
    _checked(encoded)


def problem(schema: dict[str, Any], value: object) -> str | None:
    """The first thing about ``value`` that the schema forbids, None where there is none.

    Raises BadSchema where the schema cannot be used (`check`), or takes too long on this value.
    """
    check(schema)
    return _problem(schema, value)


@lru_cache(maxsize=4096)
def _checked(encoded: bytes) -> None:
    if len(encoded) > MAX_BYTES:
        raise BadSchema(f"longer than {MAX_BYTES} bytes")
    schema = msgspec.json.decode(encoded)
    if not isinstance(schema, dict):
        raise BadSchema("not a JSON object")
    for key, part in _parts(schema):
        if key in _REFERENCES and not (isinstance(part, str) and part.startswith("#")):
            raise BadSchema(f"{key} leads out of the schema: {str(part)[:80]}")
    import jsonschema

    try:
        _kind(schema).check_schema(schema)
    except jsonschema.SchemaError as error:
        raise BadSchema(f"{error.json_path}: {error.message}"[:300]) from error
    except Exception as error:
        raise BadSchema(f"{type(error).__name__}: {error}"[:300]) from error
    trivial: tuple[object, ...] = (None, "", 0, [], {})
    for value in trivial:
        _problem(schema, value)


def _parts(value: object, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Every key of a schema with its value."""
    if depth > MAX_DEPTH:
        raise BadSchema(f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for key, part in value.items():
            yield key, part
            yield from _parts(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _parts(part, depth + 1)


def _problem(schema: dict[str, Any], value: object) -> str | None:
    import jsonschema
    import referencing
    import referencing.exceptions
    import regex

    token = _left.set(MAX_REFERENCES)
    try:
        validator = _bounded(_kind(schema))(schema, registry=referencing.Registry())
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    except RecursionError as endless:
        raise BadSchema("its references never end") from endless
    except (TimeoutError, regex.error) as slow:
        raise BadSchema(f"a pattern cannot be used: {slow}"[:200]) from slow
    except (referencing.exceptions.Unresolvable, referencing.exceptions.NoSuchResource) as dead:
        raise BadSchema(f"a reference leads nowhere: {dead}"[:200]) from dead
    except jsonschema.exceptions._WrappedReferencingError as dead:
        raise BadSchema(f"a reference leads nowhere: {dead}"[:200]) from dead
    except (TypeError, ValueError, AttributeError, KeyError) as wrong:
        if isinstance(wrong, BadSchema):
            raise
        raise BadSchema(f"{type(wrong).__name__}: {wrong}"[:200]) from wrong
    finally:
        _left.reset(token)
    return None if error is None else f"{error.json_path}: {error.message}"


def _kind(schema: dict[str, Any]) -> Any:
    """The validator of the draft that ``$schema`` names, else of 2020-12."""
    import jsonschema

    named = schema.get("$schema", "")
    known = {"$schema": named} if isinstance(named, str) else {}
    return jsonschema.validators.validator_for(known, default=jsonschema.Draft202012Validator)


@cache
def _bounded(kind: Any) -> Any:
    """The validator with the keywords that can take long replaced by bounded ones."""
    import jsonschema

    follow = {name: kind.VALIDATORS[name] for name in _REFERENCES if name in kind.VALIDATORS}

    def counted(name: str) -> Any:
        def keyword(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
            _left.set(_left.get() - 1)
            if _left.get() < 0:
                raise BadSchema(f"follows more than {MAX_REFERENCES} references")
            yield from follow[name](validator, reference, instance, schema) or ()

        return keyword

    replaced = {name: counted(name) for name in follow}
    replaced |= {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique_items,
    }
    return jsonschema.validators.extend(kind, replaced)


def _matches(pattern: str, text: str) -> bool:
    import regex

    return regex.search(pattern, text, timeout=SECONDS) is not None


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    import jsonschema

    if isinstance(instance, str) and not _matches(pattern, instance):
        yield jsonschema.ValidationError(f"{instance[:100]!r} does not match {pattern[:100]!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, inner in patterns.items():
            for key, value in instance.items():
                if _matches(pattern, key):
                    yield from validator.descend(value, inner, path=key, schema_path=pattern)


def _unique_items(validator: Any, wanted: bool, instance: Any, schema: Any) -> Iterator[Any]:
    import jsonschema

    if wanted and isinstance(instance, list):
        seen = {msgspec.json.encode(_plain(item), order="sorted") for item in instance}
        if len(seen) < len(instance):
            yield jsonschema.ValidationError("has items that are not unique")


def _plain(value: Any) -> Any:
    """Whole numbers alike however they are written: 1 and 1.0 are the same in JSON Schema."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
