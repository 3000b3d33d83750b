"""TAT-QA: questions on the tables and texts of financial reports, many with an arithmetic answer.

Source: Zhu et al. 2021, arXiv 2105.07624. A number's value carries its scale (``1,496.5 million``); the number alone,
as the table prints it, is an alias. Computed answers are marked ``derived`` and need not stand in the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from evals.schema import Item, Record, Slot, SlotKind
from suites.packs.public.base import Loader, PublicSet, Row, document
from suites.packs.text import plain

_NUMBER: Final = re.compile(r"[($€£¥ \-−]*\d[\d,]*(?:\.\d+)?\)?\s*%?")


def _local(folder: Path) -> Iterator[Row]:
    yield from json.loads((folder / "tatqa_dataset_dev.json").read_text(encoding="utf-8"))


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("next-tat/TAT-QA", None, "validation"):
        yield dict(row)


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        name = f"tatqa-{row['table']['uid']}"
        text = f"{table_text(row['table']['table'])}\n\n" + "\n".join(p["text"] for p in row["paragraphs"])
        page = document(name, text.split(" | ")[0].strip("| ") or "Report", text, "financial_report")
        yield page
        stated = plain(f"{page.title}\n{page.text}")
        for question in row["questions"]:
            yield _item(name, question, stated)


def table_text(rows: list[list[str]]) -> str:
    """A table in Markdown; blanks after a currency sign are dropped."""
    lines = [" | ".join(re.sub(r"([$€£¥])\s+", r"\1", " ".join(cell.split())) for cell in row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _item(name: str, row: Row, stated: str) -> Item:
    answers = row["answer"] if isinstance(row["answer"], list) else [row["answer"]]
    slots = tuple(
        slot(f"answer_{number}", str(answer), row["scale"])
        for number, answer in enumerate(answers, start=1)
        if str(answer).strip()
    )
    literal = all(any(plain(v) in stated for v in (s.value, *s.aliases)) for s in slots)
    derived = row["answer_type"] in ("arithmetic", "count") or not literal
    return Item(
        id=f"tatqa-{row['uid']}", suite="domain_accuracy", track=f"tatqa_{row['answer_type'].replace('-', '_')}",
        question=" ".join(row["question"].split()), cluster=name, gold=slots, documents=(name,),
        references=(", ".join(s.value for s in slots),), trap=f"derived:{row['answer_type']}" if derived else None,
    )  # fmt: skip


def slot(name: str, answer: str, scale: str) -> Slot:
    """A typed slot: money, percent or number with its scale, else text."""
    text = " ".join(answer.split())
    if not _NUMBER.fullmatch(text):
        return Slot(name, "text", text)
    kind: SlotKind = (
        "percent" if "%" in text or scale == "percent" else "money" if re.search("[$€£¥]", text) else "number"
    )
    bare = text.replace("%", "").strip()
    value = f"{_signed(bare)}%" if kind == "percent" else f"{_signed(bare)} {scale}".strip()
    return Slot(name, kind, value, aliases=tuple(dict.fromkeys(a for a in (text, bare) if a != value)))


def _signed(text: str) -> str:
    """Accountants' brackets as a minus: ``(9.8)`` is ``-9.8``."""
    return f"-{text.strip('()')}" if text.startswith("(") and text.endswith(")") else text


SET = PublicSet(
    name="tatqa",
    about="Financial reports: tables with their texts, and questions with numeric answers.",
    licence="CC BY 4.0",
    files=("tatqa_dataset_dev.json",),
    local=_local,
    remote=_remote,
    records=_records,
    hub="next-tat/TAT-QA",
)
