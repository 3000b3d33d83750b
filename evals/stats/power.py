"""What a comparison could have seen, and how many items would settle it."""

from __future__ import annotations

from math import ceil, isfinite
from typing import Final

from evals.stats.estimate import LEVEL
from evals.stats.wilson import z_critical

POWER: Final = 0.8


def _reach(level: float, power: float) -> float:
    """z_{1−α/2} + z_{power}."""
    return z_critical(level) + z_critical(2 * power - 1)


def detectable(error: float, level: float = LEVEL, power: float = POWER) -> float:
    """Minimal detectable effect: the true difference that such a study finds with the given power.

    (z_{1−α/2} + z_{power})·SE, SE the standard error of the paired difference; for independent
    binary pairs that is (z.975 + z.8)·√(discordance/n) (Miller 2024, §5). Large-sample; says
    nothing about which differences matter.
    """
    return _reach(level, power) * error


def settling(
    n: int, error: float, distance: float, level: float = LEVEL, power: float = POWER
) -> int | None:
    """Items that would settle a question with the given power, if the truth is what was observed.

    ``distance`` is how far the observed difference lies from the line in question (0, or −margin),
    ``error`` its standard error at ``n`` items; the error shrinks with √n at the same mix of
    clusters. None where the observation lies on the line, since no number of items would then do.
    """
    if distance == 0 or not isfinite(distance):
        return None
    needed = n * (_reach(level, power) * error / abs(distance)) ** 2
    return ceil(needed) if needed < 1e12 else None
