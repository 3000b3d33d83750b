"""Checks that every name stands for something, and that nothing is used before its time or by the
wrong person.
"""

from __future__ import annotations

from datetime import date

from evals.core.schema import Document, Example, Item
from suites.packs.validate.scan import Scan


def check_documents(scan: Scan) -> None:
    """Dates, owners and predecessors of documents."""
    last = max(scan.settings.times.values(), default="9999-12-31")
    texts: dict[int, int] = {}
    for line, document in scan.records("documents.jsonl", Document):
        if not is_date(document.date):
            scan.report(
                "bad_date",
                "documents.jsonl",
                line,
                f"{document.date!r} is no date of the form YYYY-MM-DD",
            )
        elif document.date > last:
            scan.report(
                "unseen_document",
                "documents.jsonl",
                line,
                f"dated {document.date}, after the last moment",
            )
        if document.user is not None and document.user not in scan.users:
            scan.report(
                "dangling_user",
                "documents.jsonl",
                line,
                f"belongs to the unknown user {document.user!r}",
            )
        if document.supersedes is not None:
            _check_predecessor(scan, document, line)
        for fact in document.facts:
            if fact not in scan.facts:
                scan.report(
                    "dangling_fact", "documents.jsonl", line, f"names the unknown fact {fact!r}"
                )
        print_of = hash((document.text, document.user))
        if print_of in texts:
            scan.report(
                "duplicate_document",
                "documents.jsonl",
                line,
                f"same text as line {texts[print_of]}",
            )
        texts.setdefault(print_of, line)


def _check_predecessor(scan: Scan, document: Document, line: int) -> None:
    before = scan.documents.get(document.supersedes or "")
    if before is None:
        message = f"supersedes the unknown document {document.supersedes!r}"
        scan.report("dangling_document", "documents.jsonl", line, message)
    elif before.date > document.date:
        message = f"dated {document.date}, before the document it supersedes ({before.date})"
        scan.report("bad_date", "documents.jsonl", line, message)


def check_items(scan: Scan, line: int, item: Item) -> None:
    """Names in one item: documents, facts, user, moment; and whether its gold can be seen by the
    one who asks.
    """
    moment = scan.settings.times.get(item.time)
    if moment is None:
        scan.report(
            "unknown_moment",
            "items.jsonl",
            line,
            f"is asked at {item.time!r}, which pack.toml does not name",
        )
    for name in (*item.documents, *item.also):
        note = scan.documents.get(name)
        if note is None:
            scan.report(
                "dangling_document", "items.jsonl", line, f"names the unknown document {name!r}"
            )
        elif moment is not None and note.date > moment:
            scan.report(
                "future_gold",
                "items.jsonl",
                line,
                f"{name!r} is dated {note.date}, after {item.time}",
            )
        elif note.user is not None and note.user != item.user:
            scan.report(
                "foreign_gold",
                "items.jsonl",
                line,
                f"{name!r} belongs to {note.user!r}, who is not asking",
            )
    for name in item.documents:
        newer = scan.documents.get(scan.replaced_by.get(name, ""))
        if newer is not None and moment is not None and newer.date <= moment:
            scan.report(
                "superseded_gold", "items.jsonl", line, f"{name!r} is superseded at {item.time}"
            )
    for fact in item.facts:
        if fact not in scan.facts:
            scan.report("dangling_fact", "items.jsonl", line, f"names the unknown fact {fact!r}")
    if item.user is not None and item.user not in scan.users:
        scan.report(
            "dangling_user", "items.jsonl", line, f"is asked by the unknown user {item.user!r}"
        )


def check_example_names(scan: Scan, line: int, example: Example) -> None:
    """Names in one training example, and that nothing in it comes from after t0."""
    moment = scan.settings.times.get("t0")
    for name in example.documents:
        note = scan.documents.get(name)
        if note is None:
            scan.report(
                "dangling_document", "train.jsonl", line, f"names the unknown document {name!r}"
            )
        elif moment is not None and note.date > moment:
            scan.report(
                "future_training", "train.jsonl", line, f"{name!r} is dated {note.date}, after t0"
            )
    for fact in example.facts:
        if fact not in scan.facts:
            scan.report("dangling_fact", "train.jsonl", line, f"names the unknown fact {fact!r}")
    if example.user is not None and example.user not in scan.users:
        scan.report(
            "dangling_user", "train.jsonl", line, f"is asked by the unknown user {example.user!r}"
        )


def is_date(text: str) -> bool:
    """Whether the text is an ISO 8601 calendar date."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
