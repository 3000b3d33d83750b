"""PolicyQA: questions on the privacy policies of companies, answered by a span of the policy.

Source: Ahmad et al. 2020, arXiv 2010.02557. Annotators asked the same about several passages of one
policy; such rows are one cluster, and each counts the answers to all of them as right.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from evals.core.schema import Item, Record
from suites.packs.public.base import Loader, PublicSet, Row, distinct, document, safe


def _local(folder: Path) -> Iterator[Row]:
    for site in json.loads((folder / "dev.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in site["paragraphs"]:
            for row in paragraph["qas"]:
                yield {
                    "id": row["id"], "site": site["title"], "context": paragraph["context"],
                    "question": row["question"], "answers": [a["text"] for a in row["answers"]],
                }  # fmt: skip


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("alzoubi36/policy_qa", None, "validation"):
        yield {
            "id": row["id"], "site": row["title"], "context": row["context"],
            "question": row["question"], "answers": list(row["answers"]["text"]),
        }  # fmt: skip


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    asked: dict[tuple[str, str], list[Row]] = defaultdict(list)
    kept: list[Row] = []
    for number, ((site, context), group) in enumerate(
        groupby(rows, key=lambda r: (r["site"], r["context"]))
    ):
        name = f"policyqa-{number:05}-{safe(site)}"
        yield document(name, f"Privacy policy of {site}", context, "privacy_policy")
        for row in group:
            kept.append({**row, "document": name, "question": " ".join(row["question"].split())})
            asked[site, kept[-1]["question"]].append(kept[-1])
    for row in kept:
        yield _item(row, asked[row["site"], row["question"]])


def _item(row: Row, alike: list[Row]) -> Item:
    """``alike`` are the rows that ask the same about the same site: an answer to one of them
    answers them all.
    """
    others = dict.fromkeys(r["document"] for r in alike if r["document"] != row["document"])
    return Item(
        id=f"policyqa-{safe(row['id'])}",
        suite="domain_accuracy",
        track="policyqa",
        question=f"{row['question']} (about {row['site']})",
        cluster=f"policyqa-{safe(alike[0]['id'])}",
        references=distinct((*row["answers"], *(a for r in alike for a in r["answers"]))),
        documents=(row["document"],),
        also=tuple(others),
    )


SET = PublicSet(
    name="policyqa",
    about="Privacy policies of websites, with questions that a sentence of the policy answers.",
    licence="MIT",
    files=("dev.json",),
    local=_local,
    remote=_remote,
    records=_records,
    hub="alzoubi36/policy_qa",
)
