"""The hand-written set: plain and adversarial answers of both kinds, F1 of declining (or denying) as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.scorers.abstention.reader import abstention

SET = Path(__file__).parents[4] / "scripts" / "research" / "data" / "abstention.tsv"
ROWS = [line.split("\t") for line in SET.read_text(encoding="utf-8").splitlines()]


def f1(rows: list[list[str]]) -> float:
    gold = [label == "declined" for label, _, _ in rows]
    said = [abstention(text).declined for _, _, text in rows]
    hits = sum(g and s for g, s in zip(gold, said, strict=True))
    return 2 * hits / (sum(gold) + sum(said))


def test_the_set_is_large_and_half_adversarial() -> None:
    assert len(ROWS) >= 400
    assert sum(kind != "plain" for _, kind, _ in ROWS) >= len(ROWS) / 2
    assert len({text for _, _, text in ROWS}) == len(ROWS)


def test_f1() -> None:
    assert f1(ROWS) >= 0.97
    assert f1([row for row in ROWS if row[1] != "plain"]) >= 0.95


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("I'm not sure, but I think it is 30 days.", "partly"),
        ("I can't confirm that it is $20, but the fee is $5.", "partly"),
        ("I don't know.", "abstained"),
        ("idk", "abstained"),
        ("I do not have real-time data on the current average cost.", "abstained"),
        ("Sorry, but I can not advise you about that.", "abstained"),
        ("I don't have any problem with the records, they load in 5 seconds.", "answered"),
        ("", "abstained"),
        ("30 days", "answered"),
        ("Sorry about that! It takes 5 days.", "answered"),
    ],
)
def test_states(text: str, state: str) -> None:
    assert abstention(text).state == state


def test_a_value_inside_a_refusal_is_not_asserted() -> None:
    assert abstention("I can't confirm whether it is $20 or $30.").asserted == ()
    assert [m.value.raw for m in abstention("I'm not sure, but it may be $20.").asserted] == [20]


def test_a_denial_is_told_apart() -> None:
    reading = abstention("We do not sell a product called Zephyr.")
    assert (reading.state, reading.denied, reading.declined) == ("answered", True, True)
    assert not abstention("There is no Zephyr; the Aurora costs $20.").declined
