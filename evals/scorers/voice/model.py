"""The voice scorer: a calibrated logistic regression on content-masked text, brand against
everything else.

**Content mask.** A scorer that sees content learns topics, not style. A word is kept only if it
belongs to the voice's own repertoire: a stop word, or one that occurs in at least `MIN_CONTENTS`
different contents of the fit texts (and in at least 2 % of them). Everything else, and every typed
value, becomes a placeholder for its class (``□`` word, ``◇`` capitalised word, ``#`` value), so
that who and what was asked about cannot be seen.

**Features.** Word 1-2-grams and character 2-3-grams of the masked text (tf-idf, fit texts only),
and rates of style marks (question marks, first and second person, sentence length, capitals, ...).
Exclamation marks, contractions, emoji and a greeting in front are taken off before (`surface`):
they can be put on any text.

**Scale.** s = log-odds of an L2 logistic regression (C = 1, classes balanced), mapped by Platt
scaling on out-of-content folds; V = (s - s_neutral) / (s_brand - s_neutral), both means over
*held-out* texts (science: 0 is neutral, 1 is held-out brand text). The log-odds are squashed by the
calibrated probability, so one extreme text cannot carry a mean.

**Validity.** On held-out content-parallel texts with content competing: for contents c and c', is
the brand's c' scored above another voice's c? Below `VALID` the metric is invalid on this pack and
nothing is scored; so it is where a mark of the surface (`SWAPS`) turns more than `MOST_FLIPS` of
the verdicts. `decoys` are among the other voices of every fit.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.core.schema import VoiceSample
from evals.scorers.linear import Linear
from evals.scorers.voice.decoys import decoys
from evals.scorers.voice.surface import SWAPS, plain
from evals.text.mentions import mentions
from evals.text.words import STOP_WORDS, clean, lowered, spans, word_set

VALID: Final = 0.80
"""Least share of content-competing pairs in which the brand must win."""
MOST_FLIPS: Final = 0.10
"""Largest share of held-out texts whose verdict may turn with a mark of the surface."""
MIN_CONTENTS: Final = 4
MIN_SHARE: Final = 0.02
FIT_LIMIT: Final = 600
"""Texts per voice that are fit; more change nothing but the time."""

Floats = NDArray[np.float64]
Cut = tuple[int, int, str]
"""Start and end of what is masked, and what stands in its place."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]", re.UNICODE)
_REPEATED = re.compile(r"([□◇])(?:\s+\1)+")
_FIRST = word_set("i we our ours us my me we're we've we'll we'd i'm i've i'll i'd")
_SECOND = word_set("you your yours you're you've you'll you'd")


@dataclass(frozen=True)
class Repertoire:
    """The words a masked text may show."""

    kept: frozenset[str]

    def mask(self, text: str, hidden: Iterable[str] = ()) -> str:
        """The text with every content word, value and ``hidden`` string replaced by a
        placeholder.
        """
        cleaned = plain(clean(text))
        pieces, at = [], 0
        for start, end, mark in _merged([*_values(cleaned), *_hidden(hidden, cleaned)]):
            pieces += [self._words(cleaned[at:start]), mark]
            at = end
        pieces.append(self._words(cleaned[at:]))
        return _REPEATED.sub(r"\1", " ".join(p for p in pieces if p))

    def _words(self, text: str) -> str:
        return " ".join(map(self._shown, _TOKEN.findall(text)))

    @cached_property
    def _shown(self) -> Callable[[str], str]:
        return lru_cache(maxsize=8192)(self._one)

    def _one(self, token: str) -> str:
        if not token[0].isalpha():
            return "#" if token.isdigit() else token
        if token.lower().replace("’", "'") in self.kept:
            return token
        return "◇" if token[0].isupper() else "□"


def _values(cleaned: str) -> Iterator[Cut]:
    return ((m.start, m.end, "#") for m in mentions(cleaned) if m.value.text != "article")


