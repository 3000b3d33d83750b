"""Checks of the gold: the documents support it, it is well-formed, and what has no answer really
has none.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from evals.core.schema import Fact, Item, Slot
from suites.packs.text import plain
from suites.packs.validate.references import is_date
from suites.packs.validate.scan import Scan

Asked = dict[tuple[str, str | None, str], tuple[str, str, str]]
"""`question_key` -> (suite, track, id) of the first answerable item that asks it."""

DERIVED: Final = "derived"
"""An item whose ``trap`` begins so has gold that is computed from its documents and need not stand
in them.
"""

_FORMAL: Final = ("label", "json")
_NUMERIC: Final = ("number", "money", "percent", "duration")
_WORD_NUMBERS: Final = re.compile(
    r"\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty|hundred|thousand|million"
    r"|billion|half|a|an)\b",
    re.IGNORECASE,
)
_PARTIAL_DATE: Final = re.compile(r"\d{4}(?:-\d{2})?")
_TIME: Final = re.compile(
    r"(?:[01]?\d|2[0-3])[:.][0-5]\d|(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?\s?[ap]\.?m\.?", re.IGNORECASE
)


def check_gold(scan: Scan, line: int, item: Item) -> None:
    """Gold of one item: present, well-formed, supported; none where the item is unanswerable."""
    if not item.answerable:
        if item.gold or item.documents:
            message = "is unanswerable and yet has gold slots or gold documents"
            scan.report("unanswerable_with_gold", "items.jsonl", line, message)
        return
    if not item.gold and not item.references:
        scan.report(
            "gold_missing",
            "items.jsonl",
            line,
            "is answerable and has neither a gold slot nor a reference",
        )
    for slot in item.gold:
        problem = malformed(slot, item)
        if problem:
            scan.report("bad_slot", "items.jsonl", line, f"slot {slot.name!r}: {problem}")
        if slot.value in slot.stale:
            scan.report(
                "stale_gold",
                "items.jsonl",
                line,
                f"slot {slot.name!r}: the gold value is also listed as stale",
            )
    free = [slot for slot in item.gold if slot.kind not in _FORMAL]
    if not item.documents and not item.also:
        if free and scan.documents:
            scan.report(
                "no_document", "items.jsonl", line, "names no document that supports its gold"
            )
        return
    if not (item.trap or "").startswith(DERIVED):
        _check_support(scan, line, item, free)


def _check_support(scan: Scan, line: int, item: Item, slots: Iterable[Slot]) -> None:
    known = [name for name in item.documents if name in scan.documents]
    text = plain(" ".join(scan.text(name) for name in known))
    for slot in slots:
        if slot.kind == "boolean":
            continue
        if known and not any(plain(v) in text for v in (slot.value, *slot.aliases)):
            message = f"no gold document states {slot.value!r} ({slot.name})"
            scan.report("unsupported_gold", "items.jsonl", line, message)


def malformed(slot: Slot, item: Item) -> str | None:
    """What is wrong with a slot's canonical value, if anything."""
    value = slot.value.strip()
    if not value:
        return "the value is empty"
    if slot.kind in _NUMERIC and not re.search(r"\d", value) and not _WORD_NUMBERS.search(value):
        return f"{value!r} holds no number"
    if slot.kind == "date" and not (is_date(value) or _PARTIAL_DATE.fullmatch(value)):
        return f"{value!r} is no date of the form YYYY-MM-DD, YYYY-MM or YYYY"
    if slot.kind == "time" and not _TIME.fullmatch(value):
        return f"{value!r} is no time of day"
    if slot.kind == "boolean" and value not in ("yes", "no", "true", "false"):
        return f"{value!r} is neither yes nor no"
    if slot.kind in ("label", "choice") and item.choices and value not in item.choices:
        return f"{value!r} is not among the choices"
    return _malformed_json(value, item.json_schema) if slot.kind == "json" else None


def _malformed_json(value: str, schema: dict[str, Any] | None) -> str | None:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError) as error:
        return f"the gold is no JSON: {error}"
    if schema is None:
        return "a json slot needs the item's json_schema"
    required = schema.get("required", [])
    if not isinstance(required, list):
        return "the json_schema's list of required keys is no list"
    absent = [str(key) for key in required if not isinstance(found, dict) or str(key) not in found]
    return f"the gold lacks what its schema requires: {', '.join(absent)}" if absent else None


class FactIndex:
    """Finds the facts whose entity a question names. Keeps one entry per fact."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._by_word: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            words = re.findall(r"\w+", fact.entity.lower())
            if words:
                self._by_word[max(words, key=lambda w: (len(w), w))].append(fact)

    def named_in(self, text: str) -> list[Fact]:
        """Facts whose whole entity stands in the text, letter case aside."""
        low = text.lower()
        words = set(re.findall(r"\w+", low))
        return [
            f
            for w in sorted(words & self._by_word.keys())
            for f in self._by_word[w]
            if f.entity.lower() in low
        ]


def check_unanswerable(
    scan: Scan,
    line: int,
    item: Item,
    index: FactIndex,
    asked: Asked,
    twin: Item | None,
) -> None:
    """An unanswerable item must not be answered by a fact of the pack, nor be asked with an answer
    elsewhere. The twin of a refusal asks for something else about the same thing.
    """
    key = question_key(item)
    if key in asked:
        message = f"is unanswerable, but {asked[key][2]!r} asks the same and has an answer"
        scan.report("unanswerable_answered", "items.jsonl", line, message)
        return
    known = twin.facts if twin is not None and item.trap != "refusal" else ()
    attributes = {scan.facts[f].attribute for f in known if f in scan.facts}
    for fact in index.named_in(item.question) if attributes else ():
        if fact.attribute in attributes and fact.user in (None, item.user):
            message = f"is unanswerable, but the fact {fact.id!r} answers it"
            scan.report("unanswerable_answered", "items.jsonl", line, message)
            return


def question_key(item: Item) -> tuple[str, str | None, str]:
    """What makes two questions the same: the words, who asks, and when."""
    return plain(item.question), item.user, item.time
