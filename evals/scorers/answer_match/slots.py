"""Is a typed gold value what a free sentence says? One `Verdict` per slot, with the reason when it
is wrong.

Right means: the gold value stands in the answer as a value of its kind, it is not negated, and no
rival takes its place. A rival is another value of the same kind that is superseded (``stale``),
offered as an alternative ("30 or 90 days"), put in an otherwise equal sentence, or one of more than
`MAX_OTHERS` (an answer that lists values picks none). Values of the question, values called
outdated ("it used to be 60"), and other figures in passing are benign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from evals.core.schema import Slot
from evals.scorers.answer_match.asked import asked, narrowed, states
from evals.scorers.answer_match.choices import judge_choice
from evals.scorers.answer_match.phrases import judge_phrase
from evals.scorers.answer_match.polarity import judge_boolean
from evals.scorers.answer_match.verdict import MOST_EVIDENCE, Verdict
from evals.text.gold import TYPED, gold_values
from evals.text.mentions import Mention, mentions
from evals.text.values import Value, comparable, same
from evals.text.words import clean, content_stems, lowered, spans

MAX_OTHERS: Final = 3
"""An answer with more other values of the kind than this gives a list, not an answer."""

_NEGATION = re.compile(
    r"\b(?:not|isn't|aren't|wasn't|never|no\s+longer|rather\s+than|instead\s+of|unlike)\s+"
    r"(?:(?:a|an|the|at|on|in|by|for|from|with|is|be|actually|really|exactly|called|named|until|till)\s+)*[\"']?\Z"
)
_OUTDATED = re.compile(
    r"\b(?:previous(?:ly)?|former(?:ly)?|old|earlier|originally|used\s+to|no\s+longer|was|were|had\s+been|instead\s+of"
    r"|rather\s+than|not|isn't|up\s+from|down\s+from|replac(?:es|ed|ing)|superseded?|outdated|before|until\s+recently"
    r"|(?:chang|rais|increas|reduc|lower|mov|updat|exten|shorten|cut)\w*(?:\s+\w+){0,4}\s+from)\b[^.;!?]{0,40}\Z"
)
_AFTER_OUTDATED = re.compile(
    r"\A[^.;,!?]{0,30}\b(?:before|previously|formerly|originally|in\s+the\s+past|no\s+longer\s+applies|is\s+outdated"
    r"|until\s+recently|old\s+(?:price|value|policy|date|figure))\b"
)
_OR = re.compile(
    r"\A\W*(?:,?\s*(?:or|and/or|or\s+(?:maybe|possibly|perhaps|even))\s*(?:[\w']+\s+){0,3}|\s*/\s*)\W*\Z"
)


_UNITED: Final = ("money", "percent", "duration")


def judge(slot: Slot, question: str, answer: str, choices: Iterable[str] = ()) -> Verdict:
    """Judge one slot against one answer. Never raises; an empty answer is ``absent``."""
    text = clean(answer)
    found = _judged(slot, question, text, tuple(choices))
    clause = next(
        (text[a:b] for a, b in spans(text) if found.said and found.said in text[a:b]), text
    )
    return replace(found, expected=slot.value, clause=clause[:MOST_EVIDENCE])


def _judged(slot: Slot, question: str, text: str, choices: tuple[str, ...]) -> Verdict:
    if slot.kind == "boolean":
        return judge_boolean(slot, question, text)
    if slot.kind in ("choice", "label"):
        return judge_choice(slot, text, choices)
    golds = gold_values(slot)
    if slot.kind in TYPED and golds:
        return _typed(slot, golds, question, text)
    return judge_phrase(slot, text)


def _typed(slot: Slot, golds: tuple[Value, ...], question: str, text: str) -> Verdict:
    asks = asked(question)
    found = [narrowed(m, asks) for m in mentions(text)]
    hits = [m for m in found if any(states(g, m.value, asks, exact=True) for g in golds)] or _bare(
        golds, found
    )
    stale_values = gold_values(slot, slot.stale)
    live_stale = [m for m in found if any(same(s, m.value) for s in stale_values) and m not in hits]
    asserted_stale = [m for m in live_stale if not outdated(text, m)]
    if not hits:
        said = next((m for m in found if any(comparable(g, m.value) for g in golds)), None)
        return Verdict(
            False, "stale" if asserted_stale else "absent", _cut(text, said), bool(asserted_stale)
        )
    standing = [
        m for m in hits if not _NEGATION.search(lowered(text[max(0, m.start - 60) : m.start]))
    ]
    if not standing:
        return Verdict(False, "negated", _cut(text, hits[0]), bool(asserted_stale))
    if asserted_stale:
        return Verdict(False, "stale", _cut(text, asserted_stale[0]), True)
    return _against_rivals(golds, standing, found, question, text)


def _against_rivals(
    golds: tuple[Value, ...],
    hits: list[Mention],
    found: Iterable[Mention],
    question: str,
    text: str,
) -> Verdict:
    others = [m for m in found if m not in hits and any(comparable(g, m.value) for g in golds)]
    others = [m for m in others if not any(same(g, m.value) for g in golds)]
    known = asked(question).values
    rivals = [
        m for m in others if not any(same(k, m.value) for k in known) and not outdated(text, m)
    ]
    for rival in rivals:
        if any(_alternative(text, hit, rival) for hit in hits):
            return Verdict(False, "alternative", _cut(text, rival))
        if any(_same_frame(text, hit, rival) for hit in hits):
            return Verdict(False, "contradicted", _cut(text, rival))
    if len({m.value for m in rivals}) > MAX_OTHERS:
        return Verdict(False, "listed", _cut(text, rivals[0]))
    return Verdict(True, "right", _cut(text, hits[0]))


def _bare(golds: tuple[Value, ...], found: Iterable[Mention]) -> list[Mention]:
    """A short answer may leave the unit to the question: ``25`` for $25, where nothing of the
    gold's kind is said.

    It may leave the scale too (``9.8`` for $9.8 thousand), but not name another one.
    """
    if any(g.kind == m.value.kind for g in golds for m in found):
        return []
    bare = [m for m in found if m.value.kind == "number" and not m.value.unit]
    amounts = {
        (g.raw, scale) for g in golds if g.kind in _UNITED and g.point for scale in (1.0, g.scale)
    }
    return [m for m in bare if (m.value.raw, m.value.scale) in amounts] if len(bare) == 1 else []


def outdated(text: str, mention: Mention) -> bool:
    """Whether the answer itself marks a value as superseded ("it used to be", "up from", "no
    longer").
    """
    start, end = next(((a, b) for a, b in spans(text) if a <= mention.start < b), (0, len(text)))
    before = lowered(text[max(start, mention.start - 90) : mention.start])
    return bool(
        _OUTDATED.search(before) or _AFTER_OUTDATED.search(lowered(text[mention.end : end]))
    )


def _alternative(text: str, a: Mention, b: Mention) -> bool:
    first, second = (a, b) if a.start < b.start else (b, a)
    return bool(_OR.match(lowered(text[first.end : second.start])))


def _same_frame(text: str, a: Mention, b: Mention) -> bool:
    """Two sentences that say the same but for the value: a self-contradiction."""
    one, other = _frame(text, a), _frame(text, b)
    if one is None or other is None or one[0] == other[0]:
        return False
    x, y = one[1], other[1]
    return len(x & y) >= 0.6 * len(x | y)


def _frame(text: str, mention: Mention) -> tuple[tuple[int, int], set[str]] | None:
    for start, end in spans(text):
        if start <= mention.start < end:
            return (start, end), set(
                content_stems(text[start : mention.start] + " " + text[mention.end : end])
            )
    return None


def _cut(text: str, mention: Mention | None) -> str:
    return "" if mention is None else text[mention.start : mention.end]
