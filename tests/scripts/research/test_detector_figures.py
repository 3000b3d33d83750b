from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from evals.core.interfaces import Risk, Source
from scripts.research import grounding_fit
from scripts.research.detector_figures import figures, sample, support
from scripts.research.grounding_fit import Table
from scripts.research.labelled import Judged

TEXTS = ("It was made in Lisbon.", "It was made in Oslo, people say.")


class Reader:
    """Risky where the answer's last word is in no context; silent about an answer without a
    sentence.
    """

    identity = "reader"

    def risks(
        self,
        question: str,
        contexts: Sequence[Source],
        answer: str,
        sentences: Sequence[tuple[int, int]],
    ) -> list[Risk]:
        held = any(answer.rsplit(maxsplit=1)[-1] in s.text for s in contexts) if answer else False
        return [Risk(a, b, 0.2 if held else 0.7) for a, b in sentences]


def table() -> Table:
    rows = [
        Judged(group, str(n), "", text, label, ("The lamp was made in Lisbon.",))
        for group in ("ragtruth_qa", "mtrag")
        for n in range(6)
        for text, label in zip(TEXTS, (4.0, 1.0) if group == "mtrag" else (1.0, 0.0), strict=True)
    ]
    return grounding_fit.table([*rows, Judged("ragtruth_qa", "7", "", "", 1.0, ("The lamp.",))])


def test_figures_stand_beside_length_and_groundedness() -> None:
    data, message = table(), []
    rows = sample(data)
    value = support(data, rows, Reader(), lambda done, of: message.append((done, of)))
    assert message[-1] == (25, 25)
    assert np.isnan(value).sum() == 1
    mtrag, asked = figures(data, rows, value, 1 - data.target)
    assert mtrag[:2] == ("mtrag", 12)
    assert mtrag[2:] == pytest.approx((1.0, -1.0, 1.0))
    assert asked == ("ragtruth_qa", 12, 1.0, 0.0, 1.0)


def test_the_sample_keeps_sources_whole_and_the_same() -> None:
    data = table()
    rows = sample(data, 4)
    assert len(rows) == 8
    assert rows.tolist() == sample(data, 4).tolist()
    assert len({data.judged[i].source for i in rows.tolist() if data.group[i] == "mtrag"}) == 2