def _hidden(phrases: Iterable[str], cleaned: str) -> Iterator[Cut]:
    """Every occurrence of the phrases, in any case."""
    low = lowered(cleaned)
    for phrase in phrases:
        if not phrase.strip():
            continue
        if not phrase.isascii():
            found = re.finditer(re.escape(phrase), cleaned, re.IGNORECASE)
            yield from ((*match.span(), "□") for match in found)
            continue
        at = low.find(small := phrase.lower())
        while at >= 0:
            yield at, at + len(phrase), "□"
            at = low.find(small, at + len(phrase))


def _merged(cuts: list[Cut]) -> list[Cut]:
    """In their order; those that overlap are one, with the mark of what begins first, or is longest
    there.
    """
    if len(cuts) < 2:
        return cuts
    cuts.sort(key=lambda cut: (cut[0], -cut[1], cut[2]))
    merged = cuts[:1]
    for cut in cuts[1:]:
        start, end, mark = merged[-1]
        if cut[0] >= end:
            merged.append(cut)
        elif cut[1] > end:
            merged[-1] = (start, cut[1], mark)
    return merged


def repertoire(samples: Sequence[VoiceSample]) -> Repertoire:
    """Stop words, and the words that occur in enough different contents to be nobody's topic."""
    contents: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        for token in _TOKEN.findall(plain(clean(sample.text)).lower().replace("’", "'")):
            contents[token].add(sample.content)
    total = len({s.content for s in samples})
    least = max(MIN_CONTENTS, MIN_SHARE * total)
    return Repertoire(
        STOP_WORDS | {t for t, c in contents.items() if t[0].isalpha() and len(c) >= least}
    )


def style_marks(text: str) -> list[float]:
    """Rates of marks of style, each roughly in [0, 1]; no content word is read, and nothing that
    `surface` takes off.
    """
    cleaned = plain(clean(text))
    kinds = [_kind(token) for token in _TOKEN.findall(cleaned)]
    letters, length, first, second, capitals = (
        map(sum, zip(*kinds, strict=True)) if kinds else (0,) * 5
    )
    n_words, n_parts = max(1, letters), max(1, len(spans(cleaned)))
    return [
        min(1.0, cleaned.count("?") / n_parts),
        min(1.0, 10 * cleaned.count(",") / n_words / 2),
        min(1.0, cleaned.count(":") / n_parts),
        min(1.0, first / n_words * 5),
        min(1.0, second / n_words * 5),
        min(1.0, n_words / n_parts / 30),
        min(1.0, n_parts / 6),
        min(1.0, math.log1p(n_words) / 6),
        min(1.0, length / n_words / 10),
        min(1.0, capitals / n_words * 5),
        float(cleaned[:1].islower()),
    ]


@lru_cache(maxsize=8192)
def _kind(token: str) -> tuple[int, int, int, int, int]:
    """(a word, its letters, of the first person, of the second, all capitals) as counts."""
    letter = token[0].isalpha()
    word = token.lower().replace("’", "'") if letter else ""
    return (
        int(letter),
        len(token) if letter else 0,
        int(word in _FIRST),
        int(word in _SECOND),
        int(len(token) > 1 and token.isupper()),
    )


@dataclass(frozen=True)
class Learned:
    """What is learned from fit texts: the words that stay visible, the features, the weights and
    Platt's line.
    """

    brand: str
    repertoire: Repertoire
    vectorizers: tuple[Any, ...]
    classifier: Any
    platt: tuple[float, float]

    def raw(self, texts: Sequence[str], hidden: Sequence[Iterable[str]] | None = None) -> Floats:
        """Calibrated probability of the brand's voice, shape (n,)."""
        hides = hidden if hidden is not None else [()] * len(texts)
        return np.array([self.probability(t, h) for t, h in zip(texts, hides, strict=True)])

    def probability(self, text: str, hidden: Iterable[str] = ()) -> float:
        """`raw` of one text."""
        return _squash(
            self._linear.log_odds(self.repertoire.mask(text, hidden), style_marks(text)), self.platt
        )

    @cached_property
    def _linear(self) -> Linear:
        return Linear(self.vectorizers, self.classifier)


@dataclass(frozen=True)
class Scale:
    """What held-out texts say: mean scores of neutral and brand texts, validity and its pairs, the
    on-brand cut, and the largest share of texts whose verdict one of `SWAPS` turns.
    """

    neutral: float
    own: float
    validity: float
    pairs: int
    threshold: float
    flips: float


