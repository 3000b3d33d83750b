"""Fitting `groundedness` on sets that people labelled and on generated companies, and its held-out
folds.

Sets that people labelled weigh alike whatever their size, other parts what `SAY` says: BEGIN's
replies once more, each with the turn of the chat before it as its question, and the companies'
answers (`grounding_company`). Folds are split by source text or company, so none is on both sides.
HaluEval is kept out of the fit (its right answers are bare phrases, and length alone tells them
apart) and only reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.scorers.groundedness.features import NAMES, PIECE_NAMES, Piece, features
from evals.scorers.groundedness.model import KINDS, Blend, Floats, GroundingModel, Logistic, kinds
from evals.text.words import MAX_CHARS, clean
from scripts.research import grounding_boosting, grounding_company, labelled
from scripts.research.grounding_logistic import fit
from scripts.research.labelled import Judged

FAITHFUL = 3.4
"""MTRAG's mean human rating (1 to 4) from which an answer counts as supported in the fit."""


SAY: Final = {"company": 0.4, "begin_turn": 0.3}
"""How much a part weighs that does not weigh 1."""


@dataclass(frozen=True)
class Table:
    """Features of labelled answers: ``group`` is the set of each, ``part`` the part of it that it
    weighs with; ``piece_of`` is the answer of each sentence, ``piece_bad`` its label or NaN."""

    judged: tuple[Judged, ...]
    rows: Floats
    kind: Floats
    target: Floats
    group: NDArray[Any]
    part: NDArray[Any]
    source: NDArray[Any]
    pieces: tuple[tuple[Piece, ...], ...]
    piece_rows: Floats
    piece_of: NDArray[np.int64]
    piece_bad: Floats


def training(data: Path) -> list[Judged]:
    """The sets that are fit on."""
    found = [j for task in labelled.RAGTRUTH_TASKS for j in labelled.ragtruth(data, task)]
    replies = [*labelled.begin(data), *labelled.begin(data, turns=True)]
    return [*found, *replies, *labelled.mtrag(data), *grounding_company.companies()]


def table(judged: Sequence[Judged]) -> Table:
    """Compute all features once."""
    found = [features(one.question, one.response[:MAX_CHARS], one.contexts) for one in judged]
    return Table(
        tuple(judged),
        np.array([vector for vector, _ in found]),
        np.array([kinds(j.question, j.response, j.contexts) for j in judged]),
        np.array([float(j.label >= FAITHFUL) if j.group == "mtrag" else j.label for j in judged]),
        np.array([merged(j.group) for j in judged]),
        np.array([j.group if j.group in SAY else merged(j.group) for j in judged]),
        np.array([f"{merged(j.group)}:{j.source}" for j in judged]),
        tuple(tuple(parts) for _, parts in found),
        np.array([p.vector() for _, parts in found for p in parts]),
        np.array([number for number, (_, parts) in enumerate(found) for _ in parts]),
        np.array(
            [
                bad
                for one, (_, parts) in zip(judged, found, strict=True)
                for bad in _piece_labels(one, parts)
            ]
        ),
    )


def merged(group: str) -> str:
    """The set that a group of answers belongs to: BEGIN's corpora are one, and so are the
    companies' forms.
    """
    return next((whole for whole in ("begin", "company") if group.startswith(whole)), group)


def marked(one: Judged) -> list[tuple[int, int]]:
    """The human spans as places in the cleaned answer; one that cleaning moved is found by its
    text.
    """
    text, found = clean(one.response[:MAX_CHARS]), []
    for start, end in one.spans:
        wanted = clean(one.response[start:end])
        at = text.find(wanted, max(0, start - 200)) if wanted else -1
        at = text.find(wanted) if at < 0 and wanted else at
        if at >= 0:
            found.append((at, at + len(wanted)))
    return found


def _piece_labels(one: Judged, parts: Sequence[Piece]) -> list[float]:
    if one.group.startswith("begin"):
        return [1 - one.label] * len(parts)
    if not one.group.startswith("ragtruth"):
        return [float("nan")] * len(parts)
    spans = marked(one)
    return [
        float(
            any(
                min(p.end, b) - max(p.start, a) >= min(15.0, 0.3 * (p.end - p.start))
                for a, b in spans
            )
        )
        for p in parts
    ]


