"""Figures of `answer_match` on kinds of text that its model never met: financial values,
statements.

TAT-QA's plain-number answers are written in the forms in which systems give them, and next to them
wrong ones of the same forms; TruthfulQA's true and false answers are compared with its other true
ones. Nothing is fit on either set.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from evals.scorers.answer_match.model import matches
from evals.text.words import fold

Row = tuple[object, ...]

SCALES: Final = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_SENTENCES: Final = (
    "{}",
    "The answer is {}.",
    "According to the report, it was {} in that year.",
    "It is calculated as 3,412 / 17 = 200.7, less the second term. The result is {}.",
)


class Answer(NamedTuple):
    """An answer to a question with its reference, and whether it is right."""

    form: str
    question: str
    response: str
    references: tuple[str, ...]
    right: bool


def financial(data: Path) -> Iterator[Answer]:
    """TAT-QA's plain numbers: right and wrong answers in one form each."""
    draw = random.Random(0)
    rows = json.loads((data / "tatqa" / "tatqa_dataset_dev.json").read_text(encoding="utf-8"))
    asked = [q for row in rows for q in row["questions"] if _plain(q["answer"]) is not None]
    for question, other in itertools.pairwise(asked):
        value, wrong = _plain(question["answer"]), _plain(other["answer"])
        if value is None or wrong is None or abs(value) == abs(wrong):
            continue
        scale, gold = question["scale"], f"{value:.10g}"
        text = question["question"]
        if scale in SCALES:
            text += f" (in USD {scale}s)"
        for form, right, false in _forms(value, wrong, scale):
            sentence = draw.choice(_SENTENCES)
            yield Answer(form, text, sentence.format(right), (gold,), True)
            yield Answer(form, text, sentence.format(false), (gold,), False)


def _plain(answer: Any) -> float | None:
    try:
        return float(answer[0] if isinstance(answer, list) and len(answer) == 1 else answer)
    except (TypeError, ValueError):
        return None


def _forms(value: float, wrong: float, scale: str) -> Iterator[tuple[str, str, str]]:
    """(form, the value in it, another or the same value in a wrong form)."""
    right, false = f"{value:,.10g}", f"{wrong:,.10g}"
    yield "plain number", right, false
    yield "other sign", right, f"{-value:,.10g}"
    if scale in SCALES:
        yield "with scale", f"${right} {scale}", f"${false} {scale}"
        others = [name for name in SCALES if name != scale]
        yield "other scale", f"${right} {scale}", f"${right} {others[0]}"
        yield "next scale", f"${value / 1e3:,.10g} {_next(scale)}", f"${value / 1e3:,.10g} {scale}"
    if scale == "percent":
        yield "percent", f"{right}%", f"{false}%"
        yield "percent of a hundred", f"{right} %", f"{100 * value:,.10g} %"
    yield (
        "decimal comma",
        right.translate(str.maketrans(",.", " ,")),
        false.translate(str.maketrans(",.", " ,")),
    )


def _next(scale: str) -> str:
    return {"thousand": "million", "million": "billion", "billion": "trillion"}[scale]


def truthful(data: Path) -> Iterator[Answer]:
    """TruthfulQA: each true answer beside the other true ones, each false one beside them all."""
    with (data / "truthfulqa" / "TruthfulQA.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            true = [a.strip() for a in row["Correct Answers"].split(";") if a.strip()]
            for answer in true:
                if rest := tuple(a for a in true if a != answer):
                    yield Answer("true", row["Question"], answer, rest, True)
            for answer in filter(None, map(str.strip, row["Incorrect Answers"].split(";"))):
                yield Answer("false", row["Question"], answer, tuple(true), False)


def figures(answers: Sequence[Answer]) -> list[Row]:
    """(form, answers, substring match, answer_match): share of answers read as they are."""
    found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for one in answers:
        inside = any(fold(r) in fold(one.response) for r in one.references)
        ours = matches(one.question, one.response, one.references)
        found[one.form].append((inside == one.right, ours == one.right))
    rows = [(form, *_shares(pairs)) for form, pairs in found.items()]
    return [*rows, ("all", *_shares([p for pairs in found.values() for p in pairs]))]


def _shares(pairs: Sequence[tuple[bool, bool]]) -> tuple[int, float, float]:
    count = len(pairs)
    return count, sum(p[0] for p in pairs) / count, sum(p[1] for p in pairs) / count
