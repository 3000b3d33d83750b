"""`rule_pass`: does the answer keep the house rules of the pack?

Rules stand in ``pack.toml`` under ``[rules]``: ``banned`` and ``required`` are lists of terms (whole words, any case)
or, between slashes, regular expressions; ``max_sentences`` and ``max_words`` bound the length. Value 1 where every rule
is kept; broken ones are in the detail. ``not_applicable`` where the pack has no rules or the item is structured.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

from evals.errors import DataError
from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.text import MAX_CHARS, clean, spans
from evals.metrics.voice import structured
from evals.schema import Item, Response, Score, scored, unscored


@dataclass(frozen=True)
class Rules:
    """Compiled house rules, each with its name as written."""

    banned: tuple[tuple[str, re.Pattern[str]], ...] = ()
    required: tuple[tuple[str, re.Pattern[str]], ...] = ()
    max_sentences: int | None = None
    max_words: int | None = None

    def __bool__(self) -> bool:
        return bool(self.banned or self.required or self.max_sentences or self.max_words)

    def broken(self, text: str) -> list[str]:
        """The names of the rules a text breaks."""
        cleaned = clean(text)
        found = [f"banned: {name}" for name, pattern in self.banned if pattern.search(cleaned)]
        found += [f"required: {name}" for name, pattern in self.required if not pattern.search(cleaned)]
        if self.max_sentences is not None and len(spans(cleaned)) > self.max_sentences:
            found.append(f"max_sentences: {self.max_sentences}")
        if self.max_words is not None and len(cleaned.split()) > self.max_words:
            found.append(f"max_words: {self.max_words}")
        return found


def compile_term(term: str) -> re.Pattern[str]:
    """A term as a pattern: ``/.../`` is a regular expression, all else a whole word in any case. Raises re.error."""
    if len(term) > 2 and term[0] == term[-1] == "/":
        return re.compile(term[1:-1], re.IGNORECASE)
    return re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE)


def read_rules(pack: Pack) -> Rules:
    """The pack's rules; empty where there are none. Raises DataError for rules that cannot be read."""
    path = pack.root / "pack.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8")).get("rules", {})
    except FileNotFoundError:
        return Rules()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"cannot be read: {error}", where=path) from error
    try:
        terms = {k: tuple((t, compile_term(t)) for t in table.get(k, ())) for k in ("banned", "required")}
    except (re.error, TypeError) as error:
        raise DataError(f"a house rule is no valid term or pattern: {error}", where=path, found=table) from error
    return Rules(terms["banned"], terms["required"], table.get("max_sentences"), table.get("max_words"))


def build(pack: Pack) -> Metric:
    """Reads the rules once. Raises DataError where they are broken."""
    rules = read_rules(pack)

    def score(item: Item, response: Response) -> Score:
        if not rules or structured(item):
            return unscored("not_applicable")
        broken = rules.broken(response.text[:MAX_CHARS])
        return scored(not broken, broken=broken)

    return metric("rule_pass", score, "keeps the house rules")
