"""Agreement of metrics with sets that were written against them: hard right answers, tempting wrong
ones.

The writers had not seen how the metrics work. The errors on half A were read afterwards and led to
changes; those on half B never were. The sets stand in ``data``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from evals.metrics.groundedness import assess
from evals.scorers.answer_match.model import matches
from evals.text.words import fold

FOLDER: Final = Path(__file__).resolve().with_name("data")
HALVES: Final = ("A", "B")

Row = tuple[object, ...]


def answer_match() -> list[Row]:
    """(half, answers, substring match, answer_match): share of labels agreed with."""
    rows = list(_read("answer_match_hard.jsonl"))
    found: list[Row] = []
    for half in HALVES:
        own = [r for r in rows if r["half"] == half]
        inside = [
            any(fold(x) in fold(r["response"]) for x in r["references"]) == bool(r["label"])
            for r in own
        ]
        judged = [
            matches(r["question"], r["response"], r["references"]) == bool(r["label"]) for r in own
        ]
        found.append((half, len(own), float(np.mean(inside)), float(np.mean(judged))))
    return found


def groundedness() -> list[Row]:
    """(answers, number, mean value in half A, in B, AUROC in A, in B): right kinds first, then each
    wrong kind against the right answers that keep the contexts' words; last all against all."""
    from sklearn.metrics import roc_auc_score

    rows = list(_read("groundedness_hard.jsonl"))
    value = np.array([assess(r["question"], r["response"], r["contexts"]).value for r in rows])
    label, kind, half = (np.array([r[key] for r in rows]) for key in ("label", "kind", "half"))
    close = (label == 1) & (kind != "reworded")

    def figures(name: str, own: Any, against: Any) -> Row:
        means = [float(value[own & (half == h)].mean()) for h in HALVES]
        if against is None:
            return (name, int(own.sum()), *means, "", "")
        both = own | against
        areas = [
            float(roc_auc_score(label[both & (half == h)], value[both & (half == h)]))
            for h in HALVES
        ]
        return (name, int(own.sum()), *means, *areas)

    right = [
        figures(f"right: {k}", kind == k, None) for k in sorted(set(kind[label == 1].tolist()))
    ]
    wrong = [
        figures(f"wrong: {k}", kind == k, close) for k in sorted(set(kind[label == 0].tolist()))
    ]
    every = [
        figures("all wrong", label == 0, close),
        figures("all wrong, reworded right ones too", label == 0, label == 1),
    ]
    return [*right, *wrong, *every]


def _read(name: str) -> Iterator[dict[str, Any]]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