@dataclass(frozen=True, eq=False)
class VoiceModel:
    """A fitted scorer for one brand. ``validity`` is the share of content-competing pairs it gets
    right.
    """

    learned: Learned
    scale: Scale

    @property
    def brand(self) -> str:
        return self.learned.brand

    @property
    def repertoire(self) -> Repertoire:
        return self.learned.repertoire

    @property
    def validity(self) -> float:
        return self.scale.validity

    @property
    def pairs(self) -> int:
        return self.scale.pairs

    @property
    def threshold(self) -> float:
        """The V from which on a text counts as on brand."""
        return self.scale.threshold

    @property
    def valid(self) -> bool:
        """Whether it follows voice: not content, and not marks that any text can wear."""
        known = self.scale
        return known.validity >= VALID and known.own > known.neutral and known.flips <= MOST_FLIPS

    def value(self, text: str, hidden: Iterable[str] = ()) -> float:
        """V of a text before clipping: 0 is the mean neutral text, 1 the mean held-out brand
        text.
        """
        return (self.learned.probability(text, hidden) - self.scale.neutral) / (
            self.scale.own - self.scale.neutral
        )


def _squash(logit: float, platt: tuple[float, float]) -> float:
    return 1 / (1 + math.exp(-min(max(platt[0] * logit + platt[1], -30.0), 30.0)))


def _features(vectorizers: tuple[Any, ...], texts: Sequence[str], masked: Sequence[str]) -> Any:
    from scipy import sparse

    marks = sparse.csr_matrix(np.array([style_marks(t) for t in texts]))
    return sparse.hstack([*(v.transform(masked) for v in vectorizers), marks], format="csr")


def fit(
    samples: Iterable[VoiceSample], brand: str, *, neutral: str = "neutral"
) -> VoiceModel | None:
    """Fit the scorer of ``brand`` on the samples' split "fit" and check it on the others.
    Deterministic.

    One thread: the problem is small, and threads only fight for the cores. Returns None where the
    texts do not allow it: fewer than 8 texts of the brand or of other voices in the fit split, or
    no held-out text of the brand or of the neutral voice.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        return _fit(list(samples), brand, neutral)


def _fit(every: list[VoiceSample], brand: str, neutral: str) -> VoiceModel | None:
    held = [s for s in every if s.split == "held_out"]
    if not _of(held, brand) or not _of(held, neutral):
        return None
    learned = learn([s for s in every if s.split == "fit"], brand)
    if learned is None:
        return None
    scores = learned.raw([s.text for s in held], [s.masked for s in held])
    validity, pairs = competing(held, scores, brand)
    return VoiceModel(learned, scale(learned, held, scores, neutral, validity, pairs))


def learn(samples: Sequence[VoiceSample], brand: str) -> Learned | None:
    """Learn the voice of ``brand`` from all of the samples, at most `FIT_LIMIT` of each voice, and
    `decoys`; their split is not read.

    Returns None for fewer than 8 texts of the brand or of the other voices. Deterministic.
    """
    own = _of(samples, brand)[:FIT_LIMIT]
    rest = [
        s
        for voice in sorted({s.voice for s in samples} - {brand})
        for s in _of(samples, voice)[:FIT_LIMIT]
    ]
    if min(len(own), len(rest)) < 8:
        return None
    chosen = own + rest + decoys()
    kept = repertoire(chosen)
    masked = [kept.mask(s.text, s.masked) for s in chosen]
    vectorizers = tuple(v.fit(masked) for v in blank_vectorizers())
    matrix = _features(vectorizers, [s.text for s in chosen], masked)
    target = np.array([s.voice == brand for s in chosen])
    classifier = blank_regression().fit(matrix, target)
    platt = _platt(matrix, target, np.array([s.content for s in chosen]))
    return Learned(brand, kept, vectorizers, classifier, platt)


def scale(
    learned: Learned,
    held: Sequence[VoiceSample],
    scores: Floats,
    neutral: str,
    validity: float,
    pairs: int,
) -> Scale:
    """The scale of held-out samples with their scores of shape (n,); both voices must be among
    them.
    """
    brand = learned.brand
    low, high = (float(scores[[s.voice == v for s in held]].mean()) for v in (neutral, brand))
    threshold = _threshold(held, scores, brand, low, high)
    cut = low + threshold * (high - low)
    flips = max(swapped(learned, held, cut).values())
    return Scale(low, high, validity, pairs, threshold, flips)


def swapped(learned: Learned, held: Sequence[VoiceSample], cut: float) -> dict[str, float]:
    """For each of `SWAPS` the share of texts that it moves across the cut (a probability)."""
    before = np.array([learned.probability(s.text, s.masked) >= cut for s in held])
    found = {}
    for name, swap in SWAPS.items():
        after = [learned.probability(swap(s.text), s.masked) >= cut for s in held]
        found[name] = float((np.array(after) != before).mean())
    return found


def _of(samples: Sequence[VoiceSample], voice: str) -> list[VoiceSample]:
    return [s for s in samples if s.voice == voice]


def blank_vectorizers() -> tuple[Any, ...]:
    """The two vectorizers of masked text, not yet fit: words, characters."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(
        tokenizer=str.split,
        token_pattern=None,
        ngram_range=(1, 2),
        lowercase=True,
        sublinear_tf=True,
        min_df=2,
        max_features=20_000,
    )
    chars = TfidfVectorizer(
        analyzer="char_wb",
        ngram_range=(2, 3),
        lowercase=False,
        sublinear_tf=True,
        min_df=3,
        max_features=20_000,
    )
    return words, chars


