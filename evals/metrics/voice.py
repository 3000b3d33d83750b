"""`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1 held-out brand text.

Per item V of `voice_model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is the published ratio up to
that clip). ``voice_sd`` has the same values and is summarised as their spread within clusters (one question under
several stresses). Unscored: ``not_applicable`` where the pack has no usable voice texts or the answer is structured,
``invalid_metric`` where the scorer fails its validity check on this pack, ``unparseable`` for an answer without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from evals.interfaces import Metric, Pack
from evals.metrics import voice_model
from evals.metrics.base import Scorer, metric
from evals.metrics.text import MAX_CHARS, words
from evals.metrics.voice_model import VoiceModel
from evals.schema import Item, Response, Score, scored, unscored

BOUNDS = (-0.5, 1.5)
Voices = Callable[[str], VoiceModel | None]

_models: dict[tuple[str, str], VoiceModel | None] = {}


def voices(pack: Pack) -> Voices:
    """The pack's scorers by brand, each fit when first asked for and shared by all voice metrics of the process."""

    def model(brand: str) -> VoiceModel | None:
        key = (pack.identity, brand)
        if key not in _models:
            _models[key] = voice_model.fit(pack.voices(), brand)
        return _models[key]

    return model


def hidden(item: Item) -> tuple[str, ...]:
    """What is masked in an answer beyond the general mask: the item's gold values."""
    return tuple(s.value for s in item.gold if s.kind not in ("json", "label", "boolean"))


def structured(item: Item) -> bool:
    """Items answered with a label or a record have no voice."""
    return item.json_schema is not None or (bool(item.gold) and all(s.kind in ("json", "label") for s in item.gold))


def scorer(pack: Pack, strip: Callable[[str], str] | None = None) -> Scorer:
    """V of one answer; ``strip`` removes boilerplate first."""
    models = voices(pack)

    @lru_cache(maxsize=1024)
    def value(brand: str, text: str, hides: tuple[str, ...]) -> float:
        model = models(brand)
        if model is None:
            raise LookupError(brand)
        return float(model.value([text], [hides])[0])

    def score(item: Item, response: Response) -> Score:
        if structured(item):
            return unscored("not_applicable")
        brand = item.brand or pack.brand
        model = models(brand)
        if model is None:
            return unscored("not_applicable")
        if not model.valid:
            return unscored("invalid_metric", validity=model.validity)
        text = response.text[:MAX_CHARS]
        text = text if strip is None else strip(text)
        if not words(text):
            return unscored("unparseable") if strip is None else scored(0.0, stripped=True)
        v = value(brand, text, hidden(item))
        return scored(min(max(v, BOUNDS[0]), BOUNDS[1]), validity=round(model.validity, 4))

    return score


def build(pack: Pack) -> Metric:
    """Reads the pack's voice texts when first scored (under 2 s for the default pack)."""
    return metric("voice", scorer(pack), "0 neutral prose, 1 held-out brand text", bounds=BOUNDS)


def spread(pack: Pack) -> Metric:
    """The spread of V within clusters."""
    return metric(
        "voice_sd",
        scorer(pack),
        "spread of voice within a cluster",
        better="lower",
        estimator="sd_within",
        bounds=BOUNDS,
    )
