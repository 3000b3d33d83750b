"""SQuAD 2.0: questions on encyclopedia paragraphs, half of them unanswerable though they look
alike.

Source: Rajpurkar et al. 2018, arXiv 1806.03822. Within a paragraph, then within an article, an
answerable and an unanswerable question are paired for the suite hallucination; what stays single
goes to domain_accuracy. So does a question that its own paragraph does not answer but another one
does: in a pack every paragraph may be searched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from evals.core.schema import Item, Record
from suites.packs.public.base import Loader, PublicSet, Row, distinct, document, safe
from suites.packs.text import plain


def _local(folder: Path) -> Iterator[Row]:
    for article in json.loads((folder / "dev-v2.0.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for row in paragraph["qas"]:
                yield {
                    "id": row["id"], "title": article["title"], "context": paragraph["context"],
                    "question": row["question"], "answers": [a["text"] for a in row["answers"]],
                }  # fmt: skip


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("rajpurkar/squad_v2", None, "validation"):
        yield {
            "id": row["id"],
            "title": row["title"],
            "context": row["context"],
            "question": row["question"],
            "answers": list(row["answers"]["text"]),
        }


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    number = 0
    kept = list(rows)
    answered = {plain(row["question"]) for row in kept if row["answers"]}
    elsewhere: list[Row] = []
    known: dict[str, Row] = {}
    for title, article in groupby(kept, key=lambda r: str(r["title"])):
        single: list[Row] = []
        for context, group in groupby(article, key=lambda r: str(r["context"])):
            name = f"squad2-{number:05}-{safe(title)}"
            number += 1
            yield document(name, title.replace("_", " "), context, "encyclopedia")
            placed = [{**row, "document": name} for row in group]
            known.update({plain(row["question"]): row for row in placed if row["answers"]})
            wrong = [
                row for row in placed if not row["answers"] and plain(row["question"]) in answered
            ]
            elsewhere += wrong
            pairs, rest = _paired([row for row in placed if row not in wrong])
            single += rest
            yield from pairs
        pairs, rest = _paired(single)
        yield from pairs
        for row in rest:
            yield _item(row, "domain_accuracy", f"squad2-{row['id']}", None)
    for row in elsewhere:
        other = known[plain(row["question"])]
        found = {**row, "answers": other["answers"], "document": other["document"]}
        yield _item(found, "domain_accuracy", f"squad2-{other['id']}", None)


def _paired(rows: list[Row]) -> tuple[list[Item], list[Row]]:
    answered, silent = ([r for r in rows if bool(r["answers"]) is side] for side in (True, False))
    count = min(len(answered), len(silent))
    items = []
    for some, none in zip(answered, silent, strict=False):
        cluster = f"squad2-pair-{some['id']}"
        items.append(_item(some, "hallucination", cluster, f"squad2-{none['id']}"))
        items.append(_item(none, "hallucination", cluster, f"squad2-{some['id']}"))
    return items, answered[count:] + silent[count:]


def _item(row: Row, suite: str, cluster: str, twin: str | None) -> Item:
    answerable = bool(row["answers"])
    return Item(
        id=f"squad2-{row['id']}",
        suite=suite,
        track="squad2",
        question=" ".join(row["question"].split()),
        twin=twin,
        cluster=cluster,
        answerable=answerable,
        references=distinct(row["answers"]),
        documents=(row["document"],) if answerable else (),
    )


SET = PublicSet(
    name="squad2",
    about="Questions on encyclopedia paragraphs, half of which the paragraph does not answer.",
    licence="CC BY-SA 4.0",
    files=("dev-v2.0.json",),
    local=_local,
    remote=_remote,
    records=_records,
    hub="rajpurkar/squad_v2",
)
