"""Whether one statement denies another: the same words said with and without a negation, or with a
word's opposite.

"Delivery is not free." denies "Delivery is free.", and "We are closed on Sunday." denies "We are
open on Sunday." Statements are compared as sets of stems, so who does what to whom is not read ("A
is cheaper than B" either way round).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from evals.text.words import STOP_WORDS, clean, spans, stems, word_set, words

_OF_VERBS: Final = word_set(
    "not never cannot can't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't"
    " couldn't shouldn't hasn't haven't hadn't mustn't needn't"
)
_OF_THINGS: Final = word_set("no without neither nor none nothing")
_OPPOSITES: Final = {
    "closed": "open",
    "shut": "open",
    "forbidden": "allowed",
    "prohibited": "allowed",
    "banned": "allowed",
    "excluded": "included",
    "excludes": "includes",
    "exclude": "include",
    "impossible": "possible",
    "unable": "able",
    "unavailable": "available",
    "ineligible": "eligible",
    "disabled": "enabled",
    "false": "true",
    "invalid": "valid",
    "rejected": "accepted",
    "refused": "accepted",
    "inactive": "active",
    "unsafe": "safe",
    "unlimited": "limited",
}
_VERBS: Final = word_set(
    "is are was were be been am can may might must will would could should do does did has have had"
    " get gets got need needs include includes exclude excludes"
)
_CONDITIONS: Final = word_set(
    "if unless until till before after within except only once when while from than more less over"
    " under most least"
)
"""Words that change what a statement says: another statement must have the same ones."""
_ANSWERED = re.compile(
    r"\A\W*(?:yes|no|nope|yeah|sorry|sadly|unfortunately|actually|well)\b\s*[,:;!–—-]+\s*", re.I
)
_SENTENCES: Final = 40
_EXTRA: Final = 2
"""Words that a denial may have beside those of the statement."""


NEGATING: Final = _OF_VERBS | _OF_THINGS | frozenset(_OPPOSITES)
"""Folded words of which one stands in every statement or denial that `denies` could tell apart."""


class Statement(msgspec.Struct, frozen=True):
    """Stems of the words that carry a statement, and whether it is negative."""

    content: frozenset[str]
    negative: bool


@lru_cache(maxsize=1024)
def statement(text: str) -> Statement | None:
    """One sentence with a verb and at least two words of content; None for names, values and longer
    texts.
    """
    plain = _ANSWERED.sub("", clean(text))
    if len(spans(plain)) != 1 or not (_VERBS | _OF_VERBS).intersection(words(plain)):
        return None
    found = _read(words(plain))
    return found if len(found.content) > 1 else None


class Sentence(NamedTuple):
    """A sentence's folded words, and the stems of those that carry it."""

    tokens: tuple[str, ...]
    content: frozenset[str]


def sentences(text: str, most: int) -> tuple[Sentence, ...]:
    """The first ``most`` sentences of a cleaned text, without a yes or no that answers."""
    parts = (words(_ANSWERED.sub("", text[a:b])) for a, b in spans(text)[:most])
    return tuple(Sentence(tokens, _read(tokens).content) for tokens in parts)


def denied(wanted: Statement, parts: Iterable[Sentence]) -> bool:
    """Whether one of the sentences is the statement's denial, and none is the statement itself."""
    about = [
        _read(p.tokens, wanted.content).negative
        for p in parts
        if _same_matter(p.content, wanted.content)
    ]
    return bool(about) and wanted.negative not in about


def denies(answer: str, wanted: Statement) -> bool:
    """Whether a sentence of the answer is the statement's denial, and none is the statement
    itself.
    """
    return denied(wanted, sentences(clean(answer), _SENTENCES))


_YOU_AND_WE: Final = word_set("store stores shop shops we you your our all")
_SHARE_OF_QUESTION: Final = 0.75


def asserts(sentence: str, question: str) -> bool | None:
    """Whether a folded sentence says yes or no to a question by stating what it asks; None where it
    does neither.

    It does where it holds at least three quarters of the question's content, conditions included;
    it says no where one of the two is negative.
    """
    asked, said = _read(words(question)), _read(words(sentence))
    wanted = asked.content - _YOU_AND_WE
    if not wanted or len(wanted & said.content) < _SHARE_OF_QUESTION * len(wanted):
        return None
    if any(w in _CONDITIONS for w in said.content - wanted):
        return None
    about = _read(words(sentence), wanted)
    return about.negative is asked.negative


def _same_matter(said: frozenset[str], wanted: frozenset[str]) -> bool:
    extra = said - wanted
    return (
        wanted <= said
        and len(extra) <= _EXTRA
        and not any(w in _CONDITIONS or w[0].isdigit() for w in extra)
    )


@lru_cache(maxsize=1024)
def _read(tokens: tuple[str, ...], about: frozenset[str] | None = None) -> Statement:
    """``about``: a negation of a thing counts only where the thing is one of these stems ("free, no
    charge").
    """
    kept: list[str] = []
    negations, pending = 0, False
    for token in tokens:
        pending = pending or token in _OF_THINGS
        negations += token in _OF_VERBS or token in _OPPOSITES
        word = _OPPOSITES.get(token, token)
        if word in _CONDITIONS or (
            word not in STOP_WORDS and word not in _OF_VERBS and word not in _OF_THINGS
        ):
            (stem,) = (word,) if word in _CONDITIONS else stems((word,))
            kept.append(stem)
            negations += pending and (about is None or stem in about)
            pending = False
    return Statement(frozenset(kept), negations % 2 == 1)
