"""What is plain of an answer beside a reference, without a model: `answer_match` asks this first.

Overlaps cannot tell "Delivery is not free" from "Delivery is free", and few judged answers are of that kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from evals.metrics.matching import NAMES, Said, Wanted
from evals.metrics.mentions import Mention, mentions
from evals.metrics.phrases import polarity
from evals.metrics.statements import NEGATING, denies, statement
from evals.metrics.values import same

_NEGATED: Final = NAMES.index("negated")
_TYPED: Final = NAMES.index("typed")
_OR = re.compile(r",?\s+or\s+", re.IGNORECASE)


def settled(said: Said, gold: Wanted, row: Sequence[float]) -> bool | None:
    """Whether the answer states a reference where that is plain: yes and no, a value in other units or words (but not
    as one of two alternatives), a phrase that is negated wherever it stands, a statement that is denied."""
    if gold.yes is not None:
        yes = polarity(said.text)
        return None if yes is None else yes is gold.yes
    if row[_NEGATED] or _denied(said, gold):
        return False
    if not gold.whole or not row[_TYPED]:
        return None
    (value,), found = gold.values, mentions(said.text)
    hits = [m for m in found if same(value, m.value)]
    others = [m for m in found if m.value.kind == value.kind and m not in hits]
    if any(_either(said.text, hit, other) for hit in hits for other in others):
        return False
    return True if hits and not others and value.kind not in ("number", "date") else None


def _denied(said: Said, gold: Wanted) -> bool:
    if NEGATING.isdisjoint(said.tokens) and NEGATING.isdisjoint(gold.tokens):
        return False
    stated = statement(gold.text)
    return stated is not None and denies(said.text, stated)


def _either(text: str, a: Mention, b: Mention) -> bool:
    """Whether two values stand as nothing but one or the other; values that are close to each other are one."""
    first, second = (a, b) if a.start < b.start else (b, a)
    between = text[first.end : second.start]
    return bool(_OR.fullmatch(between)) and not same(a.value, b.value) and not same(b.value, a.value)
