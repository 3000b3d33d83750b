"""House rules as checks: the part of Vale's rule format that fits a short answer, read from TOML.

Four kinds, with Vale's own keys (https://vale.sh/docs/checks/existence and its neighbours), so that
a rule is carried over key by key: ``existence`` (none of the ``tokens`` stands in the text),
``substitution`` (``swap``: wrong = right), ``occurrence`` (``token`` at most ``max`` and at least
``min`` times in a ``scope``), ``repetition`` (no token twice in a row). Tokens are regular
expressions between word boundaries, unless ``nonword``; look-behinds may vary in length, as in
Vale. ``level``: errors and warnings break the rule, suggestions are only reported. Scopes:
``text``, ``raw`` (before clean-up), ``paragraph``, ``sentence``; answers have no headings or
tables, so rules for those are refused.

Why not Vale itself: its package fetches a program from GitHub at first use, which would run once an
answer. **Bounds**: a pattern has at most `MAX_PATTERN` characters, an answer `text.MAX_CHARS`, and
all searches in it end `SECONDS` after the first began, with
`TooSlow`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
import regex

from evals.core.errors import DataError
from evals.text.words import MAX_CHARS, clean, spans

MAX_PATTERN: Final = 50_000
MAX_CHECKS: Final = 500
SECONDS: Final = 1.0
"""Longest time that all rules together take on an answer, seconds of the processor."""

Scope = Literal["text", "raw", "paragraph", "sentence"]
Level = Literal["suggestion", "warning", "error"]
Pattern = Any


class TooSlow(Exception):
    """A check did not end in time on a text; its name is the argument."""


class Check(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="extends", kw_only=True
):
    """What all kinds share. ``link``, ``description``, ``limit`` and ``action`` are Vale's and
    change no verdict.
    """

    name: str = ""
    message: str = ""
    level: Level = "warning"
    scope: Scope = "text"
    ignorecase: bool = False
    link: str = ""
    description: str = ""
    limit: int = 0
    action: dict[str, Any] = {}


class Existence(Check, frozen=True, tag="existence"):
    """None of the tokens stands in the text. ``raw`` parts are put before the tokens;
    ``exceptions`` are let pass.
    """

    tokens: tuple[str, ...] = ()
    raw: tuple[str, ...] = ()
    nonword: bool = False
    exceptions: tuple[str, ...] = ()


class Substitution(Check, frozen=True, tag="substitution"):
    """No key of ``swap`` stands in the text; its value, with ``|`` between alternatives, should."""

    swap: dict[str, str]
    nonword: bool = False
    exceptions: tuple[str, ...] = ()


class Occurrence(Check, frozen=True, tag="occurrence"):
    """The token stands at most ``max`` (0: any number) and at least ``min`` times in the scope."""

    token: str
    max: int = 0
    min: int = 0


class Repetition(Check, frozen=True, tag="repetition"):
    """No match of the tokens equals the one before more than ``max`` times; ``alpha``: only words
    of letters.
    """

    tokens: tuple[str, ...]
    max: int = 0
    alpha: bool = False


Kind = Existence | Substitution | Occurrence | Repetition


@dataclass(frozen=True)
class Rule:
    """A compiled check. ``find`` gives the message of the first breach in a piece of text, or
    None.
    """

    name: str
    level: Level
    scope: Scope
    find: Callable[[str, float], str | None]

    def breach(self, text: str, until: float | None = None) -> str | None:
        """The first breach in an answer.

        Raises TooSlow at ``until`` (monotonic clock; after `SECONDS` where it is None).
        """
        end = time.monotonic() + SECONDS if until is None else until
        try:
            return next(
                (
                    problem
                    for piece in _pieces(text, self.scope)
                    if (problem := self.find(piece, end)) is not None
                ),
                None,
            )
        except TimeoutError:
            raise TooSlow(self.name) from None


def read_checks(tables: object, where: str | Path) -> tuple[Rule, ...]:
    """The rules of ``[[rules.checks]]``. Raises DataError that names the broken one."""
    if not isinstance(tables, list) or len(tables) > MAX_CHECKS:
        raise DataError(
            "checks are a list of tables",
            where=where,
            expected=f"[[rules.checks]], at most {MAX_CHECKS}",
        )
    rules = []
    for number, table in enumerate(tables, 1):
        try:
            check = msgspec.convert(table, Kind)
            rules.append(compiled(check, check.name or f"{number}"))
        except (msgspec.ValidationError, regex.error, ValueError, RecursionError) as error:
            name = table.get("name", number) if isinstance(table, dict) else number
            raise DataError(
                f"house rule {name} cannot be used: {error}",
                where=where,
                expected=(
                    "extends = existence | substitution | occurrence | repetition, with Vale's keys"
                ),
            ) from error
    return tuple(rules)


def compiled(check: Kind, name: str) -> Rule:
    """A check ready to run. Raises regex.error or ValueError for a pattern that is none, too long,
    or empty.
    """
    if isinstance(check, Existence):
        find = _existence(check)
    elif isinstance(check, Substitution):
        find = _substitution(check)
    elif isinstance(check, Occurrence):
        find = _occurrence(check)
    else:
        find = _repetition(check)
    return Rule(name, check.level, check.scope, find)


def pattern_of(
    parts: Sequence[str], *, nonword: bool = True, ignorecase: bool = False, before: str = ""
) -> Pattern:
    """The parts as alternatives, between word boundaries unless ``nonword``. Raises regex.error,
    ValueError.
    """
    joined = "|".join(parts)
    body = f"{before}(?:{joined})" if joined else before
    if not body or len(body) > MAX_PATTERN:
        raise ValueError(f"a pattern has 1 to {MAX_PATTERN} characters, not {len(body)}")
    return regex.compile(
        body if nonword else rf"\b(?:{body})\b",
        regex.MULTILINE | (regex.IGNORECASE if ignorecase else 0),
    )


def left(until: float) -> float:
    """Seconds until then. Raises TimeoutError where there are none."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _matches(pattern: Pattern, text: str, until: float) -> Iterator[Any]:
    found: Iterator[Any] = pattern.finditer(text, timeout=left(until))
    return found


