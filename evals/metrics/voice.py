"""`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1
held-out brand text.

Per item V of `voice.model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is the
published ratio up to that clip). ``voice_sd`` has the same values and is summarised as their spread
within clusters (one question under several stresses). A voice fit from own texts (`adaptbench voice
fit`) may stand in the context; it scores records of its brand and those that name none. Unscored:
``not_applicable`` without usable voice texts, for a structured answer, and for a bare value or
refusal, ``invalid_metric`` where the scorer fails its validity check on this pack, ``unparseable``
for an answer without a word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from evals.core.interfaces import Pack
from evals.core.metric import Answer, Better, BrandVoice, Measure, Metric, MetricContext, Need
from evals.core.schema import Item, Score, scored, unscored
from evals.metrics.kind import voiceless
from evals.metrics.outcome import reading
from evals.scorers.voice import model as voice_model
from evals.scorers.voice.model import VoiceModel
from evals.scorers.voice.surface import plain
from evals.text.words import MAX_CHARS, clean, words

BOUNDS = (-0.5, 1.5)
LEAST_WORDS: Final = 4
"""Words below which an answer is a value, not speech."""
LEAST_REFUSAL: Final = 6
"""Words below which a refusal says nothing but that it is one."""
VOICE: Final[frozenset[Need]] = frozenset({"voice"})
Voices = Callable[[Item], BrandVoice | None]
_models: dict[tuple[str, str], VoiceModel | None] = {}


def voices(context: MetricContext) -> Voices:
    """The scorer of an item's voice: the context's, else the pack's, fit when first asked for, once
    in this process.
    """
    given, pack = context.voice, context.pack

    def fitted(item: Item) -> BrandVoice | None:
        key = (pack.identity, item.brand or pack.brand)
        if key not in _models:
            _models[key] = voice_model.fit(pack.voices(), key[1])
        return _models[key]

    def own(item: Item) -> BrandVoice | None:
        return given if given is not None and item.brand in (None, given.brand) else None

    return fitted if given is None else own


def hidden(item: Item) -> tuple[str, ...]:
    """What is masked in an answer beyond the general mask: the item's gold values."""
    return tuple(s.value for s in item.gold if s.kind not in ("json", "label", "boolean"))


def model_for(models: Voices, item: Item, text: str) -> BrandVoice | Score:
    """The model that scores a text as an answer to the item, or the unscored score that says why
    none does.
    """
    model = None if voiceless(item) else models(item)
    if model is None:
        return unscored("not_applicable")
    if not model.valid:
        return unscored("invalid_metric", validity=model.validity)
    return model if words(text) else unscored("unparseable")


def has_substance(answer: Answer, text: str) -> bool:
    """Whether an answer is more than a bare value or a bare refusal: those have no voice."""
    said = words(plain(clean(text)))
    if len(said) < LEAST_WORDS:
        return False
    return len(said) >= LEAST_REFUSAL or reading(answer).state not in ("abstained", "none")


def scorer(context: MetricContext, strip: Callable[[str], str] | None = None) -> Measure:
    """V of one answer; ``strip`` removes boilerplate first. Metrics with the same model and text
    share the reading.
    """
    models = voices(context)

    def score(answer: Answer) -> Score:
        text = answer.response.text[:MAX_CHARS]
        text = text if strip is None else strip(text)
        model = model_for(models, answer.item, text)
        if not isinstance(model, Score) and not has_substance(answer, answer.response.text):
            return unscored("not_applicable", why="a bare value or refusal has no voice")
        if isinstance(model, Score):
            return (
                scored(0.0, stripped=True)
                if strip is not None and model.unscored == "unparseable"
                else model
            )
        v = answer.once(_value, model, text)
        return scored(min(max(v, BOUNDS[0]), BOUNDS[1]), validity=round(model.validity, 4))

    return score


def _value(answer: Answer, model: BrandVoice, text: str) -> float:
    return model.value(text, hidden(answer.item))


def voice(context: MetricContext) -> Metric:
    """`voice`, `voice_sd`: how far an answer speaks in the brand's voice; 0 is neutral prose, 1
    held-out brand text.

    Per item V of `voice.model`, clipped to [-0.5, 1.5] (a single text may overshoot; the mean is
    the published ratio up to that clip). ``voice_sd`` has the same values and is summarised as
    their spread within clusters (one question under several stresses). A voice fit from own texts
    (`adaptbench voice fit`) may stand in the context; it scores records of its brand and those that
    name none. Unscored: ``not_applicable`` without usable voice texts, for a structured answer, and
    for a bare value or refusal (`has_substance`), ``invalid_metric`` where the scorer fails its
    validity check on this pack, ``unparseable`` for an answer without a word.

    Reads the pack's voice texts when first scored (under 2 s for the default pack).
    """
    return _voiced("voice", "higher", scorer(context), "0 neutral prose, 1 held-out brand text")


def spread(context: MetricContext) -> Metric:
    """The spread of V within clusters."""
    about = "spread of voice within a cluster"
    return _voiced("voice_sd", "lower", scorer(context), about, estimator="sd_within")


def _voiced(name: str, better: Better, measure: Measure, about: str, **more: Any) -> Metric:
    return Metric(name, better, measure, about, unit="plain", bounds=BOUNDS, needs=VOICE, **more)


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


def shared(answers: Iterable[Answer]) -> set[tuple[str, ...]]:
    """4-grams in more than `SHARED` of the run's free-text answers; each answer counts once."""
    count: Counter[tuple[str, ...]] = Counter()
    total = 0
    for answer in answers:
        response = answer.response
        if response.error is not None or voiceless(answer.item):
            continue
        total += 1
        count.update(set(grams(tokens_of(response.text[:MAX_CHARS]), RUN_N)))
        if len(count) > 2 * _KEEP:
            count = Counter(dict(count.most_common(_KEEP)))
    least = max(SHARED * total, LEAST)
    return {gram for gram, times in count.items() if times > least}


def trained(pack: Pack) -> set[tuple[str, ...]]:
    """6-grams of the assistant turns of the training examples that stand in at least two of
    them.
    """
    count: Counter[tuple[str, ...]] = Counter()
    for example in pack.examples():
        for message in example.messages:
            if message.role == "assistant":
                count.update(set(grams(tokens_of(message.content), TRAIN_N)))
    return {gram for gram, times in count.items() if times > 1}


def voice_stripped(context: MetricContext) -> Metric:
    """`voice_stripped`: `voice` after boilerplate is taken out, so that a copied flourish cannot
    buy tone.

    Removed are word n-grams (n = 4) that more than 20 % of the run's answers share, and n-grams (n
    = 6) copied from the assistant turns of the training examples. What is left is scored as
    `voice`; an answer of nothing but boilerplate is neutral, 0. Shares are taken over the run
    (`Metric.over_run`), answers of fewer than `LEAST` never make boilerplate. Memory: n-grams of
    the run in a bounded counter. Unscored as `voice`.

    Without the run only training text is stripped.
    """
    copied = trained(context.pack)

    def over_run(answers: Iterable[Answer]) -> Measure:
        common = shared(answers)
        return scorer(context, lambda text: strip(text, {RUN_N: common, TRAIN_N: copied}))

    alone = scorer(context, lambda text: strip(text, {TRAIN_N: copied}))
    return _voiced(
        "voice_stripped", "higher", alone, "voice without boilerplate", over_run=over_run
    )
