"""The boosted trees inside `groundedness`, stored as plain numbers and read by numpy alone.

Fit by scikit-learn's histogram gradient boosting on log loss; with M trees t_m of depth `DEPTH`
(leaf values already shrunk by the learning rate) the log-odds of a row x are f(x) = b + Σ_m t_m(x)
(Friedman 2001). Each tree is stored as a complete one, level by level: from node n a row goes to 2n
+ 1 where x[feature] ≤ threshold and to 2n + 2 where it is greater, so all trees and rows step down
together. A branch that ends early is filled up with copies of its leaf.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.core.schema import Record

Floats = NDArray[np.float64]
Places = NDArray[np.int64]

DEPTH: Final = 3


class Trees(Record, frozen=True, omit_defaults=False, dict=True):
    """M fitted trees: ``feature`` and ``threshold`` have shape (M, 2^DEPTH − 1), ``leaf`` has (M,
    2^DEPTH).
    """

    columns: tuple[str, ...]
    intercept: float
    feature: tuple[tuple[int, ...], ...]
    threshold: tuple[tuple[float, ...], ...]
    leaf: tuple[tuple[float, ...], ...]

    def logit(self, rows: Floats) -> Floats:
        """Log-odds, shape (n,), of ``rows`` (n, columns), all finite."""
        feature, threshold, leaf = self._arrays
        tree, row = np.arange(len(feature)), np.arange(len(rows))[:, None]
        node = np.zeros((len(rows), len(feature)), dtype=np.int64)
        for _ in range(DEPTH):
            node = 2 * node + 1 + (rows[row, feature[tree, node]] > threshold[tree, node])
        found: Floats = self.intercept + leaf[tree, node - feature.shape[1]].sum(axis=1)
        return found

    @cached_property
    def _arrays(self) -> tuple[Places, Floats, Floats]:
        return np.array(self.feature), np.array(self.threshold), np.array(self.leaf)
