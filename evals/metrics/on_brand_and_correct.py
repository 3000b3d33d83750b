"""`on_brand_and_correct`: the answer is right and speaks in the brand's voice.

1 where the outcome is ``correct`` (a proper abstention where nothing can be known) and V is above the threshold that
tells held-out brand text from the other voices best. Voice without truth and truth without voice are both 0; the voice
of an answer that is not right is not read. Unscored as `voice`, and ``no_gold``.
"""

from __future__ import annotations

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, scored, unscored
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.metrics.voice import listener, scorer, voices
from evals.text.words import MAX_CHARS


def build(pack: Pack) -> Metric:
    """Shares the fitted voice models of the pack."""
    voice, models = scorer(pack), voices(pack)

    def score(item: Item, response: Response) -> Score:
        result = outcome(item, response)
        if result is None:
            return unscored("no_gold")
        if not response.text.strip():
            return scored(0.0, correct=result.correct)
        model = listener(models, item, response.text[:MAX_CHARS])
        if isinstance(model, Score):
            return model
        if not result.correct:
            return scored(0.0, correct=False)
        heard = voice(item, response).value
        return scored(heard is not None and heard >= model.threshold, correct=True, voice=heard)

    return metric("on_brand_and_correct", score, "right and in the brand's voice")
