"""What an answer gives beside its refusal: the clause that says what was asked for, if any."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from evals.scorers.abstention.asked import Asked, years
from evals.scorers.abstention.clauses import Clause
from evals.text.mentions import Mention
from evals.text.words import content_stems

_OFFER: Final = re.compile(
    r"\b(?:i (?:think|believe|guess|suppose|assume|would say|recall|can tell you)"
    r"|(?:it|that)(?:'s| is| was| may| might| could| should| must)|probably|likely|perhaps|maybe"
    r"|approximately|roughly|estimated?|my best|to answer your|(?:my|common) knowledge|as of my"
    r"|in (?:general|most))\b|\b(?:around|about|nearly|almost) (?=[$€£]?\d)"
)
_GROUNDED: Final = re.compile(
    r"\b(?:texts?|contexts?|documents?|passages?|excerpts?|reports?|information|provided|given"
    r"|filings?|statements?|sources?|articles?|data|figures?)\b"
)
_WORKED_OUT: Final = re.compile(r"\b(?:calculat\w+|comput\w+|deriv\w+)\b")
_OUTRIGHT: Final = re.compile(r"\W*(?:yes|no|yeah|nope)\b")
_PRONOUN: Final = re.compile(
    r"^\W*(?:but |so |and |maybe |perhaps |probably |i \w+ (?:that )?)*"
    r"(?:it|that|this|they|these|he|she|you)\b"
)
_NAME: Final = re.compile(r"(?<=[\w,;:] )[^\W\d_a-z]\w+")
_ERA: Final = re.compile(
    r"\b(?:century|centuries|seasons?|decades?|ages?|era|\d{3,4}s|today|tomorrow|yesterday|now|soon)\b"
)
_LACKS: Final = re.compile(
    r"\W*i (?:(?:do not|don't) have|have no)(?: an?| any)?"
    r" (?!information|access|data|details?|records?|answer"
    r"|idea|knowledge|that|this|it|specifics|clue)\w+(?: on my mind)?\W*"
).fullmatch
"""Says that the speaker has no family, boss or opinion: an answer where it was asked about itself.
"""
_SHORT: Final = 5
"""A clause of fewer words need not repeat the question's to speak of it."""
_BEGINNING: Final = 8
"""Words of a first clause, up to which it may be the bare answer ("Halifax.")."""


def given(every: Sequence[Clause], values: Sequence[Mention], wanted: Asked) -> Clause | None:
    """The clause beside the refusals of an answer that gives what was asked for, or None.

    Beside a doubt ("I'm not sure") any value given counts. Where a source is said to be silent,
    what stands there must speak of what was asked, by two of its words; where something cannot be
    worked out, only an estimate counts. A question for a value is answered by a value of that kind
    alone.
    """
    if wanted.polar and every[0].role != "firm" and _OUTRIGHT.match(every[0].low):
        return every[0]
    firm = [c.low for c in every if c.role == "firm"]
    grounded = any(map(_GROUNDED.search, firm))
    if wanted.personal and firm and all(map(_LACKS, firm)):
        return next(c for c in every if c.role == "firm")
    telling = list[tuple[int, Clause]]()
    for place, clause in enumerate(every):
        if clause.role == "other" and _summary(place, clause, firm, grounded, wanted):
            if _valued(clause, values, wanted):
                return clause
            telling.append((place, clause))
    if wanted.kinds is not None:
        return None
    first = next(n for n, c in enumerate(every) if c.role in ("firm", "soft"))
    for place, clause in telling:
        sure = not firm or place < first or not grounded or _OFFER.search(clause.low)
        if sure and (not wanted.name or _NAME.search(clause.text)):
            return clause
    return None


def _summary(place: int, clause: Clause, firm: list[str], grounded: bool, wanted: Asked) -> bool:
    """Whether a clause may be what was asked for, by what is refused beside it."""
    said = years(clause.low)
    if said and wanted.years and not said & wanted.years:
        return False
    if not firm or _OFFER.search(clause.low):
        return True
    if any(map(_WORKED_OUT.search, firm)):
        return False
    bare = place == 0 and len(clause.low.split()) <= _BEGINNING
    return bare or _refers_to(clause, wanted, 2 if grounded else 1)


def _refers_to(clause: Clause, wanted: Asked, least: int) -> bool:
    """Whether a clause has ``least`` of the question's words, or goes on with a pronoun."""
    if not wanted.stems or _PRONOUN.search(clause.low) or len(clause.low.split()) < _SHORT:
        return True
    return len(wanted.stems.intersection(content_stems(clause.low))) >= least


def _valued(clause: Clause, values: Sequence[Mention], wanted: Asked) -> bool:
    """Whether a clause has a value of a kind that was asked for."""
    if wanted.kinds is not None and "date" in wanted.kinds and _ERA.search(clause.low):
        return True
    return any(wanted.wants(m) for m in values if clause.start <= m.start < clause.end)
