"""Holm's step-down correction for many tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(pvalues: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values that hold the chance of any false finding, in the order given.

    p̃_(k) = max_{j ≤ k} min(1, (m − j + 1)·p_(j)) (Holm 1979); valid whatever the dependence
    between the tests. Tests without a p-value (None) were not made: they stay None and do not count
    towards m. Raises ValueError for a p-value outside [0, 1].
    """
    made = [k for k, p in enumerate(pvalues) if p is not None]
    raw = np.array([pvalues[k] for k in made], dtype=np.float64)
    if ((raw < 0) | (raw > 1)).any() or np.isnan(raw).any():
        raise ValueError("a p-value lies in [0, 1]")
    order = np.argsort(raw, kind="stable")
    stepped = np.minimum(1.0, np.maximum.accumulate((len(raw) - np.arange(len(raw))) * raw[order]))
    adjusted: list[float | None] = [None] * len(pvalues)
    for place, value in zip(order, stepped, strict=True):
        adjusted[made[place]] = float(value)
    return adjusted
