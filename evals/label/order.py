"""Which answers to show first: those that the metrics are in two minds about.

The run's answers fall into two strata, *unsure* (correctness metrics disagree, or give less than a
clear yes or no) and *clear*. Unsure ones teach most, but a mean over them alone would be wrong; so
both are drawn at random within themselves, two unsure to one clear, and `summary` weighs each
stratum by its size. The order is by hash: the same for every rater and on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from evals.core.identity import hash64
from evals.core.schema import ScoreLine

READERS: Final = ("accuracy", "answer_match", "truthful", "on_brand_and_correct", "slot_accuracy")
"""Metrics that say whether an answer is right."""

CLEAR: Final = (0.25, 0.75)
UNSURE_TO_CLEAR: Final = 2


def is_unsure(line: ScoreLine) -> bool:
    """Whether the readers of correctness differ, or one of them is undecided or silent."""
    scores = [line.scores[name] for name in READERS if name in line.scores]
    values = [score.value for score in scores if score.value is not None]
    if not values:
        return True
    return max(values) - min(values) >= 0.5 or any(CLEAR[0] < v < CLEAR[1] for v in values)


def strata(lines: Iterable[ScoreLine], suites: Sequence[str] = ()) -> dict[str, bool]:
    """Item -> whether it is unsure, over the answers of the given suites (default: all) that any
    reader of correctness was asked about.
    """
    return {
        line.item: is_unsure(line)
        for line in lines
        if (not suites or line.suite in suites) and not line.scores.keys().isdisjoint(READERS)
    }


def order(known: Mapping[str, bool]) -> list[str]:
    """The items in the order in which they are shown."""
    unsure, clear = (
        iter(sorted((i for i, is_ in known.items() if is_ is want), key=hash64))
        for want in (True, False)
    )
    found: list[str] = []
    while len(found) < len(known):
        found += [i for i in (next(unsure, None) for _ in range(UNSURE_TO_CLEAR)) if i is not None]
        if (item := next(clear, None)) is not None:
            found.append(item)
    return found
