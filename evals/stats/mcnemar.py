"""McNemar's exact test for two systems that answered the same questions right or wrong."""

from __future__ import annotations


def mcnemar(gained: int, lost: int) -> float:
    """Two-sided exact p-value that gains and losses are equally likely.

    ``gained`` counts items only the candidate got right, ``lost`` those only the baseline did;
    items on which both agree carry no information. Assumes independent items. p = min(1, 2·P(B ≤
    min(gained, lost))), B binomial(gained + lost, ½) (McNemar 1947; exact form as in statsmodels).
    No disagreement gives 1. Raises ValueError for a negative count.
    """
    if gained < 0 or lost < 0:
        raise ValueError(f"counts are not negative: {gained}, {lost}")
    if gained + lost == 0:
        return 1.0
    from scipy.stats import binom

    return min(1.0, 2 * float(binom.cdf(min(gained, lost), gained + lost, 0.5)))
