from __future__ import annotations

import pytest

from evals.text.mentions import mentions
from evals.text.numerals import ordinal, value_of

DAY = 86400.0


def seen(text: str) -> list[tuple[str, float, float, str]]:
    return [(m.value.kind, m.value.low, m.value.high, m.value.unit) for m in mentions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("15 days", [("duration", 15 * DAY, 15 * DAY, "s")]),
        ("a 30-day window", [("duration", 30 * DAY, 30 * DAY, "s")]),
        ("thirty (30) days", [("duration", 30 * DAY, 30 * DAY, "s")]),
        ("3-5 business days", [("duration", 3, 5, "business_day")]),
        ("between three and five days", [("duration", 3 * DAY, 5 * DAY, "s")]),
        ("1 hour 30 minutes", [("duration", 5400, 5400, "s")]),
        ("two years", [("duration", 24, 24, "month")]),
        ("$24.90", [("money", 24.9, 24.9, "USD")]),
        ("1.234,50 €", [("money", 1234.5, 1234.5, "EUR")]),
        ("EUR 12,50", [("money", 12.5, 12.5, "EUR")]),
        ("twenty-five dollars", [("money", 25, 25, "USD")]),
        ("$1.5k", [("money", 1500, 1500, "USD")]),
        ("99 cents", [("money", 0.99, 0.99, "")]),
        ("15 %", [("percent", 15, 15, "")]),
        ("fifteen percent", [("percent", 15, 15, "")]),
        ("9am-5:30pm", [("time", 540, 1050, "")]),
        ("open from 09:00 to 17:00", [("time", 540, 1020, "")]),
        ("at noon", [("time", 720, 720, "")]),
        ("2.5 kg", [("number", 2500, 2500, "g")]),
        ("250ml", [("number", 0.25, 0.25, "l")]),
        ("two dozen", [("number", 24, 24, "")]),
        ("two hundred and fifty", [("number", 250, 250, "")]),
        ("1,234 units", [("number", 1234, 1234, "")]),
        ("-5 °C", [("number", -5, -5, "c")]),
        ("no numbers here", []),
        ("one of a kind", []),
    ],
)
def test_quantities(text: str, expected: list[tuple[str, float, float, str]]) -> None:
    found = seen(text)
    assert [(k, u) for k, _, _, u in found] == [(k, u) for k, _, _, u in expected]
    assert [x for _, a, b, _ in found for x in (a, b)] == pytest.approx(
        [x for _, a, b, _ in expected for x in (a, b)]
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01", ((2026, 5, 1),)),
        ("5 May 2026", ((2026, 5, 5),)),
        ("the 21st of March", ((None, 3, 21),)),
        ("March 3rd, 2026", ((2026, 3, 3),)),
        ("in May 2026", ((2026, 5, None),)),
        ("05/06/2026", ((2026, 5, 6), (2026, 6, 5))),
        ("25/12/2026", ((2026, 12, 25),)),
        ("September the fifth", ((None, 9, 5),)),
    ],
)
def test_dates(text: str, expected: object) -> None:
    assert [m.value.dates for m in mentions(text)] == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order ORD-4411", "ORD4411"),
        ("#12345", "12345"),
        ("badge B1234.", "B1234"),
        ("call 555-0134", "5550134"),
    ],
)
def test_ids_are_no_numbers(text: str, expected: str) -> None:
    assert [(m.value.kind, m.value.text) for m in mentions(text)] == [("id", expected)]


def test_a_change_is_no_range() -> None:
    assert [k for k, *_ in seen("The window changed from 30 to 60 days")] == ["number", "duration"]
    assert seen("from 30 to 60 days") == [("duration", 30 * DAY, 60 * DAY, "s")]


def test_may_the_verb_is_no_month() -> None:
    assert seen("you may 5 times") == [("number", 5, 5, "")]


@pytest.mark.parametrize(
    ("text", "value"), [("five twenty", None), ("ninety-nine", 99), ("half a million", 5e5)]
)
def test_number_words(text: str, value: float | None) -> None:
    assert value_of(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("21st", 21), ("twenty-first", 21), ("third", 3), ("lamp", None)]
)
def test_ordinals(text: str, value: int | None) -> None:
    assert ordinal(text) == value