def _existence(check: Existence) -> Callable[[str, float], str | None]:
    pattern = pattern_of(
        check.tokens, nonword=check.nonword, ignorecase=check.ignorecase, before="".join(check.raw)
    )
    spared = pattern_of(check.exceptions, nonword=False) if check.exceptions else None

    def find(text: str, until: float) -> str | None:
        for match in _matches(pattern, text, until):
            seen = match[0].strip()
            if spared is None or not spared.search(seen, timeout=left(until)):
                return _message(check, seen)
        return None

    return find


def _substitution(check: Substitution) -> Callable[[str, float], str | None]:
    if not check.swap:
        raise ValueError("swap is empty")
    fine = [regex.compile(_literal(right)) for right in check.swap.values()]
    names = [f"_{n}" for n in range(len(check.swap))]
    parts = [f"(?P<{name}>{wrong})" for name, wrong in zip(names, check.swap, strict=True)]
    pattern = pattern_of(parts, nonword=check.nonword, ignorecase=check.ignorecase)
    spared = pattern_of(check.exceptions, nonword=False) if check.exceptions else None
    rights = list(check.swap.values())

    def find(text: str, until: float) -> str | None:
        for match in _matches(pattern, text, until):
            seen = match[0].strip()
            at = next(n for n, name in enumerate(names) if match[name] is not None)
            if not fine[at].fullmatch(seen) and (
                spared is None or not spared.search(seen, timeout=left(until))
            ):
                return _message(check, rights[at], seen)
        return None

    return find


def _literal(right: str) -> str:
    return "|".join(regex.escape(part) for part in right.split("|"))


def _occurrence(check: Occurrence) -> Callable[[str, float], str | None]:
    if check.max < 0 or check.min < 0 or not (check.max or check.min):
        raise ValueError("max or min is above 0")
    pattern = pattern_of([check.token], ignorecase=check.ignorecase)

    def find(text: str, until: float) -> str | None:
        count = sum(1 for _ in _matches(pattern, text, until))
        wrong = count < check.min or (check.max and count > check.max)
        return _message(check, str(count)) if wrong else None

    return find


def _repetition(check: Repetition) -> Callable[[str, float], str | None]:
    pattern = pattern_of(check.tokens, ignorecase=check.ignorecase)

    def find(text: str, until: float) -> str | None:
        before, count = "", 0
        for match in _matches(pattern, text, until):
            seen = match[0].strip()
            folded = seen.lower() if check.ignorecase else seen
            again = folded == before and folded != "" and (not check.alpha or folded.isalpha())
            count = count + 1 if again else 0
            if count > check.max:
                return _message(check, seen)
            before = folded
        return None

    return find


def _message(check: Check, *seen: str) -> str:
    """Vale's message with what was found in the place of each ``%s``; what was found where there is
    none.
    """
    message = check.message
    for value in seen:
        message = message.replace("%s", value, 1)
    return message or " → ".join(reversed(seen))


def _pieces(text: str, scope: Scope) -> Iterator[str]:
    """The text as one or in parts; all scopes but ``raw`` without markup, with straight quotes and
    plain dashes.
    """
    raw = text[:MAX_CHARS]
    if scope == "raw":
        yield raw
        return
    cleaned = clean(raw)
    if scope == "sentence":
        yield from (cleaned[a:b].strip() for a, b in spans(cleaned))
    elif scope == "paragraph":
        yield from (part.strip() for part in regex.split(r"\n\s*\n", cleaned) if part.strip())
    else:
        yield cleaned