def blank_regression() -> Any:
    """The classifier, not yet fit."""
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(
        C=1.0, class_weight="balanced", max_iter=300, solver="liblinear", random_state=0
    )


def _platt(matrix: Any, target: NDArray[np.bool_], groups: NDArray[Any]) -> tuple[float, float]:
    """Slope and intercept of Platt scaling on out-of-fold log-odds, folds split by content."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    folds = min(3, len(set(groups.tolist())))
    if folds < 2:
        return 1.0, 0.0
    logits = np.zeros(len(target))
    for train, test in GroupKFold(folds).split(matrix, target, groups):
        if len(set(target[train].tolist())) < 2:
            return 1.0, 0.0
        logits[test] = (
            blank_regression().fit(matrix[train], target[train]).decision_function(matrix[test])
        )
    scaling = LogisticRegression(C=1.0, class_weight="balanced").fit(logits[:, None], target)
    return float(max(scaling.coef_[0, 0], 1e-3)), float(scaling.intercept_[0])


def competing(held: Sequence[VoiceSample], scores: Floats, brand: str) -> tuple[float, int]:
    """(share right, pairs): brand text of content c' against another voice's text of content c, all
    c != c'.

    Ties count half. (0, 0) where there is no such pair.
    """
    own = [(s.content, x) for s, x in zip(held, scores, strict=True) if s.voice == brand]
    others = [(s.content, x) for s, x in zip(held, scores, strict=True) if s.voice != brand]
    won, pairs = 0.0, 0
    for content, score in own:
        rivals = np.array([x for c, x in others if c != content])
        won += float((score > rivals).sum() + 0.5 * (score == rivals).sum())
        pairs += len(rivals)
    return (won / pairs if pairs else 0.0), pairs


def _threshold(
    held: Sequence[VoiceSample], scores: Floats, brand: str, low: float, high: float
) -> float:
    """The V above which a text counts as on brand: best balanced accuracy on held-out texts
    (midpoint of the gap).
    """
    own = np.sort(scores[[s.voice == brand for s in held]])
    rest = np.sort(scores[[s.voice != brand for s in held]])
    edges = np.unique(np.concatenate([own, rest]))
    cuts = np.concatenate([[0.0], (edges[1:] + edges[:-1]) / 2])
    balanced = [(own >= c).mean() + (rest < c).mean() for c in cuts]
    best = np.flatnonzero(np.isclose(balanced, max(balanced)))
    cut = float(cuts[best[len(best) // 2]])
    return (cut - low) / (high - low) if high > low else 1.0
