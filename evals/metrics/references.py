"""Free-form answers beside reference answers: `answer_match`, `content_f1`."""

from __future__ import annotations

from collections import Counter

from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.scorers.answer_match.model import judged
from evals.text.words import MAX_CHARS, content_stems


def score_answer_match(answer: Answer) -> Score:
    """1 where the probability is at least one half; with several slots, the least of theirs. The
    detail says what was compared: the verdict's reason, the value said, the gold expected, the
    clause."""
    item = answer.item
    if not item.answerable or any(slot.kind in ("label", "json") for slot in item.gold):
        return unscored("not_applicable")
    wanted = (
        [item.references]
        if item.references
        else [(slot.value, *slot.aliases) for slot in item.gold]
    )
    if not wanted:
        return unscored("no_gold")
    text = answer.response.text[:MAX_CHARS]
    found = [judged(item.question, text, references) for references in wanted]
    least = min((one for one in found if one is not None), key=lambda one: one.chance, default=None)
    if least is None or None in found:
        return unscored("no_gold")
    verdict = least.verdict
    compared = {
        "reason": verdict.reason,
        "said": verdict.said,
        "expected": verdict.expected,
        "clause": verdict.clause,
    }
    return scored(least.chance >= 0.5, probability=round(least.chance, 4), **compared)


def answer_match(context: MetricContext) -> Metric:
    """`answer_match`: does a free-form answer state one of the reference answers?
    (`evals.scorers.answer_match`)

    References are the item's ``references``, else the values and aliases of its slots. 1 or 0.
    Unscored: ``no_gold`` without either, ``not_applicable`` on unanswerable items and structured
    ones.
    """
    about = "free-form answer states a reference"
    return Metric("answer_match", "higher", score_answer_match, about, needs=frozenset({"gold"}))


def f1(answer: str, gold: str) -> float:
    """Multiset F1 of the content stems of two texts; 0 where either has none."""
    a, g = Counter(content_stems(answer)), Counter(content_stems(gold))
    total = a.total() + g.total()
    return 2 * (a & g).total() / total if total else 0.0


def score_content_f1(answer: Answer) -> Score:
    """The best F1 over the references; words left out of the answer's detail."""
    item = answer.item
    if not item.answerable:
        return unscored("not_applicable")
    golds = item.references or ((" ".join(s.value for s in item.gold),) if item.gold else ())
    if not any(content_stems(g) for g in golds):
        return unscored("no_gold")
    text = answer.response.text[:MAX_CHARS]
    return scored(max(f1(text, g) for g in golds), words=len(text.split()))


def content_f1(context: MetricContext) -> Metric:
    """`content_f1`: F1 of stemmed content words (Adlakha 2024; SQuAD F1 without stop words).

    F1 = 2·|A ∩ G| / (|A| + |G|) over multisets of Snowball stems without stop words, the best over
    the references (else the slots' values joined). Longer answers lose precision mechanically:
    report it with its length-partialled correlation. Unscored: ``no_gold``, ``not_applicable`` on
    unanswerable items. An answer of stop words only scores
    0.
    """
    about = "F1 of stemmed content words; grows with brevity"
    return Metric("content_f1", "higher", score_content_f1, about, needs=frozenset({"gold"}))
