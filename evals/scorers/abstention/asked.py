"""What a question asks for: the kinds of value that would answer it, or a name."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from evals.text.mentions import Mention, mentions
from evals.text.values import Value, same
from evals.text.words import clean, content_stems, lowered

_YEAR: Final = re.compile(r"(?<![\d.,$€£-])(?:fy|q[1-4] ?)?((?:19|20)\d\d)(?!\d|[.,]\d)")
_TIME: Final = re.compile(
    r"^\W*(?:(?:in|on|since|until|by|at|from) )?(?:when|(?:what|which)"
    r" (?:year|date|day|month|time))\b"
    r"|\bwhen (?:did|was|were|is|will|does|do)\b|^\W*(?:wann|quand|cuándo|quando|wanneer)\b"
)
_AMOUNT: Final = re.compile(
    r"\bhow"
    r" (?:much|many|long|old|tall|far|big|large|high|deep|heavy|fast|often|hot|cold|wide|late)\b"
    r"|\b(?:usd|us\$|in (?:us )?(?:millions|thousands|billions|dollars|percent))\b"
    r"|^\W*what(?:'s| is| was| were| are)\b[^?]*\b(?:price|cost|fee|rate|ratio|margin|revenues?"
    r"|income|profit|expenses?|percentage|number|amount|total|average|population|height|weight"
    r"|length|width|depth|age|size|temperature|turnover|balance|dividend|deposit|discount|charge"
    r"|salary|rent|capacity|limit|minimum|maximum|assets|debt|capex|expenditures?|ebitda|earnings"
    r"|growth|count|quantity|score|distance|speed)\b"
    r"|^\W*(?:wie ?viele?|wie (?:lange|hoch|alt|groß|teuer)|combien|cuánt\w+|quant[oaie]s?)\b"
    r"|^\W*hoe ?(?:veel|lang|hoog|oud)\b"
)
_NOT_MONEY: Final = re.compile(
    r"\b(?:ratio|turnover|margin|percent\w*|growth|rate|return on|times)\b"
)
_NAME: Final = re.compile(
    r"^\W*(?:who|whose|whom|where|which|wer|wo|qui|où|quién|dónde|chi|dove|quem|onde|wie|waar)\b"
)
_POLAR: Final = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|am"
    r"|isn't|aren't|don't)\b"
)
_PERSONAL: Final = re.compile(
    r"^(?!\W*(?:do|can|could|would|will|did) you (?:have|know|tell|say|give|find)).*\byours?\b"
    r"|\bdo you\b"
)
_NUMERIC: Final = frozenset({"number", "money", "percent", "duration", "time"})


class Asked(NamedTuple):
    """The ``kinds`` of value that would answer (None: not known), or a ``name``.

    ``polar`` questions want a yes or no, ``personal`` ones ask the answerer about itself;
    ``years``, ``values`` and ``stems`` are those in the question.
    """

    kinds: frozenset[str] | None
    name: bool
    polar: bool
    personal: bool
    years: frozenset[str]
    values: tuple[Value, ...]
    stems: frozenset[str]

    def wants(self, mention: Mention) -> bool:
        """Whether a value is of a kind that answers, and not in the question already."""
        value = mention.value
        if value.text == "article" or any(same(v, value) for v in self.values):
            return False
        if self.kinds is None:
            return value.kind != "id" and not (self.stems and yearlike(value))
        if value.kind in self.kinds:
            return "date" in self.kinds or not yearlike(value)
        return "date" in self.kinds and yearlike(value)


def yearlike(value: Value) -> bool:
    """A bare number that reads as a year."""
    return (
        value.kind == "number"
        and not value.unit
        and value.point
        and 1000 <= value.raw <= 2100
        and value.raw % 1 == 0
    )


def years(text: str) -> frozenset[str]:
    """The years that a lower-cased text names."""
    return frozenset(_YEAR.findall(text))


@lru_cache(maxsize=1024)
def asked(question: str) -> Asked:
    """Read a question; an empty one asks for nothing that is known."""
    text = lowered(" ".join(clean(question).split()))
    kinds: frozenset[str] | None = None
    if _TIME.search(text):
        kinds = frozenset({"date", "time"})
    elif _AMOUNT.search(text):
        kinds = _NUMERIC - {"money"} if _NOT_MONEY.search(text) else _NUMERIC
    return Asked(
        kinds,
        kinds is None and bool(_NAME.search(text)),
        bool(_POLAR.search(text)),
        bool(_PERSONAL.search(text)),
        years(text),
        tuple(m.value for m in mentions(clean(question))),
        frozenset(content_stems(question)),
    )
