"""Many comparisons at once: one rule wherever differences are shown, Holm within three families.

The headlines of whole suites are one family, the headlines of tracks another, every other metric
the third. A family holds all that is shown together: every step of the ladder, every candidate of a
comparison.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from evals.analysis.notes import Note, note
from evals.analysis.pairing import ALL
from evals.stats.estimators import Sample
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


@dataclass(frozen=True)
class Tested:
    """A comparison before its correction: its family, p-value, and the suite's comparison that it
    stands under. Without information (nothing differed anywhere) it is no test.
    """

    kind: Kind
    p: float | None
    under: Hashable
    informed: bool = True


def differs(candidate: Sample, baseline: Sample) -> bool:
    """Whether any value of the two differs: else a comparison cannot tell anything."""
    ours, theirs = (candidate, *candidate.seeds), (baseline, *baseline.seeds)
    return any(not np.array_equal(a.values, b.values) for a in ours for b in theirs)


def correct(tests: Sequence[Tested]) -> list[Corrected]:
    """Holm's correction within each family, in the order given.

    Gatekeeping (Dmitrienko and Tamhane 2007): tracks are tested only where the headline of their
    whole suite is shown to differ in the same comparison, so that they cost power only where there
    is something to find. Comparisons without a p-value or without information count for nothing.
    """
    found: dict[int, Corrected] = {}
    known = {t.under for t in tests if t.kind == "suites"}
    shown: set[Hashable] = set()
    for family in ("suites", "tracks", "others"):
        places = [k for k, test in enumerate(tests) if test.kind == family]
        made = [
            None
            if not tests[k].informed or (family == "tracks" and tests[k].under in known - shown)
            else tests[k].p
            for k in places
        ]
        size = sum(p is not None for p in made)
        found |= {k: Corrected(p, size) for k, p in zip(places, holm(made), strict=True)}
        if family == "suites":
            shown = {tests[k].under for k in places if found[k].kept}
    return [found[k] for k in range(len(tests))]


def untested(tests: Sequence[Tested], names: Sequence[str]) -> list[Note]:
    """Notes on what was left out of the families, by name."""
    done = correct(tests)
    empty = [n for n, t in zip(names, tests, strict=True) if t.p is not None and not t.informed]
    closed = [
        n
        for n, t, c in zip(names, tests, done, strict=True)
        if t.kind == "tracks" and t.p is not None and t.informed and c.p is None
    ]
    notes = [note("no_information", count=len(empty), axes=empty)] if empty else []
    return notes + ([note("suite_not_shown", count=len(closed), axes=closed)] if closed else [])
