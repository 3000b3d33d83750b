"""Questions of a log: distinct, spread, the same everywhere, and nobody's."""

from __future__ import annotations

from collections import Counter

import pytest

from evals.core.schema import Message
from evals.core.traces.record import Trace
from evals.core.traces.sample import masked, sampled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ann.lee+x@mail.example.org today", "Write to [email] today"),
        ("Call +49 (0) 30 1234567 now", "Call [phone] now"),
        ("Call 030 1234 5678.", "Call [phone]."),
        ("IBAN DE89 3704 0044 0532 0130 00?", "IBAN [iban]?"),
        ("Card 4111 1111 1111 1111 fails", "Card [card] fails"),
        ("From 192.168.2.17", "From [address]"),
        ("Order 10482 of 2025-03-01 cost 1,299.00 at 10:30", None),
        ("Version 2.4.1 has 120 000 rows", None),
    ],
)
def test_personal_data_are_masked_and_values_stay(text: str, expected: str | None) -> None:
    assert masked(text) == (expected or text)


def test_questions_are_distinct_counted_and_spread() -> None:
    log = [Trace(f"What is {n % 50}?", "x") for n in range(500)]
    log += [Trace("Where is my order?", "There."), Trace("where  is my order?", "Here.")]
    found = sampled(log, 10)
    assert len(found) == len({one.question for one in found}) == 10
    where = next(one for one in found if one.opening == "where")
    assert (where.times, where.answer) == (2, "There.")
    assert {one.times for one in found if one.opening == "what"} == {10}
    assert sampled(reversed(log[:500]), 10) == sampled(log[:500], 10)


def test_every_distinct_question_is_as_likely() -> None:
    counts = Counter(
        one.question
        for start in range(200)
        for one in sampled((Trace(f"What about {start}-{n}?", "x") for n in range(20)), 5)
    )
    places = Counter(int(question.split("-")[1].rstrip("?")) for question in counts)
    assert min(places.values()) > 25 and max(places.values()) < 80  # 50 expected, sd 6


def test_questions_within_a_conversation_are_passed_over() -> None:
    assert not sampled([Trace("And that one?", "x", history=(Message("user", "Hi"),))], 5)
