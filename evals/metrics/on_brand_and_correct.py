"""`on_brand_and_correct`: the answer is right and speaks in the brand's voice.

1 where the outcome is ``correct`` (a proper abstention where nothing can be known) and V is above
the threshold that tells held-out brand text from the other voices best. Voice without truth and
truth without voice are both 0; the voice of an answer that is not right is not read, and a bare
value or refusal has none. Unscored as `voice` where nobody could score, and ``no_gold``.
"""

from __future__ import annotations

from evals.core.metric import Answer, Metric, MetricContext
from evals.core.schema import Score, scored, unscored
from evals.metrics.outcome import outcome
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
        if not result.correct:
            return scored(0.0, correct=False)
        voice_score = voice(answer).value
        return scored(
            voice_score is not None and voice_score >= model.threshold,
            correct=True,
            voice=voice_score,
        )

    about = "right and in the brand's voice"
    return Metric(
        "on_brand_and_correct", "higher", score, about, needs=frozenset({"gold", "voice"})
    )
