"""Many comparisons at once: one rule wherever differences are shown, Holm within three families.

The headlines of whole suites are one family, the headlines of tracks another, every other metric
the third. A family holds all that is shown together: every step of the ladder, every candidate of a
comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from evals.analysis.pairing import ALL
from evals.stats.holm import holm

ALPHA: Final = 0.05
Kind = Literal["suites", "tracks", "others"]


@dataclass(frozen=True)
class Corrected:
    """A p-value after Holm's correction (None where no test was made) and how many tests its family
    holds.
    """

    p: float | None
    tests: int

    @property
    def kept(self) -> bool:
        """Whether the difference survives the correction."""
        return self.p is not None and self.p < ALPHA


def kind(track: str, *, headline: bool) -> Kind:
    """The family that a comparison belongs to."""
    if not headline:
        return "others"
    return "suites" if track == ALL else "tracks"


def correct(kinds: Sequence[Kind], pvalues: Sequence[float | None]) -> list[Corrected]:
    """Holm's correction within each family, in the order given. Tests without a p-value count for
    nothing.
    """
    found: dict[int, Corrected] = {}
    for family in set(kinds):
        places = [k for k, own in enumerate(kinds) if own == family]
        made = [pvalues[k] for k in places]
        tests = sum(p is not None for p in made)
        found |= {k: Corrected(p, tests) for k, p in zip(places, holm(made), strict=True)}
    return [found[k] for k in range(len(kinds))]
