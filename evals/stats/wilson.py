"""Wilson's score interval for a proportion, and its extension to any bounded mean with a known
standard error.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
from typing import Final

from evals.stats.estimate import LEVEL, Bounds

NO_BOUND: Final = 1e9
"""Bounds wider than this stand for none: a manifest is JSON, which has no infinity."""


@cache
def z_critical(level: float = LEVEL) -> float:
    """Two-sided critical value of the standard normal distribution."""
    from scipy.special import ndtri

    return float(ndtri(0.5 + level / 2))


@cache
def t_critical(freedom: float, level: float = LEVEL) -> float:
    """Two-sided critical value of Student's t with ``freedom`` ≥ 1 degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + level / 2))


def wilson(successes: float, n: float, critical: float | None = None) -> tuple[float, float]:
    """Wilson's interval of a proportion.

    Estimand: the success probability of independent Bernoulli trials. ``successes`` and ``n`` may
    be fractional (an effective sample size). Formula: all p with (p̂ − p)² ≤ z²·p(1 − p)/n (Wilson
    1927; Brown, Cai and DasGupta 2001). It never collapses: at p̂ = 1 the lower end is n/(n + z²).

    Raises ValueError for n ≤ 0 or successes outside [0, n].
    """
    if not (n > 0 and 0 <= successes <= n):
        raise ValueError(
            f"a proportion needs 0 <= successes <= n and n > 0, not {successes} of {n}"
        )
    z2 = (z_critical() if critical is None else critical) ** 2
    p = successes / n
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    return (0.0 if successes == 0 else max(0.0, centre - half)), (
        1.0 if successes == n else min(1.0, centre + half)
    )


def bounded(
    mean: float, error: float, units: float, critical: float, bounds: Bounds
) -> tuple[float, float] | None:
    """Interval of a mean from its standard error that respects the metric's bounds.

    Estimand: the mean of a quantity that lives in [a, b]. Formula: Wilson's interval of the
    rescaled mean at the effective sample size n* = (mean − a)(b − mean)/error², which is the score
    interval under a variance proportional to (μ − a)(b − μ); for a proportion from independent
    items it is Wilson's own, far from the bounds it is mean ± critical·error. The effective-size
    form for clustered samples is Dean and Pagano 2015 (J. Surv. Stat. Methodol. 3:484).

    Where nothing varied (error 0) the data cannot speak about spread. Then ``units`` independent
    units agreed, so at most a share π = critical²/(units + critical²) of unseen ones differs, and
    the mean lies within π of the way to each bound; at a bound that is Wilson's interval of
    ``units`` successes in ``units`` trials.

    Unbounded quantities (seconds, dollars: `NO_BOUND`) get mean ± critical·error, or None where
    nothing varied.
    """
    low, high = bounds
    if not low <= mean <= high:
        return None if error == 0 else (mean - critical * error, mean + critical * error)
    if not high - low < NO_BOUND:
        if error <= 1e-12 * abs(mean):
            return None
        return max(low, mean - critical * error), min(high, mean + critical * error)
    if error <= 1e-12 * (high - low):
        share = critical**2 / (units + critical**2)
        return mean - share * (mean - low), mean + share * (high - mean)
    width = high - low
    p = (mean - low) / width
    size = p * (1 - p) / (error / width) ** 2
    bottom, top = wilson(p * size, size, critical)
    return low + width * bottom, low + width * top
