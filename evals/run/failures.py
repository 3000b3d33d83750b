"""Which answers of a run are failures, for the one line that says so when it ends."""

from __future__ import annotations

from dataclasses import dataclass

from evals.core.inert import plain
from evals.core.schema import Response
from evals.core.store import StoredRun


@dataclass(frozen=True)
class Failures:
    """How many of ``total`` stored answers are failures, and the ``first`` of them in the order
    they came.
    """

    count: int
    total: int
    first: Response

    @property
    def every(self) -> bool:
        """Whether no question was answered at all."""
        return self.count == self.total

    @property
    def summary(self) -> str:
        """In one line: how many, and why the first one failed."""
        cause = self.first.error
        why = "no cause" if cause is None else " ".join(f"{cause.kind}: {cause.message}".split())
        return f"{self.count} of {self.total} answers failed; the first with {plain(why)}"


def failures(run: StoredRun) -> Failures | None:
    """What failed in a run; None where every question was answered. Streams the stored
    responses.
    """
    count = total = 0
    first: Response | None = None
    for response in run.responses():
        total += 1
        if response.error is not None:
            count += 1
            first = first or response
    return None if first is None else Failures(count, total, first)
