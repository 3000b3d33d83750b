"""`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1 held-out brand text.

Per item V of `voice.model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is the published ratio up to
that clip). ``voice_sd`` has the same values and is summarised as their spread within clusters (one question under
several stresses). A voice fit from own texts (`adaptbench voice fit`) is lent by `lending`; it scores records of its
brand and those that name none. Unscored: ``not_applicable`` without usable voice texts or for a structured answer,
``invalid_metric`` where the scorer fails its validity check on this pack, ``unparseable`` for an answer without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from evals.core.interfaces import Metric, Pack
from evals.core.schema import Item, Response, Score, scored, unscored
from evals.metrics.base import Scorer, metric
from evals.scorers.voice import model as voice_model
from evals.scorers.voice.model import VoiceModel
from evals.text.words import MAX_CHARS, clean, words

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


def voice(pack: Pack) -> Metric:
    """`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1 held-out brand text.

    Per item V of `voice.model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is the published ratio
    up to that clip). ``voice_sd`` has the same values and is summarised as their spread within clusters (one question
    under several stresses). A voice fit from own texts (`adaptbench voice fit`) is lent by `lending`; it scores
    records of its brand and those that name none. Unscored: ``not_applicable`` without usable voice texts or for a
    structured answer, ``invalid_metric`` where the scorer fails its validity check on this pack, ``unparseable`` for
    an answer without a word.

    Reads the pack's voice texts when first scored (under 2 s for the default pack).
    """
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


SHARED = 0.20
RUN_N = 4
TRAIN_N = 6
LEAST = 10
_KEEP = 200_000


def grams(tokens: list[str], n: int) -> list[tuple[str, ...]]:
    """The n-grams of lower-cased tokens, in order."""
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def tokens_of(text: str) -> list[str]:
    """White-space tokens of the cleaned text, case and outer punctuation folded."""
    return [t.strip(".,!?;:\"'()").lower() for t in clean(text).split()]


def strip(text: str, boilerplate: dict[int, set[tuple[str, ...]]]) -> str:
    """The text without the words that stand inside a boilerplate n-gram."""
    pieces = clean(text).split()
    folded = tokens_of(text)
    drop = bytearray(len(pieces))
    for n, known in boilerplate.items():
        for at, gram in enumerate(grams(folded, n)):
            if gram in known:
                drop[at : at + n] = b"\1" * n
    return " ".join(piece for piece, gone in zip(pieces, drop, strict=True) if not gone)


def shared(pairs: Iterable[tuple[Item, Response]]) -> set[tuple[str, ...]]:
    """4-grams in more than `SHARED` of the run's free-text answers; each answer counts once."""
    count: Counter[tuple[str, ...]] = Counter()
    total = 0
    for item, response in pairs:
        if response.error is not None or structured(item):
            continue
        total += 1
        count.update(set(grams(tokens_of(response.text[:MAX_CHARS]), RUN_N)))
        if len(count) > 2 * _KEEP:
            count = Counter(dict(count.most_common(_KEEP)))
    least = max(SHARED * total, LEAST)
    return {gram for gram, times in count.items() if times > least}


def trained(pack: Pack) -> set[tuple[str, ...]]:
    """6-grams of the assistant turns of the training examples that stand in at least two of them."""
    count: Counter[tuple[str, ...]] = Counter()
    for example in pack.examples():
        for message in example.messages:
            if message.role == "assistant":
                count.update(set(grams(tokens_of(message.content), TRAIN_N)))
    return {gram for gram, times in count.items() if times > 1}


def voice_stripped(pack: Pack) -> Metric:
    """`voice_stripped`: `voice` after boilerplate is taken out, so that a copied flourish cannot buy tone.

    Removed are word n-grams (n = 4) that more than 20 % of the run's answers share, and n-grams (n = 6) copied from
    the assistant turns of the training examples. What is left is scored as `voice`; an answer of nothing but
    boilerplate is neutral, 0. Shares are taken over the run (`Metric.over_run`), answers of fewer than `LEAST` never
    make boilerplate. Memory: n-grams of the run in a bounded counter. Unscored as `voice`.

    Without the run only training text is stripped.
    """
    copied = trained(pack)

    def over_run(pairs: Iterable[tuple[Item, Response]]) -> Scorer:
        common = shared(pairs)
        return scorer(pack, lambda text: strip(text, {RUN_N: common, TRAIN_N: copied}))

    alone = scorer(pack, lambda text: strip(text, {TRAIN_N: copied}))
    return metric("voice_stripped", alone, "voice without boilerplate", bounds=BOUNDS, over_run=over_run)
