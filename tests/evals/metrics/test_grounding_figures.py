from __future__ import annotations

import numpy as np

from evals.metrics import grounding_fit
from evals.metrics.grounding_figures import writer
from evals.metrics.labelled import Judged

CONTEXT = ("The lamp was made in Lisbon.",)


def judged(source: int, system: str, label: float) -> Judged:
    return Judged("ragtruth_qa", str(source), "", "It was made in Lisbon.", label, CONTEXT, system=system)


def test_a_writer_is_known_by_its_other_answers_alone() -> None:
    careful = [judged(n, "careful", 1.0) for n in range(10)]
    careless = [judged(n, "careless", float(n == 0)) for n in range(10)]
    found = writer(grounding_fit.table([*careful, *careless, judged(3, "silent", 1.0)]))
    assert (found[:10] == 1).all()
    assert found[10] == 0
    assert (found[11:20] < 0.2).all()
    assert found[20] == 0.5
    assert np.isfinite(found).all()
