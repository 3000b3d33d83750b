"""What an answer says of the fields of a record, for `groundedness`: "no WiFi" beside ``WiFi:
free``.

A context that is a JSON object is read as fields that hold, do not hold (``false``, ``"no"``) or
are unknown (``null``). A clause that names a field affirms or denies it; that agrees, conflicts,
or says what no field holds. Fields whose words stand in the record's other texts too (a review that
calls the place romantic) are left alone. Opening hours by weekday have a reader of their own
(`opening_hours`). Nothing here knows any record's schema.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal, NamedTuple

from evals.text import opening_hours
from evals.text.words import STOP_WORDS, stems, word_set, words

State = Literal["holds", "fails", "unmentioned"]

MAX_FIELDS: Final = 200
"""Fields of a record that are looked for in an answer."""

CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|_")
_COMMON: Final = 5.0
"""Zipf frequency from which an option's word (``street``, ``lot``) needs its parent's (``parking``)
beside it.
"""
_NEGATIVE: Final = word_set("no none false never n/a")
_EVALUATIVE: Final = word_set(
    "good great nice best has is allow allows accept accepts offer offers by"
)
_NEGATORS: Final = word_set(
    "not no never none nor without cannot can't don't doesn't didn't isn't aren't lack lacks"
    " lacking unavailable neither"
)
_COPULAS: Final = word_set("is are was were be")
_NOT_BEING: Final = word_set("isn't aren't unavailable")
_VERBS: Final = _COPULAS | word_set(
    "has have had having offer offers offering provide provides providing feature features accept"
    " accepts take takes includes boasts do does did"
)
_UNMENTIONED: Final = frozenset(
    stems(words("mentioned specified listed information indicated stated known provided detail"))
)
_CLAUSE: Final = re.compile(
    r"[.;:!?]|\bbut\b|\balthough\b|\bhowever\b|\bwhile\b|\bthough\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Field:
    """One field: the stems that name it, joined stem for one-word spellings, its parent's stems,
    and its state.
    """

    names: tuple[str, ...]
    joined: str
    parents: frozenset[str]
    state: State
    common: bool


@dataclass(frozen=True)
class Fields:
    """The fields of all records among the contexts, and the opening hours."""

    fields: tuple[Field, ...] = ()
    hours: opening_hours.Hours | None = None


@dataclass(frozen=True)
class Verdict:
    """How often a text agrees with the fields, contradicts them, and says what the record does not
    tell.
    """

    agrees: int = 0
    conflicts: int = 0
    unmentioned: int = 0
    hours: int = 0


class _Found(NamedTuple):
    """A keyed value; ``option``: one of several that are true or false (kinds of parking)."""

    path: tuple[str, ...]
    state: State
    option: bool


@lru_cache(maxsize=128)
def read(contexts: tuple[str, ...]) -> Fields:
    """The fields of the contexts that are JSON objects; none where no context is."""
    found: list[_Found] = []
    texts: list[str] = []
    hours: opening_hours.Hours | None = None
    for context in contexts:
        if context.lstrip()[:1] != "{":
            continue
        try:
            record = json.loads(context)
        except (ValueError, RecursionError):
            continue
        found += list(_walk(record, (), texts))[:MAX_FIELDS]
        hours = hours or opening_hours.find(record)
    if not found:
        return Fields()
    elsewhere = frozenset(stems(words(" ".join(t[:4000] for t in texts)[:60_000])))
    counts = Counter(w for key in {f.path[-1] for f in found} for w in set(_key_words(key)))
    made = (_field(f, counts) for f in found)
    return Fields(tuple(f for f in made if f and not elsewhere.issuperset(f.names)), hours)


def _walk(
    value: Any, path: tuple[str, ...], texts: list[str], option: bool = False
) -> Iterator[_Found]:
    """Every keyed value; a folder of fields holds where one of them does. Texts are collected."""
    if isinstance(value, dict):
        choices = all(v is None or isinstance(v, bool) for v in value.values())
        inner = [
            found
            for key, v in value.items()
            for found in _walk(v, (*path, str(key)), texts, choices)
        ]
        if path and len(value) > 0:
            states = {f.state for f in inner if len(f.path) == len(path) + 1}
            yield _Found(
                path,
                "holds" if "holds" in states else "fails" if "fails" in states else "unmentioned",
                False,
            )
        yield from inner
    elif isinstance(value, list):
        for v in value:
            for _ in _walk(v, path, texts):
                pass
        if path and value:
            yield _Found(path, "holds", False)
    elif path:
        if isinstance(value, str):
            texts.append(value)
        yield _Found(path, _state(value), option and len(path) > 1)


def _state(value: Any) -> State:
    if value is None or value == "":
        return "unmentioned"
    return (
        "fails"
        if value is False or (isinstance(value, str) and value.lower() in _NEGATIVE)
        else "holds"
    )


def _key_words(key: str) -> tuple[str, ...]:
    return words(CAMEL.sub(" ", key))


def _field(found: _Found, counts: Counter[str]) -> Field | None:
    from wordfreq import zipf_frequency

    *before, key = found.path
    own = [w for w in _key_words(key) if w not in STOP_WORDS and w not in _EVALUATIVE]
    own = [w for w in own if counts[w] < 2] or own
    if not own or len("".join(own)) < 3 or own[0].isdigit():
        return None
    parents = frozenset(stems(_key_words(before[-1]))) if before else frozenset()
    common = found.option and len(own) == 1 and zipf_frequency(own[0], "en") >= _COMMON
    return Field(tuple(stems(tuple(own))), stems(("".join(own),))[0], parents, found.state, common)


def judge(sentence: str, known: Fields) -> Verdict:
    """What a sentence (cleaned) says of the fields and of the opening hours."""
    agrees = conflicts = unmentioned = 0
    if known.fields:
        whole = frozenset(stems(words(sentence)))
        for clause in _CLAUSE.split(sentence):
            tokens = words(clause)
            named = list(_named(tokens, whole, known.fields))
            parents = {name for field, _ in named for name in field.parents}
            for field, place in named:
                if parents.issuperset(field.names):
                    continue
                denied = _denied(tokens, place)
                if field.state == "unmentioned":
                    unmentioned += not (denied and _UNMENTIONED & whole)
                elif denied == (field.state == "fails"):
                    agrees += 1
                else:
                    conflicts += 1
    return Verdict(
        agrees,
        conflicts,
        unmentioned,
        opening_hours.conflicts(sentence, known.hours) if known.hours else 0,
    )


def _named(
    tokens: tuple[str, ...], whole: frozenset[str], fields: Sequence[Field]
) -> Iterator[tuple[Field, int]]:
    """The fields that a clause names, with the place of their first word."""
    found = stems(tokens)
    glued = {s: i for i, s in enumerate(stems(tuple(a + b for a, b in pairwise(tokens))))}
    at = {s: i for i, s in reversed(list(enumerate(found)))}
    for field in fields:
        if field.common and not field.parents & whole:
            continue
        place = at.get(field.joined, glued.get(field.joined, -1))
        if place < 0 and len(field.names) > 1:
            places = [at.get(n, -99) for n in field.names]
            place = min(places) if max(places) - min(places) <= len(places) else -1
        if place >= 0:
            yield field, place


def _denied(tokens: tuple[str, ...], place: int) -> bool:
    """Whether a negator stands before the place with no new verb between, or "is not" and its like
    after it.
    """
    for n in range(place - 1, -1, -1):
        if tokens[n] in _NEGATORS:
            return True
        if tokens[n] in _VERBS and not {*_NEGATORS, "or"} & set(tokens[max(0, n - 2) : n]):
            break
    for n in range(place + 1, min(place + 9, len(tokens))):
        if tokens[n] in _VERBS:
            return tokens[n] in _COPULAS and n + 1 < len(tokens) and tokens[n + 1] in _NEGATORS
        if tokens[n] in _NOT_BEING:
            return True
    return False
