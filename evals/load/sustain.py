"""The highest arrival rate at which the service goals hold, found by bisection over short open-loop
probes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from evals.core.schema import Record
from evals.load.goals import Goals
from evals.load.measure import Figures

GROWTH: Final = 0.05
"""Slope of latency over scheduled time, seconds a second, that counts as overload when it is surely
exceeded.
"""

Probe = Callable[[float], Figures]


class Step(Record, frozen=True, omit_defaults=False):
    """One probe: its rate, whether the goals held, and why not."""

    rate: float
    held: bool
    goodput: float | None
    why: str


class Sustained(Record, frozen=True, omit_defaults=False):
    """The highest rate that held and the lowest that did not, requests a second; None where there
    was none.

    The true limit lies between them as far as probes of this length can tell.
    """

    rate: float | None
    above: float | None
    steps: tuple[Step, ...]


def verdict(figures: Figures, goals: Goals) -> str:
    """Why a probe's rate is not sustained; empty where it is.

    Not sustained: too few requests meet the goals, latency surely grows with time (overload: it
    would get worse if the probe were longer), or the client stopped early.
    """
    slope, error = figures.growth
    if stopped := [reason for reason in figures.void if reason.startswith("stopped early")]:
        return stopped[0]
    if figures.goodput.value is None or figures.goodput.value < goals.share:
        return (
            f"goals met by {figures.goodput.value or 0:.0%} of requests, wanted {goals.share:.0%}"
        )
    if error is not None and slope - 2 * error > GROWTH:
        return f"latency grows by {slope:.2f} s a second"
    return ""


def sustainable(
    probe: Probe, goals: Goals, first: float, *, precision: float = 0.1, most: int = 12
) -> Sustained:
    """Double from ``first`` until a rate fails (or halve until one holds), then bisect.

    Ends when the bracket is narrower than ``precision`` (relative), after ``most`` probes, or when
    the client itself is the limit: a probe that is void because the client was late says nothing
    about the server, and nothing above it can be measured from here.
    """
    low: float | None = None
    high: float | None = None
    steps: list[Step] = []
    rate = first
    while len(steps) < most and (low is None or high is None or high > low * (1 + precision)):
        figures = probe(rate)
        late = [reason for reason in figures.void if reason.startswith("the client was late")]
        why = verdict(figures, goals)
        if not why and late:
            steps.append(Step(rate, False, figures.goodput.value, late[0]))
            break
        steps.append(Step(rate, not why, figures.goodput.value, why))
        if why:
            high = rate
        else:
            low = rate
        rate = _next(low, high, first)
    return Sustained(low, high, tuple(steps))


def _next(low: float | None, high: float | None, first: float) -> float:
    if low is not None and high is not None:
        return (low + high) / 2
    if low is not None:
        return low * 2
    return (first if high is None else high) / 2
