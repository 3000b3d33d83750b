"""Records are frozen, strict, and never NaN."""

from __future__ import annotations

import msgspec
import pytest

from evals.core.schema import Item, Row, Score, Slot, encode, scored, unscored


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_score_is_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Score(value=value)


def test_a_score_is_a_value_or_a_reason() -> None:
    with pytest.raises(ValueError, match="either"):
        Score()
    with pytest.raises(ValueError, match="either"):
        Score(value=1.0, unscored="no_gold")
    assert scored(True).value == 1.0
    assert unscored("no_gold", why="x").detail == {"why": "x"}


def test_item_round_trip_is_exact() -> None:
    item = Item(
        "a", "s", "t", "q?", "c", gold=(Slot("price", "money", "EUR 5.00", stale=("EUR 4.00",)),)
    )
    assert msgspec.json.decode(encode(item), type=Item) == item


def test_records_are_frozen() -> None:
    with pytest.raises(AttributeError):
        scored(1).value = 2.0  # type: ignore[misc]


def test_row_writes_null_where_nothing_was_scored() -> None:
    row = Row("s", "u", "t", "m", None, None, None, 0, {"no_gold": 3}, "r")
    assert b'"value":null' in encode(row)
