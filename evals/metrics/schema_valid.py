"""`schema_valid`: the answer is one JSON value that satisfies the item's schema.

Strict: prose around the JSON is invalid, one code fence is tolerated. Checked by the jsonschema library (draft named
by ``$schema``, else 2020-12). ``not_applicable`` for items without a schema.
"""

from __future__ import annotations

from typing import Any

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.records import Unparseable, parse
from evals.metrics.text import MAX_CHARS
from evals.schema import Item, Response, Score, scored, unscored


def score(item: Item, response: Response) -> Score:
    """1 where valid; otherwise the first problem is in the detail. A broken schema raises jsonschema's SchemaError."""
    if item.json_schema is None:
        return unscored("not_applicable")
    try:
        value = parse(response.text[:MAX_CHARS])
    except Unparseable as error:
        return scored(0.0, problem=f"not JSON: {error}"[:200])
    problem = _problem(item.json_schema, value)
    return scored(problem is None, **({} if problem is None else {"problem": problem[:200]}))


def _problem(schema: dict[str, Any], value: object) -> str | None:
    import jsonschema

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    error = jsonschema.exceptions.best_match(kind(schema).iter_errors(value))
    return None if error is None else f"{error.json_path}: {error.message}"


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("schema_valid", score, "one JSON value that satisfies the schema")
