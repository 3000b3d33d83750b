"""The full validator of a pack: reads every line once or twice, holds ids but no texts, names file
and line.
"""

from __future__ import annotations

from pathlib import Path

from evals.core.schema import Item
from suites.packs.validate.balance import Tally, check_balance, check_strata, check_voices
from suites.packs.validate.findings import Finding, Findings
from suites.packs.validate.folder import check_folder
from suites.packs.validate.gold import (
    Asked,
    FactIndex,
    check_gold,
    check_unanswerable,
    question_key,
)
from suites.packs.validate.leaks import Questions, check_examples, check_leak
from suites.packs.validate.references import check_documents, check_items
from suites.packs.validate.scan import Scan, scan
from suites.packs.validate.twins import check_twins

__all__ = ["Finding", "Findings", "validate"]


def validate(root: Path, limit: int = 20) -> Findings:
    """Every defect of the pack in ``root``, at most ``limit`` of each kind in full. Never raises
    for a bad pack.

    Raises OSError where the folder cannot be read.
    """
    findings = Findings(limit)
    check_folder(root, findings)
    found = scan(root, findings)
    if (
        found is None
        or not (root / "items.jsonl").exists()
        or not (root / "documents.jsonl").exists()
    ):
        return findings
    try:
        check_documents(found)
        taught, users = check_examples(found)
        tally = _check_items(found, taught, users)
        check_balance(found, tally)
        check_strata(found)
        check_voices(found)
    finally:
        found.close()
    return findings


def _check_items(found: Scan, taught: Questions, users: set[str]) -> Tally:
    tally = Tally()
    paired: dict[str, tuple[int, Item]] = {}
    asked: Asked = {}
    known: set[str] = set()
    wanting: list[tuple[int, Item]] = []
    for line, item in found.records("items.jsonl", Item):
        known.add(item.id)
        check_items(found, line, item)
        check_gold(found, line, item)
        check_leak(found, line, item, taught)
        tally.add(item)
        if item.twin is not None or item.suite == "hallucination":
            paired[item.id] = (line, item)
        if item.answerable:
            _check_repeated(found, line, item, asked)
        else:
            wanting.append((line, item))
        if item.user in users and item.user is not None:
            found.report(
                "trained_user", "items.jsonl", line, f"{item.user!r} also asks in training"
            )
    index = FactIndex(found.facts.values())
    for line, item in wanting:
        twin = paired.get(item.twin or "", (0, None))[1]
        check_unanswerable(found, line, item, index, asked, twin)
    check_twins(found, paired, known)
    return tally


def _check_repeated(found: Scan, line: int, item: Item, asked: Asked) -> None:
    first = asked.setdefault(question_key(item), (item.suite, item.track, item.id))
    if first[2] != item.id and first[:2] == (item.suite, item.track):
        found.report("duplicate_question", "items.jsonl", line, f"asks the same as {first[2]!r}")
