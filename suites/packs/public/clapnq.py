"""CLAP NQ: natural questions with a passage; half have a long grounded answer, half have none in
the passage.

Source: Rosenthal et al. 2024, arXiv 2404.02103. An answerable and an unanswerable question are
paired in file order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.core.schema import Item, Record
from suites.packs.public.base import Loader, PublicSet, Row, distinct, document

_FILES = ("clapnq_dev_answerable.jsonl", "clapnq_dev_unanswerable.jsonl")


def _local(folder: Path) -> Iterator[Row]:
    for name in _FILES:
        with (folder / name).open(encoding="utf-8") as stream:
            for line in stream:
                yield json.loads(line)


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("PrimeQA/clapnq", None, "validation"):
        yield dict(row)


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    seen: dict[str, str] = {}
    answered: list[Row] = []
    silent: list[Row] = []
    for row in rows:
        names = []
        for number, passage in enumerate(row["passages"]):
            key = f"{passage['title']}\n{passage['text']}"
            if key not in seen:
                seen[key] = f"clapnq-{row['id']}-{number}"
                yield document(seen[key], passage["title"], passage["text"], "encyclopedia")
            names.append(seen[key])
        answers = distinct(o["answer"] for o in row["output"])
        entry = {
            "id": f"clapnq-{row['id']}",
            "question": row["input"],
            "documents": tuple(names),
            "answers": answers,
        }
        (answered if answers else silent).append(entry)
    for number in range(max(len(answered), len(silent))):
        pair = [rows[number]["id"] if number < len(rows) else None for rows in (answered, silent)]
        for side, part in enumerate((answered, silent)):
            if number < len(part):
                yield _item(part[number], f"clapnq-pair-{number:04}", pair[1 - side])


def _item(row: Row, cluster: str, twin: str | None) -> Item:
    answerable = bool(row["answers"])
    return Item(
        id=row["id"],
        suite="hallucination",
        track="clapnq",
        question=row["question"],
        cluster=cluster,
        twin=twin,
        answerable=answerable,
        references=row["answers"],
        documents=row["documents"] if answerable else (),
    )


SET = PublicSet(
    name="clapnq",
    about="Natural questions with long grounded answers, and as many without an answer.",
    licence="Apache-2.0",
    files=_FILES,
    local=_local,
    remote=_remote,
    records=_records,
    hub="PrimeQA/clapnq",
)
