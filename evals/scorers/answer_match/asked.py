"""What a question leaves unsaid in the values that answer it, and whether a value states a gold
one.

"In USD millions" makes a plain gold 1577 mean 1,577,000,000; "when does it close?" makes the end of
"10:00 to 20:00" the answer.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Literal

import msgspec
from msgspec.structs import replace

from evals.text.mentions import Mention, mentions
from evals.text.units import SCALES
from evals.text.values import Value, close, same
from evals.text.words import clean, lowered

_SCALE = re.compile(
    r"(?<!\d )\b(?P<many>thousands|millions|billions|trillions|lakhs|crores?)\b"
    r"|(?:\bin|\busd|\beur|\bgbp|\binr|\brs\.?|us\$|[$€£₹])\s*(?:(?:usd|eur|gbp|inr|us)\s*)?"
    r"(?P<one>thousand|million|billion|mn|mio|bn|lakh)\b"
)
_PERCENT = re.compile(
    r"\bin\s+(?:units\s+of\s+)?(?:percents?\b|per\s?cent\b|%)|\(%\)|\bpercentage\s+points?\b"
)
_LAST = re.compile(
    r"\b(?:clos(?:e|es|ed|ing)|until|till|ends?|finish\w*|latest|last\s+(?:order|entry|admission)|how\s+late"
    r"|maximum|max|at\s+most|up\s+to|highest|longest|expires?|deadline)\b"
)
_FIRST = re.compile(
    r"\b(?:opens?|opening\s+time|starts?|begins?|earliest|how\s+early|from\s+when|minimum|min|at\s+least|lowest"
    r"|shortest)\b"
)
_FEWEST_DIGITS: Final = 100
"""A value that is written coarser than the gold one states it from three significant digits on."""


class Asked(msgspec.Struct, frozen=True):
    """``scale`` and ``percent`` of plain numbers; the ``bound`` of a range that is asked for; the
    values of the question itself."""

    scale: float = 1.0
    percent: bool = False
    bound: Literal["low", "high"] | None = None
    values: tuple[Value, ...] = ()


@lru_cache(maxsize=1024)
def asked(question: str) -> Asked:
    """Reads a question."""
    low = lowered(clean(question))
    found = _SCALE.search(low)
    name = "" if found is None else found["one"] or found["many"]
    first, last = _FIRST.search(low), _LAST.search(low)
    return Asked(
        SCALES.get(name) or SCALES.get(name.removesuffix("s"), 1.0),
        _PERCENT.search(low) is not None,
        None if bool(first) is bool(last) else "low" if first else "high",
        tuple(m.value for m in mentions(question)),
    )


def narrowed(found: Mention, question: Asked) -> Mention:
    """The end of a range that the question asks for; anything else as it is."""
    value = found.value
    if question.bound is None or value.point or value.kind in ("date", "id"):
        return found
    end = value.low if question.bound == "low" else value.high
    return Mention(replace(value, low=end, high=end), found.start, found.end)


def states(gold: Value, said: Value, question: Asked, exact: bool = False) -> bool:
    """Whether ``said`` states a free-form ``gold`` value, in the scale of the question and up to
    rounding.

    Beyond `same`: a plain number means money, percent or the scale of the question where these name
    it, a fraction its percentage; and two decimal forms are equal where the finer rounds to the
    coarser (8.38 % for 8.4 %), which must have a decimal if it is the gold one, else three
    significant digits (not where it must be ``exact``).
    """
    if same(gold, said):
        return True
    kinds = {gold.kind, said.kind}
    if not kinds <= {"number", "money", "percent"} or not (gold.point and said.point):
        return False
    if "percent" in kinds:
        if kinds == {"percent"}:
            return _equal(gold, gold.low, said, said.low, exact)
        share = gold if gold.kind == "number" else said
        if share.kind != "number" or share.unit:
            return False
        if question.percent or abs(share.low) >= 1:
            return _equal(gold, gold.low, said, said.low, exact)
        return _equal_share(gold, said, exact)
    if gold.unit != said.unit and gold.unit and said.unit:
        return False
    if "number" in kinds and any(v.kind == "number" and v.unit for v in (gold, said)):
        return gold.unit == said.unit and _equal(gold, gold.low, said, said.low, exact)
    return any(_equal(gold, g, said, s, exact) for g, s in _amounts(gold, said, question.scale))


def _amounts(gold: Value, said: Value, scale: float) -> list[tuple[float, float]]:
    """The pairs of amounts to compare: one that names no scale has the question's, or none."""
    if scale == 1.0 or (gold.scale != 1.0 and said.scale != 1.0):
        return [(gold.low, said.low)]
    if gold.scale == said.scale:
        return [(gold.low, said.low), (gold.low * scale, said.low), (gold.low, said.low * scale)]
    return [(gold.low * scale, said.low) if gold.scale == 1.0 else (gold.low, said.low * scale)]


def _equal(gold: Value, wanted: float, said: Value, amount: float, exact: bool) -> bool:
    if close(wanted, amount):
        return True
    if exact or 0.0 in (gold.raw, said.raw):
        return False
    wanted_step = 10.0**-gold.decimals * abs(wanted / gold.raw)
    step = 10.0**-said.decimals * abs(amount / said.raw)
    apart = abs(wanted - amount) * (1 - 1e-9)
    if step < wanted_step:
        return gold.decimals > 0 and apart <= wanted_step / 2
    return step > wanted_step and abs(amount) >= _FEWEST_DIGITS * step and apart <= step / 2


def rounded(gold: Value, said: Value) -> bool:
    """Whether the gold amount rounds to what is said, however coarsely: too little to call it right
    or wrong.
    """
    if not said.raw or not gold.raw:
        return False
    step = 10.0**-said.decimals * abs(said.low / said.raw)
    return gold.unit == said.unit and abs(gold.low - said.low) <= step / 2


def _equal_share(gold: Value, said: Value, exact: bool) -> bool:
    wanted, amount = (100 * v.low if v.kind == "number" else v.low for v in (gold, said))
    steps = [10.0 ** (2 * (v.kind == "number") - v.decimals) for v in (gold, said)]
    near = abs(wanted - amount) <= max(steps) / 2
    return close(wanted, amount) or (
        not exact and near and min(abs(wanted), abs(amount)) >= 10 * max(steps)
    )
