from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evals.scorers.abstention import model as abstention_model
from evals.scorers.abstention.model import MARKS, AbstentionModel, bundled, ngrams
from evals.scorers.abstention.reader import Abstention, abstention, by_patterns, heard, marked, reading
from evals.text.mentions import mentions
from evals.text.words import clean
from scripts.research.abstention_fit import fit

UNREAD = Path(__file__).parents[4] / "scripts" / "research" / "data" / "abstention_unread.tsv"


@pytest.mark.parametrize(
    "text",
    [
        "I'm not able to recommend individual stocks.",
        "INSUFFICIENT_CONTEXT",
        "Unanswerable from the given context.",
        "For privacy reasons we don't share our colleagues' personal details.",
        "The brochure has a lot about the lake, yet nowhere does it mention depth.",
        "Let me check with my colleague and get back to you.",
        "Could you please tell me your order number first?",
    ],
)
def test_refusals_beyond_the_stock_phrases(text: str) -> None:
    assert abstention(text).state == "abstained"


def test_a_refusal_beside_a_value_is_partly_one() -> None:
    sure = AbstentionModel({}, {}, (0.0,) * len(MARKS), 5.0, {})
    priced = reading("We list $20 for the first month and skip the next.", lambda: sure)
    assert priced.state == "partly" and not priced.declined and priced.asserted
    assert reading("We list the first month and skip the next.", lambda: sure).state == "abstained"
    unsure = AbstentionModel({}, {}, (0.0,) * len(MARKS), 0.0, {})
    assert reading("We list the first month and skip the next.", lambda: unsure).state == "answered"


@pytest.mark.parametrize(
    "text",
    [
        "The Radcliffe Line",
        "us",
        "Suleiman I",
        "Joaquin Phoenix and Reese Witherspoon.",
        "We do not sell a product called Zephyr.",
        'It ends with the line "And whether he returned, I cannot tell."',
        "Tell them you cannot share personal details, and offer to take a message.",
        "You cannot return earrings.",
        "The lamp comes in red.\n\nQuestion: What does it cost?",
    ],
)
def test_answers_stay_answers(text: str) -> None:
    assert abstention(text).state == "answered"


def test_the_unread_answers_are_told_better_than_by_patterns_alone() -> None:
    rows = [line.split("\t") for line in UNREAD.read_text(encoding="utf-8").splitlines()]

    def f1(said: list[bool]) -> float:
        gold = [label == "abstained" for label, *_ in rows]
        return 2 * sum(g and s for g, s in zip(gold, said, strict=True)) / (sum(gold) + sum(said))

    texts = [text for *_, text in rows]
    assert f1([abstention(t).declined for t in texts]) >= 0.7
    assert f1([abstention(t).declined for t in texts]) > f1([by_patterns(clean(t)).declined for t in texts]) + 0.1


def test_what_hints_at_nothing_is_not_asked() -> None:
    plain = Abstention("answered", False, "", ())
    valued = Abstention("answered", False, "", mentions("It costs $20 in all."))
    assert not heard("It costs $20 in all.", valued) and heard("I guess it costs $20.", valued)
    assert not heard("The Radcliffe Line", plain) and heard("The lamp comes in red.", plain)
    assert heard("I would have to see the will.", plain)
    assert not heard("I know of no such lamp.", Abstention("answered", True, "", ()))


def test_a_fit_learns_words_and_marks() -> None:
    texts = ["not telling you that", "that stays between us"] * 30 + ["it costs five", "the lamp is red"] * 30
    target = [True] * 60 + [False] * 60
    marks = [marked(t, by_patterns(t)) for t in texts]
    vectors = {w: np.array(v) for w, v in {"stays": (1.0, 0.0), "remains": (0.9, 0.1), "lamp": (0.0, 1.0)}.items()}
    model = fit(texts, marks, target, {"made": 120}, vectors)
    assert fit(texts, marks, target, {"made": 120}, vectors) == model
    assert model.chance("that stays between us", marks[1]) > 0.5 > model.chance("the lamp is red", marks[-1])
    assert "between us" in model.grams and len(model.marks) == len(MARKS)
    assert model.lexicon["remains"][1] > 0 > model.lexicon["lamp"][1]
    assert model.chance("it remains here", marks[-1]) > model.chance("it glows here", marks[-1])


def test_an_unknown_text_has_the_chance_of_its_marks() -> None:
    model = AbstentionModel({}, {}, (0.0,) * len(MARKS), -1.0, {})
    assert model.chance("zzz", [1.0] * len(MARKS)) == pytest.approx(0.2689, abs=1e-4)
    assert ngrams("I pass here") == ["i", "pass", "here", "i pass", "pass here"]
    assert len(bundled().marks) == len(abstention_model.MARKS)
