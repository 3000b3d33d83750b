"""How well `groundedness` agrees with people: the figures of docs/validation.md, all of them on
rows held out of the fit.

Per set: AUROC of supported against not (MTRAG: Spearman with the mean human rating), once by folds
over the sources of all sets, once by a model that was fit on the other sets alone. A set that no
model is fit on has one figure for both. Two baselines that read no context stand beside: the
answer's length, and which system wrote it.
"""

from __future__ import annotations

import numpy as np

from evals.metrics.passages import share
from evals.scorers.groundedness.model import Floats
from scripts.research import grounding_fit, grounding_second
from scripts.research.grounding_fit import Table
from scripts.research.grounding_second import Rows
from scripts.research.labelled import RAGTRUTH_TASKS, Judged

Figures = tuple[object, ...]
WithEvidence = tuple[Rows, Floats]
"""Answers with evidence, and their word features."""


def plain(data: Table, apart: Table, chance: Floats) -> list[Figures]:
    """(set, answers, length alone, k-precision, writer alone, folds, unseen) of every set of
    ``data``, of the parts that it has, and of ``apart`` (never fit on); ``chance`` is out of
    fold."""
    alone, written, unseen = grounding_fit.unseen(data), writer(data), np.zeros(len(data.rows))
    for group, found_alone in alone.items():
        unseen[data.group == group] = found_alone
    finer = np.array([j.group for j in data.judged])
    names = sorted({*data.part.tolist(), *finer.tolist()})
    found = [
        (name, *_figures(data, np.flatnonzero(at), written[at], chance[at], unseen[at]))
        for name in names
        for at in [(data.part == name) | (finer == name)]
    ]
    whole = grounding_fit.fit_answer(data, np.arange(len(data.rows))).probability(
        apart.rows, apart.kind
    )
    return [
        *found,
        (
            apart.judged[0].group,
            *_figures(apart, np.arange(len(whole)), writer(apart), whole, whole),
        ),
    ]


def writer(data: Table, folds: int = 5) -> Floats:
    """For each answer, the share of supported ones among the same system's answers of its set in
    the other folds (0.5 where there are none): how far telling the systems apart goes without
    reading."""
    name = np.array(
        [f"{g}:{j.system}" for g, j in zip(data.group.tolist(), data.judged, strict=True)]
    )
    found = np.full(len(name), 0.5)
    for train, test in grounding_fit.split(data.source, folds):
        for one in set(name[test].tolist()) & set(name[train].tolist()):
            found[test[name[test] == one]] = data.target[train[name[train] == one]].mean()
    return found


def with_model(
    data: Table, with_evidence: WithEvidence, apart: Table, apart_evidence: Floats, chance: Floats
) -> list[Figures]:
    """(set, answers, length alone, k-precision, then without and with a model: folds, unseen; last
    the share supported and the mean probability with a model in folds) of the heard answers and of
    ``apart`` (never fit on), all of which are heard; ``chance`` is out of fold."""
    rows, evidence = with_evidence
    folds = grounding_second.held_out(data, rows, evidence)
    first, second = grounding_second.unseen(data, rows, evidence)
    parts = data.part[rows]
    found = [
        (
            part,
            *_figures(data, rows[at], chance[rows][at], folds[at], first[at], second[at]),
            *_level(data, rows[at], folds[at]),
        )
        for part in sorted(set(parts.tolist()))
        for at in [parts == part]
    ]
    every = np.arange(len(data.rows))
    whole = grounding_fit.fit_answer(data, every).probability(apart.rows, apart.kind)
    both = grounding_second.fit(data, rows, evidence, every).probability(whole, apart_evidence)
    last = np.arange(len(whole))
    return [
        *found,
        (
            apart.judged[0].group,
            *_figures(apart, last, whole, both, whole, both),
            *_level(apart, last, both),
        ),
    ]


def _level(data: Table, at: Rows, score: Floats) -> tuple[float, float]:
    return float(data.target[at].mean()), float(score.mean())


def _figures(data: Table, at: Rows, *scores: Floats) -> Figures:
    judged = [data.judged[i] for i in at.tolist()]
    length = -np.array([np.log1p(len(j.response.split())) for j in judged])
    copied = np.array([k_precision(j) for j in judged])
    return (len(judged), *(agrees(judged, data.target[at], s) for s in (length, copied, *scores)))


def agrees(judged: list[Judged], target: Floats, score: Floats) -> float:
    """AUROC of a score; for MTRAG its rank correlation with the mean rating."""
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    if judged[0].group == "mtrag":
        return float(spearmanr(score, [j.label for j in judged]).statistic)
    return float(roc_auc_score(target, score))


def k_precision(one: Judged) -> float:
    """The metric of that name; 1 where it does not apply."""
    value = share(one.question, one.response, list(one.contexts))
    return 1.0 if value is None else value


def decided(data: Table, chance: Floats) -> list[tuple[str, float, float]]:
    """(task, at 0.5, at the threshold that is best on the other folds): balanced accuracy of
    RAGTruth's answers called supported from that probability on, the mean of the shares told right
    among supported and unsupported ones; ``chance`` is out of fold."""
    from sklearn.metrics import balanced_accuracy_score as accuracy

    found = []
    for task in RAGTRUTH_TASKS:
        at = data.group == f"ragtruth_{task}"
        right, said, called = data.target[at], chance[at], np.zeros(at.sum(), dtype=bool)
        for train, test in grounding_fit.split(data.source[at]):
            grid = np.quantile(said[train], np.linspace(0.02, 0.98, 97)).tolist()
            best = max(grid, key=lambda low: accuracy(right[train], said[train] >= low))
            called[test] = said[test] >= best
        found.append((task, float(accuracy(right, said >= 0.5)), float(accuracy(right, called))))
    return found


def spans(data: Table, risk: Floats) -> tuple[float, list[tuple[str, float, float, float]]]:
    """The threshold with the best F1, and (task, precision, recall, F1) of RAGTruth's spans at
    it.
    """
    threshold = grounding_fit.best_threshold(data, risk)
    rows = [
        (t, *grounding_fit.span_f1(data, risk, threshold, f"ragtruth_{t}")) for t in RAGTRUTH_TASKS
    ]
    return threshold, rows
