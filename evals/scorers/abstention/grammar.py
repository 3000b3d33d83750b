"""What a language's refusals look like: one text file of patterns a language, in ``grammars/``.

A file first names parts (``NAME = pattern``, used as ``{NAME}`` further down), then lists the
alternatives of each field of `Grammar` under ``[field]``, one a line. A line that begins with a
space continues the one before it; ``#`` begins a comment. Patterns read one clause with single
spaces: lower-cased, except under ``[denies]`` and ``[world]``, which ignore case.

A language is added by its file, its frequent words in `evals.text.language`, and its forms in the
tests.
"""

from __future__ import annotations

import importlib.resources
import re
from functools import cache
from typing import Final, NamedTuple

from evals.text.language import EUROPEAN

DATA_FILES: Final = (
    "grammars/de.txt",
    "grammars/en.txt",
    "grammars/es.txt",
    "grammars/fr.txt",
    "grammars/it.txt",
    "grammars/ja.txt",
    "grammars/ko.txt",
    "grammars/nl.txt",
    "grammars/pt.txt",
    "grammars/zh.txt",
)

_NEVER: Final = re.compile(r"(?!)")
_PART: Final = re.compile(r"\{([A-Z_]+)\}")
_NAMED: Final = re.compile(r"([A-Z_]+) = (.+)")
_FIELD: Final = re.compile(r"\[([a-z]+)\]")
_OWN_CASE: Final = ("denies", "world")


class Grammar(NamedTuple):
    """The patterns of one language.

    A clause without a ``cue`` is read for neither refusal nor denial. ``declines`` is firm,
    ``doubts`` soft: who doubts may still answer. ``denies`` says that the speaker has no such
    thing, ``world`` that there is none. ``silent`` clauses answer nothing beside a refusal:
    courtesies, advice where to look, what a source does cover, how the answer would be worked out.
    ``asks``: questions back and referrals. ``ignored``: what looks like a refusal and is none
    (conditions, reported speech). ``contrast`` stands between clauses.
    """

    cue: re.Pattern[str]
    declines: re.Pattern[str]
    contrast: re.Pattern[str]
    silent: re.Pattern[str] = _NEVER
    doubts: re.Pattern[str] = _NEVER
    denies: re.Pattern[str] = _NEVER
    world: re.Pattern[str] = _NEVER
    asks: re.Pattern[str] = _NEVER
    ignored: re.Pattern[str] = _NEVER


@cache
def grammars(language: str | None) -> tuple[Grammar, ...]:
    """The grammar of a language; all European ones for None, a text too short to tell."""
    return tuple(map(_load, EUROPEAN if language is None else (language,)))


@cache
def _load(language: str) -> Grammar:
    folder = importlib.resources.files("evals.scorers.abstention") / "grammars"
    return parse((folder / f"{language}.txt").read_text(encoding="utf-8"))


def parse(text: str) -> Grammar:
    """Compile a file's text. Raises ValueError for a part or field without a name, KeyError for an
    unknown part, ``re.error`` for a malformed pattern."""
    parts: dict[str, str] = {}
    fields: dict[str, list[str]] = {}
    field = ""
    for line in re.sub(r"\n +", "", text).splitlines():
        if not line or line.startswith("#"):
            continue
        if named := _FIELD.fullmatch(line):
            field = named[1]
        elif field:
            fields.setdefault(field, []).append(_filled(line, parts))
        elif part := _NAMED.fullmatch(line):
            parts[part[1]] = _filled(part[2], parts)
        else:
            raise ValueError(f"neither a part nor an alternative of a field: {line}")
    return Grammar(**{name: _compiled(name, found) for name, found in fields.items()})


def _filled(pattern: str, parts: dict[str, str]) -> str:
    return _PART.sub(lambda found: parts[found[1]], pattern)


def _compiled(field: str, alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE if field in _OWN_CASE else 0)