def weights(part: NDArray[Any]) -> Floats:
    """Sample weights that give every part the same say, or that of `SAY`; mean 1."""
    parts, counts = np.unique(part, return_counts=True)
    share = {p: SAY.get(p, 1.0) / n for p, n in zip(parts.tolist(), counts.tolist(), strict=True)}
    total = sum(SAY.get(p, 1.0) for p in parts.tolist())
    return np.array([share[p] * len(part) / total for p in part.tolist()])


def fit_answer(data: Table, at: NDArray[np.int64]) -> Blend:
    """The answer model on some of the rows."""
    rows, kind, target, weight = (
        data.rows[at],
        data.kind[at],
        data.target[at],
        weights(data.part[at]),
    )
    trees = grounding_boosting.fit(np.hstack([rows, kind]), target, weight, (*NAMES, *KINDS))
    return Blend(fit(rows, kind, target, weight, NAMES), trees)


def fit_sentence(data: Table, at: NDArray[np.int64]) -> Logistic:
    """The sentence model on the labelled sentences of some of the answers, of each answer once."""
    once = np.setdiff1d(at, np.flatnonzero(np.isin(data.part, list(SAY))))
    use = np.isin(data.piece_of, once) & ~np.isnan(data.piece_bad)
    owner = data.piece_of[use]
    return fit(
        data.piece_rows[use],
        data.kind[owner],
        data.piece_bad[use],
        weights(data.part[owner]),
        PIECE_NAMES,
    )


def held_out(data: Table, folds: int = 5) -> tuple[Floats, Floats]:
    """Out-of-fold probabilities of support per answer and of no support per sentence, folds split
    by source.
    """
    answers, sentences = np.zeros(len(data.rows)), np.zeros(len(data.piece_rows))
    for train, test in split(data.source, folds):
        answers[test] = fit_answer(data, train).probability(data.rows[test], data.kind[test])
        use = np.isin(data.piece_of, test)
        sentences[use] = fit_sentence(data, train).probability(
            data.piece_rows[use], data.kind[data.piece_of[use]]
        )
    return answers, sentences


def split(
    source: NDArray[Any], folds: int = 5
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """(train, test) rows of each fold; no source is on both sides."""
    from sklearn.model_selection import GroupKFold

    yield from GroupKFold(folds).split(source, groups=source)


def unseen(data: Table) -> dict[str, Floats]:
    """For each set, its answers' probabilities by a model that was fit on the other sets alone."""
    found = {}
    for group in sorted(set(data.group.tolist())):
        own = data.group == group
        found[group] = fit_answer(data, np.flatnonzero(~own)).probability(
            data.rows[own], data.kind[own]
        )
    return found


def span_f1(
    data: Table, risk: Floats, threshold: float, task: str | None = None
) -> tuple[float, float, float]:
    """Character-level (precision, recall, F1) of named sentences against the human spans of
    RAGTruth.
    """
    hit = named = wanted = 0
    start = np.concatenate([[0], np.cumsum([len(p) for p in data.pieces])])
    for number, one in enumerate(data.judged):
        if not one.group.startswith("ragtruth") or (task and one.group != task):
            continue
        gold = {c for a, b in marked(one) for c in range(a, b)}
        said = {
            c
            for p, r in zip(
                data.pieces[number], risk[start[number] : start[number + 1]], strict=True
            )
            if r >= threshold
            for c in range(p.start, p.end)
        }
        hit, named, wanted = hit + len(gold & said), named + len(said), wanted + len(gold)
    precision, recall = hit / max(1, named), hit / max(1, wanted)
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def best_threshold(data: Table, risk: Floats) -> float:
    """The threshold with the best span F1 on out-of-fold risks."""
    grid = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7]
    return max(grid, key=lambda t: span_f1(data, risk, t)[2])


def fit_all(data: Table, threshold: float) -> GroundingModel:
    """The model that ships, fit on every row."""
    every = np.arange(len(data.rows))
    parts, counts = np.unique(data.part, return_counts=True)
    said = dict(zip(parts.tolist(), counts.tolist(), strict=True))
    return GroundingModel(fit_answer(data, every), fit_sentence(data, every), threshold, said)
