"""`k_precision`: share of the answer's content words found in the retrieved context (Adlakha 2024, K-Precision).

Multiset over Snowball stems without stop words, words of the question removed from the answer first. Copying the
context maximises it: always read it beside a recall. Unscored: ``not_applicable`` for a closed-book system and for an
answer that only repeats the question, ``no_context`` where retrieval came back empty.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.text import MAX_CHARS, content_stems
from evals.schema import Item, Response, Score, scored, unscored


def share(question: str, answer: str, contexts: list[str]) -> float | None:
    """The share, or None where the answer has no content word beyond the question's."""
    asked = set(content_stems(question))
    said = [w for w in content_stems(answer) if w not in asked]
    if not said:
        return None
    known = {w for c in contexts for w in content_stems(c)}
    return sum(w in known for w in said) / len(said)


def score(item: Item, response: Response) -> Score:
    """The share over all retrieved passages together."""
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    value = share(item.question, response.text[:MAX_CHARS], [p.text for p in response.passages])
    return unscored("not_applicable") if value is None else scored(value)


def build(pack: Pack) -> Metric:
    """The metric; the pack is not read."""
    return metric("k_precision", score, "content words of the answer found in the context")
