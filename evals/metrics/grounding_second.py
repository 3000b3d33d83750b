"""Fitting the second stage of `groundedness`, and its figures on rows held out of both stages.

It is fit on RAGTruth's answers to questions and summaries, whose contexts are prose; other sets are heard in samples
and only reported. The first stage's probabilities that it reads are always out of fold: those of the rows it is fit on
come from first stages fit without them, and those of the rows it is tried on from one that saw neither's labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from evals.identity import digest
from evals.metrics import grounding_fit, grounding_model, grounding_words
from evals.metrics.grounding_fit import Table
from evals.metrics.grounding_model import Floats, SecondStage
from evals.metrics.labelled import Judged
from evals.metrics.likelihood import Evidence

FIT_ON: Final = ("ragtruth_qa", "ragtruth_summary")
HEARD: Final = {"ragtruth_qa": 68, "ragtruth_summary": 57, "begin": 60}
"""Sets that are heard, and of how many sources: hearing every answer would take hours."""

Rows = NDArray[np.int64]


def rows(data: Table) -> Rows:
    """The heard answers, the same ones every time: of RAGTruth's first sources, of BEGIN's by a digest, for its files
    are one corpus after the other."""
    found: list[int] = []
    for group, most in HEARD.items():
        at = np.flatnonzero(data.group == group).tolist()
        sources = list(dict.fromkeys(data.judged[i].source for i in at))
        chosen = set((sorted(sources, key=digest) if group == "begin" else sources)[:most])
        found += [i for i in at if data.judged[i].source in chosen]
    return np.array(found)


def words(judged: Sequence[Judged], evidence: Sequence[Evidence]) -> Floats:
    """The word features of answers, shape (n, features)."""
    return np.array(
        [
            grounding_words.row(j.question, j.response, j.contexts, heard)
            for j, heard in zip(judged, evidence, strict=True)
        ]
    )


def chance(data: Table, train: Rows, wanted: Rows) -> Floats:
    """First-stage probabilities of the ``wanted`` rows: out of fold for those in ``train``, else fit on all of it."""
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


def fit(data: Table, heard: Rows, spoken: Floats, train: Rows, heard_by: str = "") -> SecondStage:
    """Fit on those of the ``heard`` rows that are in ``train`` and of a set in `FIT_ON`."""
    at = np.isin(heard, train) & np.isin(data.group[heard], FIT_ON)
    own = heard[at]
    sets, counts = np.unique(data.group[own], return_counts=True)
    return grounding_model.fit_second(
        chance(data, train, own),
        spoken[at],
        data.target[own],
        grounding_words.WORD_NAMES,
        heard_by,
        dict(zip(sets.tolist(), counts.tolist(), strict=True)),
    )


def held_out(data: Table, heard: Rows, spoken: Floats) -> Floats:
    """Probabilities of the heard answers of `FIT_ON` by folds over sources, of the others by a second stage that was
    fit on no answer of their set; the first stage is always out of fold."""
    found = np.zeros(len(heard))
    for train, test in grounding_fit.split(data.source):
        at = np.isin(heard, test)
        if at.any():
            stage = fit(data, heard, spoken, train)
            found[at] = stage.probability(chance(data, train, heard[at]), spoken[at])
    return found


def unseen(data: Table, heard: Rows, spoken: Floats) -> tuple[Floats, Floats]:
    """For each heard answer, both stages' probabilities where neither was fit on its set: (first, second)."""
    first, second = np.zeros(len(heard)), np.zeros(len(heard))
    for group in sorted(set(data.group[heard].tolist())):
        at = data.group[heard] == group
        train = np.flatnonzero(data.group != group)
        first[at] = chance(data, train, heard[at])
        second[at] = fit(data, heard, spoken, train).probability(first[at], spoken[at])
    return first, second
