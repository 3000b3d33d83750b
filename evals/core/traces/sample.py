"""A sample of the distinct questions of a log, without personal data, to be given their gold."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from heapq import heappush, heappushpop
from typing import Final

from evals.core.traces.record import Trace

_MASKS: Final = (
    ("[email]", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")),
    ("[iban]", re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b")),
    ("[card]", re.compile(r"\b\d(?:[ -]?\d){12,18}\b")),
    ("[phone]", re.compile(r"(?<![\w.,])(?:\+|00)\d(?:[ ()/.-]{0,2}\d){6,14}(?!\w)")),
    ("[phone]", re.compile(r"(?<![\w.,-])\(?0\d{1,4}\)?[ /-](?:[ /-]?\d{2,}){2,4}(?!\w)")),
    ("[address]", re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")),
)
"""What identifies a person by its form alone. Names and addresses of streets do not."""

_OPENINGS: Final = frozenset(
    ("what", "which", "who", "when", "where", "why", "how", "can", "could", "do", "does", "is")
)


@dataclass(frozen=True)
class Sampled:
    """A question, how often the log has it, and the first answer that it got there."""

    question: str
    answer: str
    times: int
    user: str
    opening: str


def masked(text: str) -> str:
    """The text with e-mail addresses, phone numbers, cards, accounts and IP addresses replaced."""
    for label, form in _MASKS:
        text = form.sub(label, text)
    return text


def sampled(traces: Iterable[Trace], count: int) -> list[Sampled]:
    """At most ``count`` distinct questions, evenly over the words that questions open with.

    Of each opening those whose hash is smallest are kept (a bottom-k sketch), so that every
    distinct question is as likely as any other, the choice is the same on every machine, and
    memory does not grow with the log. Questions that follow earlier turns are passed over: they
    cannot be understood alone.
    """
    kept: dict[str, _Smallest] = defaultdict(lambda: _Smallest(count))
    for trace in traces:
        if not trace.history:
            question = masked(" ".join(trace.question.split()))
            opening = question.split()[0].casefold().strip(",.!?") if question else ""
            opening = opening if opening in _OPENINGS else "other"
            kept[opening].add(question, trace, opening)
    groups = [iter(kept[opening]) for opening in sorted(kept)]
    chosen: list[Sampled] = []
    while groups and len(chosen) < count:
        for group in list(groups):
            found = next(group, None)
            if found is None:
                groups.remove(group)
            elif len(chosen) < count:
                chosen.append(found)
    return chosen


class _Smallest:
    """The questions with the smallest hashes, each with how often it came."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[int] = []
        self._held: dict[int, Sampled] = {}

    def add(self, question: str, trace: Trace, opening: str) -> None:
        key = -int.from_bytes(hashlib.sha256(question.casefold().encode()).digest()[:8])
        known = self._held.get(key)
        if known is not None:
            self._held[key] = replace(known, times=known.times + 1)
            return
        if len(self._heap) < self._size:
            heappush(self._heap, key)
        elif key > self._heap[0]:
            del self._held[heappushpop(self._heap, key)]
        else:
            return
        self._held[key] = Sampled(
            question, masked(trace.answer or ""), 1, masked(trace.user or ""), opening
        )

    def __iter__(self) -> Iterator[Sampled]:
        return (self._held[key] for key in sorted(self._held, reverse=True))
