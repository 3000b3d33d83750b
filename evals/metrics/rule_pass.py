"""`rule_pass`: does the answer keep the house rules?

Rules stand in ``pack.toml`` under ``[rules]``, or in a file of that form in the context: ``banned``
and ``required`` are lists of terms (whole words, any case) or, between slashes, regular
expressions; ``max_sentences`` and ``max_words`` bound the length; ``[[rules.checks]]`` are checks
in Vale's format (`house_rules`). Value 1 where every rule is kept; broken ones are in the detail,
and so are suggestions, which break nothing. Unscored: ``not_applicable`` where there are no rules
or the item is structured, ``invalid_metric`` where a pattern takes too long on the answer.
"""

from __future__ import annotations

import re
import time
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Protocol

import msgspec
import regex

from evals.core.errors import DataError
from evals.core.interfaces import Pack
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.metrics.house_rules import SECONDS, Rule, TooSlow, left, pattern_of, read_checks
from evals.metrics.kind import voiceless
from evals.text.words import MAX_CHARS, clean, spans

EXPECTED: Final = "[rules] with banned, required (lists of terms), max_sentences, max_words, checks"

Count = Annotated[int, msgspec.Meta(ge=1)]
Term = Annotated[str, msgspec.Meta(min_length=1)]


class Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table ``[rules]`` as it is written."""

    banned: tuple[Term, ...] = ()
    required: tuple[Term, ...] = ()
    max_sentences: Count | None = None
    max_words: Count | None = None
    checks: list[Any] = []


class Finds(Protocol):
    """A compiled term: tells whether it stands in a text. Raises TooSlow at ``until`` (monotonic
    clock).
    """

    def __call__(self, text: str, until: float) -> bool: ...


@dataclass(frozen=True)
class Rules:
    """Compiled house rules, each with its name as written."""

    banned: tuple[tuple[str, Finds], ...] = ()
    required: tuple[tuple[str, Finds], ...] = ()
    max_sentences: int | None = None
    max_words: int | None = None
    checks: tuple[Rule, ...] = ()

    def __bool__(self) -> bool:
        return bool(
            self.banned or self.required or self.max_sentences or self.max_words or self.checks
        )

    def broken(self, text: str) -> tuple[list[str], list[str]]:
        """The names of the rules a text breaks, and of the suggestions it does not follow. Raises
        TooSlow.
        """
        cleaned, until = clean(text), time.monotonic() + SECONDS
        found = [f"banned: {name}" for name, stands in self.banned if stands(cleaned, until)]
        found += [f"required: {name}" for name, find in self.required if not find(cleaned, until)]
        if self.max_sentences is not None and len(spans(cleaned)) > self.max_sentences:
            found.append(f"max_sentences: {self.max_sentences}")
        if self.max_words is not None and len(cleaned.split()) > self.max_words:
            found.append(f"max_words: {self.max_words}")
        hints: list[str] = []
        for rule in self.checks:
            breach = rule.breach(text, until)
            if breach is not None:
                (hints if rule.level == "suggestion" else found).append(f"{rule.name}: {breach}")
        return found, hints


def compile_term(term: str) -> Finds:
    """A term: ``/.../`` is a regular expression, all else a whole word in any case. Raises
    regex.error, ValueError.
    """
    if len(term) > 2 and term[0] == term[-1] == "/":
        pattern = pattern_of([term[1:-1]], ignorecase=True)

        def search(text: str, until: float) -> bool:
            try:
                return pattern.search(text, timeout=left(until)) is not None
            except TimeoutError:
                raise TooSlow(term) from None

        return search
    literal = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)
    return lambda text, _: literal.search(text) is not None


def read_rules(path: Path) -> Rules:
    """The rules of a TOML file, empty where it has no ``[rules]``. Raises DataError for rules that
    cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("rules", {})
        written = msgspec.convert(table, Written)
        banned, required = (
            tuple((term, compile_term(term)) for term in terms)
            for terms in (written.banned, written.required)
        )
    except (OSError, ValueError, RecursionError, regex.error) as error:
        raise DataError(
            f"the house rules cannot be used: {error}", where=path, expected=EXPECTED
        ) from error
    checks = read_checks(written.checks, path)
    return Rules(banned, required, written.max_sentences, written.max_words, checks)


def build(context: MetricContext) -> Metric:
    """Reads the rules once. Raises DataError where they are broken."""
    rules = context.rules if context.rules is not None else _of_pack(context.pack)

    def score(answer: Answer) -> Score:
        if not rules or voiceless(answer.item):
            return unscored("not_applicable")
        try:
            broken, hints = rules.broken(answer.response.text[:MAX_CHARS])
        except TooSlow as slow:
            return unscored("invalid_metric", too_slow=str(slow))
        return scored(not broken, broken=broken, **({"suggestions": hints} if hints else {}))

    return Metric("rule_pass", "higher", score, "keeps the house rules", needs=frozenset({"rules"}))


def _of_pack(pack: Pack) -> Rules:
    path = pack.root / "pack.toml"
    return read_rules(path) if path.exists() else Rules()
