"""`content_f1`: F1 of stemmed content words (Adlakha 2024; SQuAD F1 without stop words).

F1 = 2·|A ∩ G| / (|A| + |G|) over multisets of Snowball stems without stop words, the best over the references (else
the slots' values joined). Longer answers lose precision mechanically: report it with its length-partialled correlation.
Unscored: ``no_gold``, ``not_applicable`` on unanswerable items. An answer of stop words only scores 0.
"""

from __future__ import annotations

from collections import Counter

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.text import MAX_CHARS, content_stems
from evals.schema import Item, Response, Score, scored, unscored


def f1(answer: str, gold: str) -> float:
    """Multiset F1 of the content stems of two texts; 0 where either has none."""
    a, g = Counter(content_stems(answer)), Counter(content_stems(gold))
    total = a.total() + g.total()
    return 2 * (a & g).total() / total if total else 0.0


def score(item: Item, response: Response) -> Score:
    """The best F1 over the references; words left out of the answer's detail."""
    if not item.answerable:
        return unscored("not_applicable")
    golds = item.references or ((" ".join(s.value for s in item.gold),) if item.gold else ())
    if not any(content_stems(g) for g in golds):
        return unscored("no_gold")
    text = response.text[:MAX_CHARS]
    return scored(max(f1(text, g) for g in golds), words=len(text.split()))


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("content_f1", score, "F1 of stemmed content words; grows with brevity")
