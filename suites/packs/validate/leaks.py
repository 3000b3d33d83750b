"""Checks that training gives nothing away: neither test questions nor the values of facts that
change.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Final

from rapidfuzz import fuzz

from evals.core.schema import Example, Item
from suites.packs.text import plain
from suites.packs.validate.gold import FactIndex
from suites.packs.validate.references import check_example_names
from suites.packs.validate.scan import Scan

NGRAM: Final = 8
"""A run of this many words in both a taught and an asked question is a leak."""
NEAR: Final = 93.0
"""Similarity (0 to 100, words sorted) from which two questions are near-duplicates."""
_COMMON: Final = 200
_CANDIDATES: Final = 5


class Questions:
    """Questions that others are compared with: the same, a long run of words in common, or nearly
    the same.
    """

    def __init__(self) -> None:
        self._lines: list[int] = []
        self._texts: list[str] = []
        self._exact: dict[str, int] = {}
        self._ngrams: dict[int, int] = {}
        self._words: dict[str, list[int]] = defaultdict(list)

    def add(self, line: int, question: str) -> None:
        """Remember one question under its line."""
        text = plain(question)
        words = _words(text)
        number = len(self._lines)
        self._lines.append(line)
        self._texts.append(text)
        self._exact.setdefault(text, line)
        for gram in _grams(words):
            self._ngrams.setdefault(gram, line)
        for word in set(words):
            self._words[word].append(number)

    def like(self, question: str) -> tuple[str, int] | None:
        """The strongest likeness to a known question as (``leak``, ``ngram_leak`` or ``near_leak``,
        its line).
        """
        text = plain(question)
        words = _words(text)
        if text in self._exact:
            return "leak", self._exact[text]
        shared = next((self._ngrams[g] for g in _grams(words) if g in self._ngrams), None)
        if shared is not None:
            return "ngram_leak", shared
        near = self._nearest(text, words)
        return None if near is None else ("near_leak", near)

    def _nearest(self, text: str, words: list[str]) -> int | None:
        votes: Counter[int] = Counter()
        for word in sorted(set(words)):
            known = self._words.get(word, ())
            if len(known) <= _COMMON:
                votes.update(known)
        for number, _ in votes.most_common(_CANDIDATES):
            if fuzz.token_sort_ratio(text, self._texts[number]) >= NEAR:
                return self._lines[number]
        return None


_LIKENESS: Final = {
    "leak": "is the very question of train.jsonl:{line}",
    "ngram_leak": f"shares {NGRAM} words in a row with the question of train.jsonl:{{line}}",
    "near_leak": "is nearly the question of train.jsonl:{line}",
}


def check_leak(scan: Scan, line: int, item: Item, taught: Questions) -> None:
    """A test question must not be one that training shows."""
    found = taught.like(item.question)
    if found is not None:
        scan.report(found[0], "items.jsonl", line, _LIKENESS[found[0]].format(line=found[1]))


def check_examples(scan: Scan) -> tuple[Questions, set[str]]:
    """Every training example by itself; returns the taught questions and the users who ask them."""
    taught, users = Questions(), set()
    changing = FactIndex(f for f in scan.facts.values() if f.before is not None)
    if (scan.root / "train.jsonl").exists():
        for line, example in scan.records("train.jsonl", Example):
            check_example_names(scan, line, example)
            _check_shape(scan, line, example)
            _check_targets(scan, line, example, changing)
            for message in example.messages:
                if message.role == "user":
                    taught.add(line, message.content)
            if example.user is not None:
                users.add(example.user)
    return taught, users


def _check_shape(scan: Scan, line: int, example: Example) -> None:
    roles = [m.role for m in example.messages]
    if "user" not in roles or not roles or roles[-1] != "assistant":
        scan.report(
            "bad_example",
            "train.jsonl",
            line,
            f"messages end with the assistant's answer, not {roles}",
        )
    elif not example.messages[-1].content.strip():
        scan.report("bad_example", "train.jsonl", line, "the assistant's answer is empty")


def _check_targets(scan: Scan, line: int, example: Example, changing: FactIndex) -> None:
    moving = [f for f in example.facts if f in scan.facts and scan.facts[f].volatile]
    if moving:
        scan.report(
            "volatile_target", "train.jsonl", line, f"teaches {moving[0]!r}, a fact that may change"
        )
        return
    answer = " ".join(m.content for m in example.messages if m.role == "assistant")
    asked = " ".join(m.content for m in example.messages if m.role == "user")
    for fact in changing.named_in(f"{asked} {answer}"):
        values = [v for v in (fact.value, fact.before) if v]
        if fact.user in (None, example.user) and any(_stands_in(v, answer) for v in values):
            message = f"states a value of {fact.id!r}, a fact that changes"
            scan.report("changed_value_taught", "train.jsonl", line, message)
            return


def _stands_in(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(plain(value))}(?!\w)", plain(text)) is not None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _grams(words: list[str]) -> list[int]:
    return [hash(tuple(words[i : i + NGRAM])) for i in range(len(words) - NGRAM + 1)]
