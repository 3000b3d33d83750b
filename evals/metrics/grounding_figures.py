"""How well `groundedness` agrees with people: the figures of docs/metrics.md, all of them on rows held out of the fit.

Per set: AUROC of supported against not (MTRAG: Spearman with the mean human rating), once by folds over the sources of
all sets, once by a model that was fit on the other sets alone. A set that no model is fit on has one figure for both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evals.metrics import grounding_fit
from evals.metrics.grounding_fit import Table
from evals.metrics.grounding_model import Floats
from evals.metrics.k_precision import share
from evals.metrics.labelled import RAGTRUTH_TASKS, Judged


@dataclass(frozen=True)
class Agreement:
    """One set's figures; ``length`` and ``copied`` (k-precision) are the baselines."""

    name: str
    answers: int
    length: float
    copied: float
    folds: float
    unseen: float


def agreements(data: Table, apart: Table) -> tuple[list[Agreement], Floats]:
    """The figures of every set of ``data`` and of ``apart`` (never fit on), and the sentences' out-of-fold risks."""
    chance, risk = grounding_fit.held_out(data)
    unseen = grounding_fit.unseen(data)
    found = []
    for group in sorted(unseen):
        at = data.group == group
        judged = [j for j, here in zip(data.judged, at.tolist(), strict=True) if here]
        found.append(_agreement(judged, data.target[at], chance[at], unseen[group]))
    whole = grounding_fit.fit_all(data, 0.5).answer.probability(apart.rows, apart.kind)
    found.append(_agreement(list(apart.judged), apart.target, whole, whole))
    return found, risk


def _agreement(judged: list[Judged], target: Floats, folds: Floats, unseen: Floats) -> Agreement:
    group = judged[0].group
    name = "begin" if group.startswith("begin") else group
    length = -np.array([np.log1p(len(j.response.split())) for j in judged])
    scores = [_agrees(judged, target, s) for s in (length, np.array([_copied(j) for j in judged]), folds, unseen)]
    return Agreement(name, len(judged), *scores)


def _agrees(judged: list[Judged], target: Floats, score: Floats) -> float:
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    if judged[0].group == "mtrag":
        return float(spearmanr(score, [j.label for j in judged]).statistic)
    return float(roc_auc_score(target, score))


def _copied(one: Judged) -> float:
    value = share(one.question, one.response, list(one.contexts))
    return 1.0 if value is None else value


def spans(data: Table, risk: Floats) -> tuple[float, list[tuple[str, float, float, float]]]:
    """The threshold with the best F1, and (task, precision, recall, F1) of RAGTruth's spans at it."""
    threshold = grounding_fit.best_threshold(data, risk)
    rows = [(t, *grounding_fit.span_f1(data, risk, threshold, f"ragtruth_{t}")) for t in RAGTRUTH_TASKS]
    return threshold, rows
