"""`on_brand_and_correct`: the answer is right and speaks in the brand's voice.

1 where the outcome is ``correct`` (a proper abstention where nothing can be known) and V is above the threshold that
tells held-out brand text from the other voices best. Voice without truth and truth without voice are both 0. Unscored
as `voice`, and ``no_gold``.
"""

from __future__ import annotations

from evals.interfaces import Metric, Pack
from evals.metrics.base import metric
from evals.metrics.outcome import outcome
from evals.metrics.voice import scorer, voices
from evals.schema import Item, Response, Score, scored, unscored


def build(pack: Pack) -> Metric:
    """Shares the fitted voice models of the pack."""
    voice, models = scorer(pack), voices(pack)

    def score(item: Item, response: Response) -> Score:
        result = outcome(item, response)
        if result is None:
            return unscored("no_gold")
        if not response.text.strip():
            return scored(0.0, correct=result.correct)
        heard = voice(item, response)
        model = models(item)
        if heard.value is None or model is None:
            return heard
        on_brand = heard.value >= model.threshold
        return scored(result.correct and on_brand, correct=result.correct, voice=heard.value)

    return metric("on_brand_and_correct", score, "right and in the brand's voice")
