"""`groundedness` on whole sets that its models were not fit on, beside plain overlap.

python -m scripts.research.validate_metrics groundedness_unseen
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from evals.metrics.groundedness import averaged
from evals.scorers.groundedness.copied import copied
from evals.text.words import clean, stems, words
from scripts.research import grounding_figures, grounding_fit, labelled
from scripts.research.grounding_fit import Table
from scripts.research.labelled import Judged

Row = tuple[object, ...]


def wice(data: Path) -> Iterator[Judged]:
    """WiCE (Kamoi 2023), claims of Wikipedia with their evidence: 1 supported, 0 partly or not."""
    path = data / "wice" / "oracle_chunks_claim_dev.jsonl"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        found = json.loads(line)
        label, evidence = float(found["label"] == "supported"), " ".join(found["evidence"])
        yield Judged("wice", str(number), "", found["claim"], label, (evidence,))


def bigram_precision(one: Judged) -> float:
    """Share of the answer's pairs of neighbouring words that the contexts have."""
    known = {pair for text in one.contexts for pair in pairwise(stems(words(clean(text))))}
    pairs = list(pairwise(stems(words(clean(one.response)))))
    return sum(pair in known for pair in pairs) / len(pairs) if pairs else 1.0


def figures(data: Path) -> list[Row]:
    """(set, answers, k_precision, bigram precision, copied, models, groundedness, groundedness in
    folds) for every set, the models fit on the others; HaluEval and WiCE are never fit on.
    """
    filled = grounding_fit.table(grounding_fit.training(data))
    apart = grounding_fit.table([*labelled.halueval(data), *wice(data)])
    folds, _ = grounding_fit.held_out(filled)
    unseen = np.zeros(len(filled.rows))
    for group, found in grounding_fit.unseen(filled).items():
        unseen[filled.group == group] = found
    every = np.arange(len(filled.rows))
    whole = grounding_fit.fit_answer(filled, every).probability(apart.rows, apart.kind)
    return [*_rows(filled, unseen, folds), *_rows(apart, whole, whole)]


def _rows(data: Table, models: np.ndarray, folds: np.ndarray) -> Iterator[Row]:
    shares = np.array([copied(j.response, j.contexts) for j in data.judged])
    pairs = np.array([bigram_precision(j) for j in data.judged])
    known = np.array([grounding_figures.k_precision(j) for j in data.judged])
    bad = [any(piece.bad for piece in pieces) for pieces in data.pieces]
    mixed, within = (
        np.array(
            [averaged(*one) for one in zip(chance.tolist(), shares.tolist(), bad, strict=True)]
        )
        for chance in (models, folds)
    )
    for group in sorted(set(data.group.tolist())):
        at = np.flatnonzero(data.group == group)
        judged = [data.judged[i] for i in at.tolist()]
        columns = (known, pairs, shares, models, mixed, within)
        areas = [grounding_figures.agrees(judged, data.target[at], c[at]) for c in columns]
        yield group, len(judged), *areas
