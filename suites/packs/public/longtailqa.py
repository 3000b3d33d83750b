"""LongTailQA: questions on rare entities, to tell memory from retrieval. It has no documents of its
own.

Source: the disambiguated part of PopQA (Mallen et al. 2023, arXiv 2212.10511). ``popularity`` is
the monthly page views of the subject.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from evals.core.schema import Item, Record, Slot
from suites.packs.public.base import PublicSet, Row, distinct


def _local(folder: Path) -> Iterator[Row]:
    with (folder / "DisambPopQA.csv").open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        names = distinct((row["obj"], *json.loads(row["possible_answers"])))
        yield Item(
            id=f"longtailqa-{row['id']}",
            suite="domain_accuracy",
            track="longtailqa",
            question=row["question"],
            cluster=f"longtailqa-{row['subj_id']}",
            gold=(Slot(row["prop"], "name", names[0], aliases=names[1:]),),
            references=names,
            popularity=int(row["s_pop"]),
        )


SET = PublicSet(
    name="longtailqa",
    about="Questions on people, places and works that few have heard of.",
    licence="MIT",
    files=("DisambPopQA.csv",),
    local=_local,
    records=_records,
    company={"policy_summary": "Answer with the name."},
)
