"""Exact one-sided bounds of a share, for harms so rare that most samples hold none."""

from __future__ import annotations

from math import ceil, log


def upper_bound(events: float, n: float, alpha: float) -> float:
    """The largest share under which at most ``events`` of ``n`` still have a chance of ``alpha``.

    Clopper and Pearson 1934, one-sided: the (1 − alpha) quantile of Beta(k + 1, n − k); for no
    event at all it is 1 − alpha^(1/n), about 3/n at 5 %. Raises ValueError for impossible counts.
    """
    from scipy.stats import beta

    _check(events, n)
    return 1.0 if events == n else float(beta.ppf(1 - alpha, events + 1, n - events))


def needed(share: float, ceiling: float, alpha: float, most: int = 1_000_000) -> int | None:
    """The smallest n at which a sample with this share of events shows that it is below the
    ceiling; None where the share is not below it, or more than ``most`` would be needed.

    Without events: log(alpha) / log(1 − ceiling), which is 59 for 5 % at 5 %.
    """
    if share >= ceiling:
        return None
    if share == 0:
        return ceil(log(alpha) / log(1 - ceiling))
    low, high = 1, most
    if upper_bound(share * most, most, alpha) > ceiling:
        return None
    while low < high:
        middle = (low + high) // 2
        if upper_bound(share * middle, middle, alpha) <= ceiling:
            high = middle
        else:
            low = middle + 1
    return low


def _check(events: float, n: float) -> None:
    if not (n > 0 and 0 <= events <= n):
        raise ValueError(f"0 <= events <= n and n > 0 are needed, not {events} of {n}")
