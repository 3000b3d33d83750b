"""PubMedQA, expert-labelled part: does an abstract answer a research question with yes, no or
maybe?

Source: Jin et al. 2019, arXiv 1909.06146. The 500 official test questions become items, the other
500 training examples; the hub's version does not say which is which, so there all become items.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from evals.core.schema import Example, Item, Message, Record, Slot
from suites.packs.public.base import Loader, PublicSet, Row, document

CHOICES: Final = ("yes", "no", "maybe")


def _local(folder: Path) -> Iterator[Row]:
    test = set(json.loads((folder / "test_ground_truth.json").read_text(encoding="utf-8")))
    for ident, row in json.loads((folder / "ori_pqal.json").read_text(encoding="utf-8")).items():
        yield {
            "id": ident,
            "question": row["QUESTION"],
            "contexts": row["CONTEXTS"],
            "labels": row["LABELS"],
            "decision": row["final_decision"],
            "test": ident in test,
        }


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("qiaojin/PubMedQA", "pqa_labeled", "train"):
        yield {
            "id": str(row["pubid"]),
            "question": row["question"],
            "contexts": row["context"]["contexts"],
            "labels": row["context"]["labels"],
            "decision": row["final_decision"],
            "test": True,
        }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        name = f"pubmed-{row['id']}"
        parts = [
            f"{label}: {text}" for label, text in zip(row["labels"], row["contexts"], strict=True)
        ]
        yield document(name, f"PubMed {row['id']}", "\n".join(parts), "abstract")
        if row["test"]:
            yield Item(
                id=f"pubmedqa-{row['id']}",
                suite="domain_accuracy",
                track="pubmedqa",
                question=row["question"],
                cluster=f"pubmedqa-{row['id']}",
                gold=(Slot("answer", "label", row["decision"]),),
                choices=CHOICES,
                references=(row["decision"],),
                documents=(name,),
                lookup=True,
            )
        else:
            yield Example(
                id=f"pubmedqa-{row['id']}",
                stratum="oracle_present",
                documents=(name,),
                task="intent",
                choices=CHOICES,
                messages=(Message("user", row["question"]), Message("assistant", row["decision"])),
            )


SET = PublicSet(
    name="pubmedqa",
    about="Research questions in medicine, answered yes, no or maybe from PubMed abstracts.",
    licence="MIT",
    files=("ori_pqal.json", "test_ground_truth.json"),
    local=_local,
    remote=_remote,
    records=_records,
    hub="qiaojin/PubMedQA",
    company={
        "policy_summary": (
            "Say yes where the abstract supports it, no where it speaks against it, else maybe."
        )
    },
)
