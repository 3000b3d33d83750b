"""MedQuAD: questions that patients ask, answered by nine publishers of the National Institutes of
Health.

Source: Ben Abacha and Demner-Fushman 2019, BMC Bioinformatics. Every answer is a document and the
gold of its question.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.core.schema import Item, Record
from suites.packs.public.base import Loader, PublicSet, Row, document, safe


def _local(folder: Path) -> Iterator[Row]:
    with gzip.open(folder / "medquad_qa.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            yield {
                key: row[key] for key in ("id", "source", "focus", "qtype", "question", "answer")
            }


def _remote(load: Loader) -> Iterator[Row]:
    for number, row in enumerate(load("lavita/MedQuAD", None, "train")):
        if row["answer"]:
            yield {
                "id": f"{row['document_id']}-{row['question_id']}-{number}",
                "source": row["document_source"],
                "focus": row["question_focus"] or "",
                "qtype": row["question_type"] or "",
                "question": row["question"],
                "answer": row["answer"],
            }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        name = f"medquad-{safe(row['id'])}"
        answer = row["answer"].strip()
        yield document(
            name, f"{row['focus']} ({row['qtype']}), {row['source']}", answer, "health_page"
        )
        yield Item(
            id=f"q-{name}",
            suite="domain_accuracy",
            track=f"medquad_{safe(row['qtype']).lower()[:40]}",
            question=" ".join(row["question"].split()),
            cluster=f"medquad-{safe(row['focus'])[:150]}",
            references=(answer,),
            documents=(name,),
        )


SET = PublicSet(
    name="medquad",
    about=(
        "A medical knowledge base: questions of patients with the answers of nine public"
        " publishers."
    ),
    licence="CC BY 4.0",
    files=("medquad_qa.jsonl.gz",),
    local=_local,
    remote=_remote,
    records=_records,
    hub="lavita/MedQuAD",
)
