"""`on_brand_and_correct`: the answer is right, to the point, and speaks in the brand's voice.

1 where the answer is right and precise (see `precise_accuracy`) and its voice is above the
threshold that tells held-out brand text from the other voices best. Voice without truth and truth
without voice are both 0; the voice of an answer that is not right is not read, and a bare value or
refusal has none. A decline counts only beside its answerable twin: 1 where it is proper and on
brand and the twin is right, so that refusing everything scores 0. Unscored as `voice` where nobody
could score; ``no_gold``; ``not_applicable`` for a decline without a twin, ``not_measured`` where
the twin was not asked or not scored.
"""

from __future__ import annotations

from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import Kinds, beside, excess, outcome
from evals.metrics.voice import model_for, scorer, voices
from evals.text.words import MAX_CHARS


def build(context: MetricContext) -> Metric:
    """Shares the fitted voice models of the pack."""
    voice, models = scorer(context), voices(context)

    def score(answer: Answer) -> Score:
        result = outcome(answer)
        if result is None:
            return unscored("no_gold")
        text = answer.response.text
        if not text.strip():
            return scored(0.0, correct=result.correct)
        model = model_for(models, answer.item, text[:MAX_CHARS])
        if isinstance(model, Score):
            return model
        if not result.correct or (too_much := excess(answer)):
            return scored(0.0, correct=result.correct, **(too_much if result.correct else {}))
        voice_score = voice(answer).value
        return scored(
            voice_score is not None and voice_score >= model.threshold,
            correct=True,
            voice=voice_score,
        )

    def pair(answer: Answer, kinds: Kinds, twin: str | None) -> Score:
        if answer.item.answerable:
            return score(answer)
        if twin is None:
            return unscored("not_applicable")
        if twin not in kinds:
            return unscored("not_measured", twin=twin)
        own = score(answer)
        if own.value is None:
            return own
        known = kinds[twin] == "correct"
        return scored(own.value if known else 0.0, **{**(own.detail or {}), "twin": known})

    def alone(answer: Answer) -> Score:
        if answer.item.answerable:
            return score(answer)
        return unscored("not_measured") if answer.item.twin else unscored("not_applicable")

    about = "right, to the point and in the brand's voice"
    return Metric(
        "on_brand_and_correct", "higher", alone, about, needs=frozenset({"gold", "voice"}),
        inapplicable="a decline without an answerable twin", over_run=beside(pair),
    )  # fmt: skip
