from __future__ import annotations

import pytest

from evals.core.errors import UsageError
from systems.adapted import AdaptedSettings, build
from systems.settings import as_table, parse
from systems.training.recipe import Recipe


def test_unknown_key_suggests_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'retriever'"):
        parse({"retreiver": {}}, AdaptedSettings, what="system 'x'")


def test_unknown_key_in_a_nested_table_names_the_table() -> None:
    with pytest.raises(UsageError, match=r"unknown setting 'shot' in \[prompt\]"):
        build({"name": "x", "prompt": {"shot": 3}})


def test_unknown_key_in_an_optional_table() -> None:
    with pytest.raises(UsageError, match="did you mean 'k'"):
        build({"retriever": {"kk": 3}})


@pytest.mark.parametrize(
    "table",
    [
        {"retriever": {"k": "three"}},
        {"retriever": {"k": 0}},
        {"retriever": {"kind": "telepathy"}},
        {"prompt": {"shots": -1}},
        {"engine": {"dtype": "float7"}},
        {"engine": {"max_new_tokens": 0}},
        {"engine": {"kind": "fake", "options": {"dela": 1}}},
    ],
)
def test_wrong_values_are_usage_errors(table: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        build(table)


@pytest.mark.parametrize(
    ("table", "found", "expected"),
    [
        ({"retriever": {"kind": "elastic"}}, "elastic", "hybrid, bm25, dense, gold"),
        ({"prompt": {"style": "fancy"}}, "fancy", "full, minimal"),
        ({"engine": {"dtype": "float8"}}, "float8", "auto, float32, bfloat16, float16"),
        ({"retriever": {"k": "three"}}, "three", None),
    ],
)
def test_a_wrong_value_is_reported_with_the_valid_ones(
    table: dict[str, object], found: str, expected: str | None
) -> None:
    with pytest.raises(UsageError) as message:
        build(table)
    assert (message.value.found, message.value.expected) == (found, expected)


def test_a_wrong_value_in_a_list_too() -> None:
    with pytest.raises(UsageError) as message:
        parse({"strata": ["closed_book", "open_book"]}, Recipe, what="recipe")
    assert str(message.value.expected).startswith("closed_book, oracle_present")


def test_table_writes_every_default() -> None:
    table = as_table(AdaptedSettings())
    assert table["prompt"]["style"] == "full"
    assert table["retriever"] is None
