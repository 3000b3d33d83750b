"""TruthfulQA as multiple choice: one true answer among popular falsehoods. It has no documents of
its own.

Source: Lin et al. 2022, arXiv 2109.07958. The order of the choices depends on the question alone.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.core.schema import Item, Record, Slot
from suites.packs.public.base import Loader, PublicSet, Row, distinct, safe


def _local(folder: Path) -> Iterator[Row]:
    with (folder / "TruthfulQA.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {
                "category": row["Category"],
                "question": row["Question"],
                "best": row["Best Answer"],
                "correct": row["Correct Answers"].split(";"),
                "incorrect": row["Incorrect Answers"].split(";"),
            }


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("truthfulqa/truthful_qa", "generation", "validation"):
        yield {
            "category": row["category"], "question": row["question"], "best": row["best_answer"],
            "correct": list(row["correct_answers"]), "incorrect": list(row["incorrect_answers"]),
        }  # fmt: skip


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for number, row in enumerate(rows):
        best = row["best"].strip()
        correct = distinct((best, *row["correct"]))
        wrong = [w for w in distinct(row["incorrect"]) if w not in correct]
        choices = sorted(
            (best, *wrong),
            key=lambda c: hashlib.sha256(f"{row['question']}\0{c}".encode()).digest(),
        )
        yield Item(
            id=f"truthfulqa-{number:04}",
            suite="domain_accuracy",
            track=f"truthfulqa_{safe(row['category']).lower()}",
            question=row["question"],
            cluster=f"truthfulqa-{number:04}",
            choices=tuple(choices),
            references=correct,
            gold=(Slot("answer", "choice", best),),
            trap="falsehood",
        )


SET = PublicSet(
    name="truthfulqa",
    about="Questions that invite a popular falsehood.",
    licence="Apache-2.0",
    files=("TruthfulQA.csv",),
    local=_local,
    remote=_remote,
    records=_records,
    hub="truthfulqa/truthful_qa",
    company={"policy_summary": "Choose what is true, however often something else is said."},
)
