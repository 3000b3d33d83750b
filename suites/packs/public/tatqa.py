"""TAT-QA: questions on the tables and texts of financial reports, many with an arithmetic answer.

Source: Zhu et al. 2021, arXiv 2105.07624. A number's value carries its scale (``1,496.5 million``),
and its currency where the report names one only; the number alone, as the table prints it, is an
alias. Computed answers are marked ``derived`` and need not stand in the document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from evals.core.schema import Item, Record, Slot, SlotKind
from suites.packs.public.base import Loader, PublicSet, Row, document
from suites.packs.text import plain

_CURRENCY: Final = re.compile(r"[$€£¥]")
_NUMBER: Final = re.compile(r"[($€£¥ \-−]*\d[\d,]*(?:\.\d+)?\)?\s*%?")


def _local(folder: Path) -> Iterator[Row]:
    yield from json.loads((folder / "tatqa_dataset_dev.json").read_text(encoding="utf-8"))


def _remote(load: Loader) -> Iterator[Row]:
    for row in load("next-tat/TAT-QA", None, "validation"):
        yield {
            **row,
            "questions": [{**q, "answer": _decoded(q["answer"])} for q in row["questions"]],
        }


def _decoded(answer: Any) -> Any:
    """``datasets`` keeps answers of several types as JSON: ``["a","b"]`` is a list, ``"a"`` a
    text.
    """
    if isinstance(answer, str) and answer.startswith(("[", '"')):
        with suppress(ValueError):
            return json.loads(answer)
    return answer


def _records(rows: Iterable[Row]) -> Iterator[Record]:
    for row in rows:
        name = f"tatqa-{row['table']['uid']}"
        text = f"{table_text(row['table']['table'])}\n\n" + "\n".join(
            p["text"] for p in row["paragraphs"]
        )
        page = document(name, _title(row["table"]["table"]), text, "financial_report")
        yield page
        stated = plain(f"{page.title}\n{page.text}")
        signs = set(_CURRENCY.findall(text))
        for question in row["questions"]:
            yield _item(name, question, stated, signs.pop() if len(signs) == 1 else "")


def _title(rows: list[list[str]]) -> str:
    """``Report:`` and the first labels of the table's rows."""
    labels = dict.fromkeys(
        " ".join(row[0].split()).rstrip(":") for row in rows if row and row[0].strip()
    )
    return f"Report: {', '.join(list(labels)[:3])}"[:120]


def table_text(rows: list[list[str]]) -> str:
    """A table in Markdown; blanks after a currency sign are dropped."""
    lines = [
        " | ".join(re.sub(r"([$€£¥])\s+", r"\1", " ".join(cell.split())) for cell in row)
        for row in rows
    ]
    return "\n".join(f"| {line} |" for line in lines)


def _item(name: str, row: Row, stated: str, currency: str) -> Item:
    answers = row["answer"] if isinstance(row["answer"], list) else [row["answer"]]
    slots = tuple(
        slot(f"answer_{number}", str(answer), row["scale"], currency)
        for number, answer in enumerate(answers, start=1)
        if str(answer).strip()
    )
    literal = all(any(plain(v) in stated for v in (s.value, *s.aliases)) for s in slots)
    derived = row["answer_type"] in ("arithmetic", "count") or not literal
    return Item(
        id=f"tatqa-{row['uid']}",
        suite="domain_accuracy",
        track=f"tatqa_{row['answer_type'].replace('-', '_')}",
        question=" ".join(row["question"].split()),
        cluster=name,
        gold=slots,
        documents=(name,),
        references=(", ".join(s.value for s in slots),),
        trap=f"derived:{row['answer_type']}" if derived else None,
    )


def slot(name: str, answer: str, scale: str, currency: str = "") -> Slot:
    """A typed slot: money, percent or number with its scale, else text; ``currency`` goes with
    amounts of a scale.
    """
    text = " ".join(answer.split())
    if not _NUMBER.fullmatch(text):
        return Slot(name, "text", text)
    bare = _signed(text.replace("%", "").strip())
    if "%" in text or scale == "percent":
        return _slot(name, "percent", f"{bare}%", text, bare)
    sign = "" if _CURRENCY.search(text) or not scale else currency
    kind: SlotKind = "money" if sign or _CURRENCY.search(text) else "number"
    amount = f"-{sign}{bare[1:]}" if sign and bare.startswith("-") else f"{sign}{bare}"
    plain_amount = _CURRENCY.sub("", bare).strip()
    return _slot(
        name,
        kind,
        f"{amount} {scale}".strip(),
        text,
        bare,
        f"{plain_amount} {scale}" if scale else "",
    )


def _slot(name: str, kind: SlotKind, value: str, *aliases: str) -> Slot:
    return Slot(
        name, kind, value, aliases=tuple(dict.fromkeys(a for a in aliases if a and a != value))
    )


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
    company={"policy_summary": "Give figures as the report does, with currency, unit and scale."},
)
