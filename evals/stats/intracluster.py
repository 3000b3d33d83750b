"""How alike the answers within a cluster are, and how sure a few failures let anybody be of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.stats.estimate import Floats

_GRID: Final = (np.arange(40) + 0.5) / 40
"""Intracluster correlations at which the likelihood is read, shape (K,)."""
_WEIGHT: Final = 4.0


@dataclass(frozen=True)
class Effect:
    """A design effect (at least 1) and the degrees of freedom that speak for it."""

    value: float
    freedom: float


def effect_of(correlation: float, size: NDArray[np.generic]) -> float:
    """The design effect of a mean, 1 + (m̄ − 1)ρ with m̄ = Σm²/Σm (Kish 1965; Donner and Klar 2000,
    ch. 6).

    ``size`` holds the number of items of each cluster, shape (C,).
    """
    items = size.astype(np.float64)
    return 1 + (float(items @ items) / float(items.sum()) - 1) * correlation


def shrunken(observed: float, informative: int, expected: float, weight: float) -> float:
    """A design effect seen in ``informative`` clusters, drawn to ``expected`` as if seen in
    ``weight``; at least 1.
    """
    return max(1.0, (weight * expected + informative * observed) / (weight + informative))


def proportion_effect(
    observed: float, informative: int, successes: Floats, size: NDArray[np.generic]
) -> Effect:
    """The design effect of a clustered proportion, from what was ``observed`` and what its failures
    let one expect.

    Estimand: the ratio of the clustered to the binomial variance. What was observed in f
    ``informative`` clusters is drawn, with the weight of four, to `effect_of` the posterior mean of
    the intracluster correlation ρ: beta-binomial likelihood (Skellam 1948; Williams 1975) at the
    observed share, ρ uniform on (0, 1) before. Failures that stand apart pull it to 1 at once,
    failures that come together up; without a failure it stays at ρ = ½.

    The degrees of freedom follow Satterthwaite (1946): 1/ν = s²/(2e²) + (f/(f + 4))²/(C − 1), with
    e and s the mean and standard deviation of the posterior design effect. Shapes (C,): successes
    and items of each cluster.
    """
    weights = _posterior(successes, size)
    effects = 1 + (effect_of(1.0, size) - 1) * _GRID
    mean = float(weights @ effects)
    spread = float(weights @ (effects - mean) ** 2) / mean**2
    own = (informative / (informative + _WEIGHT)) ** 2 / (len(size) - 1)
    return Effect(shrunken(observed, informative, mean, _WEIGHT), 1 / max(spread / 2 + own, 1e-9))


def _posterior(successes: Floats, size: NDArray[np.generic]) -> Floats:
    """Probability of each correlation on the grid, shape (K,)."""
    from scipy.special import betaln

    items = size.astype(np.float64)
    share = float(successes.sum() / items.sum())
    likelihood = np.zeros_like(_GRID)
    if 0 < share < 1:
        kinds, counts = np.unique(items * (items.max() + 1) + successes, return_counts=True)
        n, right = (part[:, None] for part in np.divmod(kinds, items.max() + 1))
        odds = (1 - _GRID) / _GRID
        a, b = share * odds, (1 - share) * odds
        likelihood = counts @ (betaln(right + a, n - right + b) - betaln(a, b))
    weights = np.exp(likelihood - likelihood.max())
    shares: Floats = weights / weights.sum()
    return shares
