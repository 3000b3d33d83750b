"""Answers beside the retrieved passages, without a fitted model: `k_precision`, `unsupported`,
`self_knowledge`.
"""

from __future__ import annotations

from typing import Final

from evals.core.metric import Answer, Metric, MetricContext, Need
from evals.core.schema import Response, Score, Slot, scored, unscored
from evals.metrics.outcome import outcome
from evals.text.claims import claims, supported
from evals.text.gold import TYPED, gold_values
from evals.text.mentions import mentions
from evals.text.values import same
from evals.text.words import MAX_CHARS, contains_phrase, content_stems, words

CONTEXTS: Final[frozenset[Need]] = frozenset({"contexts"})


def share(question: str, answer: str, contexts: list[str]) -> float | None:
    """The share, or None where the answer has no content word beyond the question's."""
    asked = set(content_stems(question))
    said = [w for w in content_stems(answer) if w not in asked]
    if not said:
        return None
    known = {w for c in contexts for w in content_stems(c)}
    return sum(w in known for w in said) / len(said)


def score_k_precision(answer: Answer) -> Score:
    """The share over all retrieved passages together."""
    item, response = answer.item, answer.response
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    value = share(item.question, response.text[:MAX_CHARS], [p.text for p in response.passages])
    return unscored("not_applicable") if value is None else scored(value)


def k_precision(context: MetricContext) -> Metric:
    """`k_precision`: share of the answer's content words found in the retrieved context (Adlakha
    2024, K-Precision).

    Multiset over Snowball stems without stop words, words of the question removed from the answer
    first. Copying the context maximises it: always read it beside a recall. Unscored:
    ``not_applicable`` for a closed-book system and for an answer that only repeats the question,
    ``no_context`` where retrieval came back empty.
    """
    about = "content words of the answer found in the context"
    empty = "the answer has no content word beyond the question's"
    return Metric(
        "k_precision", "higher", score_k_precision, about, needs=CONTEXTS, inapplicable=empty
    )


def score_unsupported(answer: Answer) -> Score:
    """The share; the unsupported claims are in the detail."""
    item, response = answer.item, answer.response
    if response.passages is None:
        return unscored("not_applicable")
    if not response.passages:
        return unscored("no_context")
    made = claims(response.text[:MAX_CHARS], item.question)
    if not made:
        return unscored("not_applicable", claims=0)
    contexts = [p.text for p in response.passages]
    bad = [c.text for c in made if not supported(c, contexts)]
    return scored(len(bad) / len(made), claims=len(made), unsupported=bad)


def unsupported(context: MetricContext) -> Metric:
    """`unsupported`: share of an answer's typed claims that its retrieved context does not carry.

    unsupported = claims not in any passage ÷ claims (`claims`: typed values and names that the
    question does not hold). Unscored: ``not_applicable`` for a closed-book system and for an answer
    without claims, ``no_context`` where retrieval came back empty.
    """
    about, empty = "share of typed claims not in the context", "the answer makes no typed claim"
    return Metric(
        "unsupported", "lower", score_unsupported, about, needs=CONTEXTS, inapplicable=empty
    )


_WORDED = TYPED | {"name", "choice", "text"}


def available(slot: Slot, response: Response) -> bool:
    """Whether a retrieved passage states the slot's value (typed values by value, words in a
    row).
    """
    texts = [p.text for p in response.passages or ()]
    golds = gold_values(slot) if slot.kind in TYPED else ()
    if golds:
        return any(same(g, m.value) for g in golds for t in texts for m in mentions(t))
    return any(
        contains_phrase(words(t), words(v)) >= 0 for v in (slot.value, *slot.aliases) for t in texts
    )


def score_self_knowledge(answer: Answer) -> Score:
    """1 where the answer is right and at least one of its slots stands in no passage."""
    item, response = answer.item, answer.response
    if (
        response.passages is None
        or not item.answerable
        or any(s.kind in ("json", "label") for s in item.gold)
    ):
        return unscored("not_applicable")
    slots = [s for s in item.gold if s.kind in _WORDED]
    result = outcome(answer)
    if not slots or result is None:
        return unscored("no_gold")
    present = all(available(s, response) for s in slots)
    return scored(result.correct and not present, correct=result.correct, in_context=present)


def self_knowledge(context: MetricContext) -> Metric:
    """`self_knowledge`: right although no retrieved passage holds the answer, so it came from the
    weights.

    RAGChecker's algebra (Ru 2024, arXiv 2408.08067) on slots: self-knowledge = right ∧ not in the
    context; its complement among the right answers was at least available to read. 1 or 0 over
    answerable items with typed or worded slots. Unscored: ``not_applicable`` without retrieval, on
    unanswerable and structured items; ``no_gold``.
    """
    about = "right without the context holding the answer"
    return Metric("self_knowledge", "none", score_self_knowledge, about, needs=CONTEXTS | {"gold"})
