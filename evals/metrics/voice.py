"""`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1 held-out brand text.

Per item V of `voice_model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is the published ratio up to
that clip). ``voice_sd`` has the same values and is summarised as their spread within clusters (one question under
several stresses). A voice fit from own texts (`adaptbench voice fit`) is lent by `lending`; it scores records of its
brand and those that name none. Unscored: ``not_applicable`` without usable voice texts or for a structured answer,
``invalid_metric`` where the scorer fails its validity check on this pack, ``unparseable`` for an answer without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from evals.interfaces import Metric, Pack
from evals.metrics import voice_model
from evals.metrics.base import Scorer, metric
from evals.metrics.text import MAX_CHARS, words
from evals.metrics.voice_model import VoiceModel
from evals.schema import Item, Response, Score, scored, unscored

BOUNDS = (-0.5, 1.5)
Voices = Callable[[Item], VoiceModel | None]

_models: dict[tuple[str, str], VoiceModel | None] = {}
_lent: ContextVar[VoiceModel | None] = ContextVar("voice", default=None)


@contextmanager
def lending(model: VoiceModel | None) -> Iterator[None]:
    """Voice metrics that are built inside the block use this scorer, whatever the pack holds; None changes nothing."""
    token = _lent.set(model)
    try:
        yield
    finally:
        _lent.reset(token)


def voices(pack: Pack) -> Voices:
    """The scorer of an item's voice; the pack's are fit when first asked for and shared by the process's metrics."""
    lent = _lent.get()

    def fitted(item: Item) -> VoiceModel | None:
        key = (pack.identity, item.brand or pack.brand)
        if key not in _models:
            _models[key] = voice_model.fit(pack.voices(), key[1])
        return _models[key]

    def own(item: Item) -> VoiceModel | None:
        return lent if lent is not None and item.brand in (None, lent.brand) else None

    return fitted if lent is None else own


def hidden(item: Item) -> tuple[str, ...]:
    """What is masked in an answer beyond the general mask: the item's gold values."""
    return tuple(s.value for s in item.gold if s.kind not in ("json", "label", "boolean"))


def structured(item: Item) -> bool:
    """Items answered with a label or a record have no voice."""
    return item.json_schema is not None or (bool(item.gold) and all(s.kind in ("json", "label") for s in item.gold))


def listener(models: Voices, item: Item, text: str) -> VoiceModel | Score:
    """The model that scores a text as an answer to the item, or the unscored score that says why none does."""
    model = None if structured(item) else models(item)
    if model is None:
        return unscored("not_applicable")
    if not model.valid:
        return unscored("invalid_metric", validity=model.validity)
    return model if words(text) else unscored("unparseable")


def scorer(pack: Pack, strip: Callable[[str], str] | None = None) -> Scorer:
    """V of one answer; ``strip`` removes boilerplate first."""
    models = voices(pack)

    @lru_cache(maxsize=1024)
    def value(model: VoiceModel, text: str, hides: tuple[str, ...]) -> float:
        return model.value(text, hides)

    def score(item: Item, response: Response) -> Score:
        text = response.text[:MAX_CHARS]
        text = text if strip is None else strip(text)
        model = listener(models, item, text)
        if isinstance(model, Score):
            return scored(0.0, stripped=True) if strip is not None and model.unscored == "unparseable" else model
        v = value(model, text, hidden(item))
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
