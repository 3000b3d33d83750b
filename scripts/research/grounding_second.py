"""Fitting the second stage of `groundedness`, and its figures on rows held out of both stages.

It is fit on every answer that people judged; the generated companies' answers, which hearing would
take hours, are left to the first stage. The first stage's probabilities that it reads are always
out of fold: those of the rows it is fit on come from first stages fit without them, and those of
the rows it is tried on from one that saw neither's labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evals.scorers.groundedness import words as grounding_words
from evals.scorers.groundedness.likelihood import Evidence
from evals.scorers.groundedness.model import Floats, SecondStage
from scripts.research import grounding_fit, grounding_logistic
from scripts.research.grounding_fit import Table
from scripts.research.grounding_logistic import Examples
from scripts.research.labelled import Judged

Rows = NDArray[np.int64]


def rows(data: Table) -> Rows:
    """The answers that are heard: all that people judged."""
    return np.flatnonzero(data.group != "company")


def once(data: Table, with_evidence: Rows) -> NDArray[np.bool_]:
    """Which of the ``heard`` rows are fit on: every answer once, BEGIN's replies without their
    turns.
    """
    return ~np.isin(data.part[with_evidence], list(grounding_fit.SAY))


def words(judged: Sequence[Judged], evidence: Sequence[Evidence]) -> Floats:
    """The word features of answers, shape (n, features)."""
    return np.array(
        [
            grounding_words.row(j.question, j.response, j.contexts, with_evidence)
            for j, with_evidence in zip(judged, evidence, strict=True)
        ]
    )


def chance(data: Table, train: Rows, wanted: Rows) -> Floats:
    """First-stage probabilities of the ``wanted`` rows: out of fold for those in ``train``, else
    fit on all of it.
    """
    found = np.zeros(len(data.rows))
    inside = np.intersect1d(wanted, train)
    for fit_on, test in grounding_fit.split(data.source[train]) if len(inside) else ():
        here = np.intersect1d(train[test], inside)
        if len(here):
            found[here] = _first(data, train[fit_on], here)
    outside = np.setdiff1d(wanted, train)
    if len(outside):
        found[outside] = _first(data, train, outside)
    return found[wanted]


def _first(data: Table, train: Rows, test: Rows) -> Floats:
    return grounding_fit.fit_answer(data, train).probability(data.rows[test], data.kind[test])


def fit(
    data: Table, with_evidence: Rows, evidence: Floats, train: Rows, by: str = ""
) -> SecondStage:
    """Fit on those of the ``heard`` rows that are in ``train``, each answer once, every set
    weighing alike.
    """
    at = np.isin(with_evidence, train) & once(data, with_evidence)
    own = with_evidence[at]
    group = data.group[own]
    found = Examples(
        chance(data, train, own),
        evidence[at],
        data.target[own],
        group,
        grounding_fit.weights(group),
    )
    return grounding_logistic.fit_second(found, grounding_words.WORD_NAMES, by)


def held_out(data: Table, with_evidence: Rows, evidence: Floats) -> Floats:
    """Probabilities of the heard answers by folds over the sources of all sets; both stages are out
    of fold.
    """
    found = np.zeros(len(with_evidence))
    for train, test in grounding_fit.split(data.source):
        at = np.isin(with_evidence, test)
        if at.any():
            stage = fit(data, with_evidence, evidence, train)
            found[at] = stage.probability(chance(data, train, with_evidence[at]), evidence[at])
    return found


def unseen(data: Table, with_evidence: Rows, evidence: Floats) -> tuple[Floats, Floats]:
    """For each heard answer, both stages' probabilities where neither was fit on its set: (first,
    second).
    """
    first, second = np.zeros(len(with_evidence)), np.zeros(len(with_evidence))
    for group in sorted(set(data.group[with_evidence].tolist())):
        at = data.group[with_evidence] == group
        train = np.flatnonzero(data.group != group)
        first[at] = chance(data, train, with_evidence[at])
        second[at] = fit(data, with_evidence, evidence, train).probability(first[at], evidence[at])
    return first, second
