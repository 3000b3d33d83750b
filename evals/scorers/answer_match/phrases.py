"""Slots whose gold is words: names, texts, choices, labels, yes and no."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from evals.core.schema import Slot
from evals.scorers.answer_match.verdict import Verdict
from evals.text.mentions import mentions
from evals.text.values import same
from evals.text.words import contains_phrase, content_stems, fold, spans, word_set, words

_TITLES: Final = word_set("mr mrs ms miss dr prof professor sir the a an")
_NEGATORS: Final = word_set("not isn't aren't wasn't never neither nor instead rather unlike except excluding")
_OUTDATED: Final = word_set("formerly previously previous former was were old originally replaced replaces")
_FILLER: Final = word_set("a an the is be called named of by to longer than at in actually really")
_YES = re.compile(
    r"\A\W*(?:yes|yep|yeah|yup|true|correct|absolutely|certainly|of course|definitely|indeed|sure|affirmative)\b"
)
_NO = re.compile(
    r"\A\W*(?:no(?! (?:problem|worries|matter|doubt|one|need)\b)|nope|nah|false|incorrect|negative|never"
    r"|unfortunately,? (?:not|no)|i'm afraid not|sadly,? (?:not|no)|not\b(?! only))"
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|never|cannot|can't|don't|doesn't|isn't|aren't|won't|wasn't|weren't|didn't|hasn't|haven't|couldn't"
    r"|shouldn't|unable|without|neither|nor|none|prohibited|forbidden|excluded|impossible|ineligible|unavailable)\b"
    r"(?! (?:only|just|problem|matter|doubt|worries|extra charge|additional cost))"
)
_LEAD = re.compile(
    r"\A\W*(?:thanks?(?: you)?|hi|hello|hey|great question|good question|sure thing|no (?:problem|worries)"
    r"|happy to help|glad you asked|sorry|we(?:'re| are) (?:so )?(?:sorry|happy|glad)"
    r"|i(?:'m| am) (?:so )?(?:sorry|happy|glad))\b[^.!?]*[.!?]"
)


def _plain(tokens: tuple[str, ...]) -> tuple[str, ...]:
    kept = tuple(t for t in tokens if t not in _TITLES)
    return kept or tokens


@lru_cache(maxsize=4096)
def _phrases(values: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(p for v in values if (p := _plain(words(v))))


def judge_phrase(slot: Slot, text: str) -> Verdict:
    """Names and short texts: all words of the value or an alias in a row, titles and articles aside.

    A ``text`` value is also right where at least four fifths of its content stems and all its typed values are said.
    """
    tokens = _plain(words(text))
    golds = _phrases((slot.value, *slot.aliases))
    stale_at = [(p, i) for p in _phrases(slot.stale) if (i := standing(tokens, p, _OUTDATED)) >= 0]
    stale_said = [
        p for p, i in stale_at if not any(contains_phrase(g, p) >= 0 and contains_phrase(tokens, g) >= 0 for g in golds)
    ]
    stood = next((p for p in golds if standing(tokens, p) >= 0), None)
    if stood is None and slot.kind == "text" and any(_covers(v, text) for v in (slot.value, *slot.aliases)):
        stood = words(slot.value)
    if stale_said:
        return Verdict(False, "stale", " ".join(stale_said[0]), True)
    if stood is None:
        negated = any(contains_phrase(tokens, p) >= 0 for p in golds)
        return Verdict(False, "negated" if negated else "absent")
    return Verdict(True, "right", " ".join(stood))


def standing(tokens: tuple[str, ...], phrase: tuple[str, ...], also: frozenset[str] = frozenset()) -> int:
    """Index of an occurrence of ``phrase`` that is not negated (or marked by a word of ``also``) just before; or -1."""
    at, offset = contains_phrase(tokens, phrase), 0
    while at >= 0:
        place = offset + at
        before = place - 1
        while before >= 0 and place - before < 5 and tokens[before] in _FILLER:
            before -= 1
        near = tokens[max(0, before)] if before >= 0 else ""
        no_longer = near == "no" and before + 1 < place and tokens[before + 1] == "longer"
        if near not in _NEGATORS and near not in also and not no_longer:
            return place
        offset = place + 1
        at = contains_phrase(tokens[offset:], phrase)
    return -1


def _covers(value: str, text: str) -> bool:
    wanted = set(content_stems(value))
    if len(wanted) < 3:
        return False
    said = [m.value for m in mentions(text)]
    typed_ok = all(any(same(m.value, s) for s in said) for m in mentions(value))
    return typed_ok and len(wanted & set(content_stems(text))) >= 0.8 * len(wanted)


def judge_choice(slot: Slot, text: str, choices: tuple[str, ...]) -> Verdict:
    """One of the choices: the gold is named, and no other choice is (one inside the gold's own words is no other)."""
    said = chosen(text, choices or (slot.value,), slot)
    golds = set(_phrases((slot.value, *slot.aliases)))
    if not said:
        return Verdict(False, "absent")
    right = [s for s in said if s in golds]
    wrong = [s for s in said if s not in golds]
    if right and not wrong:
        return Verdict(True, "right", " ".join(right[0]))
    return Verdict(False, "alternative" if right else "absent", " ".join(wrong[0]))


def chosen(text: str, choices: tuple[str, ...], slot: Slot | None = None) -> list[tuple[str, ...]]:
    """The choices an answer names, as words: a bare letter counts where the answer is nothing else."""
    letter = re.fullmatch(r"\W*([a-z])\W*", fold(text))
    if letter and len(choices) > 1 and ord(letter[1]) - 97 < len(choices) and (letter[1],) not in _phrases(choices):
        return list(_phrases((choices[ord(letter[1]) - 97],)))
    aliases = () if slot is None else (slot.value, *slot.aliases)
    tokens = _plain(tuple(w for word in words(text) for w in word.split("_")))
    options = sorted(dict.fromkeys(_phrases((*choices, *aliases))), key=len, reverse=True)
    named: list[tuple[str, ...]] = []
    rest = tokens
    for option in options:
        at = standing(rest, option)
        if at >= 0:
            named.append(option)
            rest = (*rest[:at], "", *rest[at + len(option) :])
    return named


def judge_boolean(slot: Slot, text: str) -> Verdict:
    """Yes or no, said outright or by the polarity of the first sentence that is no greeting."""
    gold = fold(slot.value) in ("yes", "true", "1", "y")
    said = polarity(text)
    if said is None:
        return Verdict(False, "absent")
    return Verdict(said == gold, "right" if said == gold else "contradicted", "yes" if said else "no")


def outright(text: str) -> bool | None:
    """Whether an answer begins with a yes or a no; None where with neither."""
    folded = fold(text)
    return True if _YES.match(folded) else False if _NO.match(folded) else None


def polarity(text: str) -> bool | None:
    """What an answer says to a yes-or-no question; None where it is empty or declines."""
    from evals.scorers.abstention.reader import read

    folded = fold(text)
    if not words(folded) or read(text).state == "abstained":
        return None
    while (lead := _LEAD.match(folded)) and lead.end() < len(folded):
        folded = folded[lead.end() :].strip()
    if _YES.match(folded):
        return True
    if _NO.match(folded):
        return False
    first = folded[slice(*spans(folded)[0])]
    return not _NEGATIVE.search(first)
