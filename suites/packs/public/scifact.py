"""SciFact: scientific claims, the abstracts they cite, and whether these support or contradict
them.

Source: Wadden et al. 2020, arXiv 2004.14974. Dev claims become items (BEIR's test queries), train
claims examples. Some train claims reword a dev claim or cite the same sentence; those are left out,
as they would give the test away.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from evals.core.schema import Example, Item, Message, Record, Slot
from suites.packs.public.base import Loader, PublicSet, Row, document
from suites.packs.validate.leaks import Questions

LABELS: Final = {"SUPPORT": "supported", "CONTRADICT": "contradicted"}
SILENT: Final = "not enough information"
CHOICES: Final = (*LABELS.values(), SILENT)


def _local(folder: Path) -> Iterator[Row]:
    with gzip.open(folder / "corpus.jsonl.gz", "rt", encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            yield {"abstract": row["_id"], "title": row["title"], "text": row["text"]}
    for name, split in (("claims_dev.jsonl", "test"), ("claims_train.jsonl", "train")):
        for line in (folder / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            labels = {e["label"] for found in row["evidence"].values() for e in found}
            yield _claim(
                str(row["id"]), row["claim"], [str(d) for d in row["cited_doc_ids"]], labels, split
            )


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("allenai/scifact", "corpus", "train"):
        yield {
            "abstract": str(row["doc_id"]),
            "title": row["title"],
            "text": " ".join(row["abstract"]),
        }
    for name, split in (("validation", "test"), ("train", "train")):
        claims: dict[str, dict[str, Any]] = {}
        for row in load("allenai/scifact", "claims", name):
            _gather(claims, row)
        for ident, claim in claims.items():
            yield _claim(ident, claim["claim"], claim["cited"], claim["labels"], split)


def _gather(claims: dict[str, dict[str, Any]], row: Mapping[str, Any]) -> None:
    """The hub has one row per piece of evidence; gather them by claim."""
    claim = claims.setdefault(
        str(row["id"]),
        {"claim": row["claim"], "cited": [str(d) for d in row["cited_doc_ids"]], "labels": set()},
    )
    if row["evidence_label"]:
        claim["labels"].add(row["evidence_label"])


def _claim(ident: str, text: str, cited: list[str], labels: set[str], split: str) -> Row:
    label = LABELS[sorted(labels)[0]] if labels else SILENT
    return {
        "claim": ident,
        "text": text,
        "cited": list(dict.fromkeys(cited)),
        "label": label,
        "split": split,
    }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    asked = Questions()
    for row in rows:
        if "abstract" in row:
            yield document(f"scifact-{row['abstract']}", row["title"], row["text"], "abstract")
            continue
        ident = f"scifact-claim-{row['claim']}"
        cited = tuple(f"scifact-{name}" for name in row["cited"])
        if row["split"] == "train":
            if asked.like(row["text"]):
                continue
            yield Example(
                id=ident, stratum="oracle_present", documents=cited, task="intent", choices=CHOICES,
                messages=(Message("user", row["text"]), Message("assistant", row["label"])),
            )  # fmt: skip
        else:
            asked.add(0, row["text"])
            yield Item(
                id=ident,
                suite="domain_accuracy",
                track="scifact",
                question=row["text"],
                cluster=ident,
                gold=(Slot("verdict", "label", row["label"]),),
                references=(row["label"],),
                choices=CHOICES,
                documents=cited,
                lookup=True,
            )


SET = PublicSet(
    name="scifact",
    about="Scientific claims, each to be judged by the abstracts of a research library.",
    licence="CC BY 4.0 (annotations), ODC-By 1.0 (abstracts)",
    files=("corpus.jsonl.gz", "claims_train.jsonl", "claims_dev.jsonl"),
    local=_local,
    remote=_remote,
    records=_records,
    hub="allenai/scifact",
    company={
        "policy_summary": (
            "Each question is a claim. Say whether an abstract supports or contradicts it."
        )
    },
)
