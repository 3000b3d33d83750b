"""Fit the model behind the metric `answer_match` on human verdicts and write its coefficients.

Run: ``python -m scripts.research.fit_answer_match`` (needs ADAPTBENCH_DATA; some minutes on one
core). Deterministic.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from evals.scorers.answer_match import model as references
from scripts.research import answer_match_fit, labelled

TARGET = Path(__file__).resolve().parents[2] / "evals" / "scorers" / "answer_match" / "weights.json"


def main() -> None:
    """Fit on both sets and write the coefficients."""
    data = labelled.need_data_dir()
    judged = [*labelled.evouna(data), *labelled.openqa(data)]
    pairs = [(references.reading(j.question, j.response, j.references), j) for j in judged]
    kept = [(found.row, j) for found, j in pairs if found is not None]
    counts: dict[str, int] = {}
    for _, one in kept:
        counts[one.group] = counts.get(one.group, 0) + 1
    rows, target = np.array([row for row, _ in kept]), np.array([j.label for _, j in kept])
    TARGET.write_bytes(msgspec.json.encode(answer_match_fit.fit(rows, target, counts)) + b"\n")
    print(f"fit on {counts}; wrote {TARGET.name}")


if __name__ == "__main__":
    main()
