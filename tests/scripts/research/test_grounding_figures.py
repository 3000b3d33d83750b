from __future__ import annotations

import numpy as np

from scripts.research import grounding_fit
from scripts.research.grounding_figures import decided, writer
from scripts.research.labelled import RAGTRUTH_TASKS, Judged

CONTEXT = ("The lamp was made in Lisbon.",)


def judged(source: int, system: str, label: float) -> Judged:
    return Judged(
        "ragtruth_qa", str(source), "", "It was made in Lisbon.", label, CONTEXT, system=system
    )


def test_a_writer_is_known_by_its_other_answers_alone() -> None:
    careful = [judged(n, "careful", 1.0) for n in range(10)]
    careless = [judged(n, "careless", float(n == 0)) for n in range(10)]
    found = writer(grounding_fit.table([*careful, *careless, judged(3, "silent", 1.0)]))
    assert (found[:10] == 1).all()
    assert found[10] == 0
    assert (found[11:20] < 0.2).all()
    assert found[20] == 0.5
    assert np.isfinite(found).all()


def test_balanced_accuracy_is_the_mean_over_both_labels() -> None:
    labels = np.array([1.0, 1.0, 1.0, 1.0, 0.0] * 4)
    rows = [
        Judged(f"ragtruth_{task}", str(n), "", "It was made in Lisbon.", label, CONTEXT)
        for task in RAGTRUTH_TASKS
        for n, label in enumerate(labels.tolist())
    ]
    chance = np.tile([0.9, 0.8, 0.5, 0.4, 0.1], 4)
    found = decided(grounding_fit.table(rows), np.tile(chance, 3))
    assert [row[:2] for row in found] == [(task, 0.875) for task in RAGTRUTH_TASKS]
    assert all(tuned == 1 for _, _, tuned in found)
