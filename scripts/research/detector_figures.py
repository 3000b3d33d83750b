"""How well a detector agrees with people, beside `groundedness` and the answer's length, on the
same answers.

Per set: AUROC of supported against not (MTRAG: Spearman with the mean human rating). `groundedness`
is out of fold; a detector is not fit here, but may have been trained on a set by its makers
(LettuceDetect on RAGTruth).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from evals.core.identity import digest
from evals.core.interfaces import Detector
from evals.metrics.detector import detect, sources
from evals.scorers.groundedness.model import Floats
from scripts.research.grounding_fit import Table
from scripts.research.grounding_second import Rows
from scripts.research.labelled import Judged

MOST: Final = 400
"""Answers of a set about which a detector is asked: about as many as RAGTruth has of a task."""

Labels = Callable[[int, int], None]
"""Told how many answers are judged, and of how many."""


def sample(data: Table, most: int = MOST) -> Rows:
    """At most so many answers of each set: those of its sources in the order of a digest, the same
    ones every time.
    """
    found: list[int] = []
    for group in sorted(set(data.part.tolist())):
        at = np.flatnonzero(data.part == group).tolist()
        found += sorted(at, key=lambda i: digest(data.judged[i].source))[:most]
    return np.array(found, dtype=np.int64)


def support(
    data: Table, rows: Rows, detector: Detector, summary: Labels = lambda done, of: None
) -> Floats:
    """The detector's probability of support for each of the rows; NaN where it finds nothing to
    judge.
    """
    found = np.full(len(rows), np.nan)
    for place, number in enumerate(rows.tolist()):
        one = data.judged[number]
        seen = detect(detector, one.question, sources(one.contexts), one.response)
        found[place] = np.nan if seen is None else seen.value
        summary(place + 1, len(rows))
    return found


def figures(data: Table, rows: Rows, value: Floats, chance: Floats) -> list[tuple[object, ...]]:
    """(set, answers, length alone, groundedness, detector) of the rows that the detector judged;
    ``chance`` is `groundedness` of all of ``data``, out of fold."""
    kept, value = rows[~np.isnan(value)], value[~np.isnan(value)]
    found: list[tuple[object, ...]] = []
    for group in sorted(set(data.part[kept].tolist())):
        at = data.part[kept] == group
        judged = [data.judged[i] for i in kept[at].tolist()]
        length = -np.array([np.log1p(len(j.response.split())) for j in judged])
        scores = (length, chance[kept][at], value[at])
        found.append(
            (group, len(judged), *(_agrees(judged, data.target[kept][at], s) for s in scores))
        )
    return found


def _agrees(judged: list[Judged], target: Floats, score: Floats) -> float:
    from scipy.stats import spearmanr
    from sklearn.metrics import roc_auc_score

    if judged[0].group == "mtrag":
        return float(spearmanr(score, [j.label for j in judged]).statistic)
    return float(roc_auc_score(target, score))
