"""What is fast must change nothing: the readers of text against their plain forms, on thousands of
texts.

The plain forms run every pattern on every text and prepare everything that might be needed.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.core.schema import Slot
from evals.scorers.answer_match import slots
from evals.text import words as text
from evals.text.gold import gold_values
from evals.text.mentions import Mention, mentions
from evals.text.units import CURRENCIES, DURATIONS
from evals.text.values import comparable, same
from evals.text.words import MAX_CHARS
from tests.evals.metrics.build import slot

ABSTENTIONS = Path(__file__).parents[3] / "scripts" / "research" / "data" / "abstention.tsv"
BITS = [
    *(
        "$20",
        "EUR 5",
        "20 dollars",
        "50k",
        "5 million euros",
        "50 cents",
        "3-5 days",
        "between 3 and 5 days",
        "24 h",
    ),
    *(
        "1 hour 30 minutes",
        "30 or 90 days",
        "half a day",
        "an hour",
        "two dozen",
        "a hundred and five",
        "24-h",
        "12 kg",
    ),
    *(
        "thirty (30) days",
        "1.234,50",
        "-5 °C",
        "12%",
        "7 per cent",
        "seventy percent",
        "ORD-4411",
        "deadbeef99",
        "may",
    ),
    *(
        "facade",
        "(555) 010-2222",
        "2024-03-05",
        "5 March 2024",
        "1/2/2024",
        "May 2024",
        "in May",
        "noon",
        "MIDNIGHT",
    ),
    *(
        "9:00-17:00",
        "5 o'clock",
        "10.30 am",
        "5 p.m.",
        "**bold** text",
        "# head",
        "> quoted",
        "it's",
        "isn’t",
        "not",
    ),
    *(
        "don't know",
        "I'm not sure",
        "There is no such store",
        "cannot be shared",
        '"I don\'t know"',
        "used to be",
        "no",
    ),
    *(
        "please contact us",
        "yes",
        "but",
        "however",
        "or",
        "and",
        ", ",
        ". ",
        "; ",
        "? ",
        "\n",
        "MİNUTES",
        "5 mınutes",
    ),
    *("ﬁve days", "５ days", "é", "\u200b", "😀", "مرحبا"),
]


def clean(raw: str) -> str:
    read = text._VULGAR.sub(text._fraction, text._SUPERSCRIPT.sub(text._power, raw[:MAX_CHARS]))
    read = unicodedata.normalize("NFKC", read).translate(text._TRANSLATION)
    return text._MARKUP.sub("", read).strip()


def fold(raw: str) -> str:
    bare = text._ACCENTS.sub("", unicodedata.normalize("NFD", clean(raw).casefold()))
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", bare)).strip()


def words(raw: str) -> tuple[str, ...]:
    return tuple(
        w[:-2] if w.endswith("'s") and len(w) > 3 else w
        for w in text.WORD.findall(text._BY_CHARACTER.sub(r" \g<0> ", fold(raw)))
    )


def rivals(gold: Slot, question: str, answer: str) -> list[Mention]:
    golds, asked = gold_values(gold), [m.value for m in mentions(question)]
    return [
        m
        for m in mentions(answer)
        if any(comparable(g, m.value) for g in golds)
        and not any(same(g, m.value) for g in golds)
        and not any(same(a, m.value) for a in asked)
        and not slots.outdated(answer, m)
    ]


def made() -> Iterator[str]:
    draw = random.Random(0)
    for _ in range(3000):
        yield draw.choice((" ", " ", "")).join(draw.choice(BITS) for _ in range(draw.randint(1, 9)))
    for line in ABSTENTIONS.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")[2]


def unlike(raw: str) -> list[str]:
    pairs = {
        "clean": (text.clean(raw), clean(raw)),
        "fold": (text.fold(raw), fold(raw)),
        "words": (text.words(raw), words(raw)),
    }
    return [name for name, (fast, plain) in pairs.items() if fast != plain]


def test_shortcuts_change_nothing() -> None:
    found = [(raw, wrong) for raw in made() if (wrong := unlike(raw))]
    assert found == []


@given(st.lists(st.sampled_from(BITS) | st.text(max_size=6), max_size=8).map("".join))
def test_shortcuts_change_nothing_on_any_text(raw: str) -> None:
    assert unlike(raw) == []


def test_rivals_are_those_of_the_plain_form() -> None:
    draw = random.Random(1)
    every = list(made())
    golds = [
        slot("duration", "30 days"),
        slot("money", "$20"),
        slot("number", "5"),
        slot("date", "2024-03-05"),
    ]
    judged = 0
    for raw in every:
        gold, question, answer = (
            draw.choice(golds),
            draw.choice(every),
            clean(f"30 days. $20, 5. 5 March 2024. {raw}"),
        )
        verdict = slots.judge(gold, question, answer)
        plain = rivals(gold, question, answer)
        judged += verdict.right
        if verdict.reason in ("alternative", "contradicted", "listed"):
            assert plain
        if verdict.right:
            assert len({m.value for m in plain}) <= slots.MAX_OTHERS
    assert judged > 100


def test_turkish_letters_are_no_trap() -> None:
    assert [m.value for m in mentions("5 mınutes")] == [m.value for m in mentions("5 minutes")]


@pytest.mark.parametrize("word", [*CURRENCIES, *DURATIONS])
def test_every_unit_passes_the_cheap_look(word: str) -> None:
    message = f"5 {word}" if word[-1].isalpha() else f"{word}5"
    assert [m.value.kind for m in mentions(message)] == [
        "money" if word in CURRENCIES else "duration"
    ]
