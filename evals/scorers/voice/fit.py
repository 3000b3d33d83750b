"""Fits a voice from own texts and measures it on texts that it has not seen, split by content.

Five folds of whole contents: every text is scored once by a scorer that was fit without its
content. From these scores come the scale, the accuracy, the length-only baseline and the validity;
the scorer that is kept is fit on all texts.

**Validity** without content-parallel texts. Content competes in a pair of a brand's text and
another voice's text where the *other* one is closer in content to the brand's fit texts (cosine of
tf-idf weighted content stems to their mean): whoever looks at content alone gets every such pair
wrong. Parallel texts make such pairs in plenty, texts against those of a stranger make none. So
content is also transplanted: the content words of another voice's text give way in turn to those of
a held-out text of the brand, which leaves the other's sentences about the brand's matters. Score:
the share of pairs in which the brand's text is scored higher, each text of the brand weighing
alike; the lower of the two kinds is the validity. A kind with fewer than `LEAST_TEXTS` texts of the
brand says nothing; without either it is 0.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evals.core.errors import DataError
from evals.core.schema import VoiceSample
from evals.scorers.voice.model import Learned, VoiceModel, learn, scale
from evals.text.corpus import NEUTRAL, content_reader, content_weights
from evals.text.words import STOP_WORDS, clean, sentences, words

FOLDS: Final = 5
LEAST_TEXTS: Final = 10
"""Texts of the brand that must stand in content-competing pairs before a validity is believed."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


@dataclass(frozen=True)
class Competing:
    """Content-competing pairs of ``pairs`` in number.

    ``won``: for each text of the brand, the share of its pairs in which it was scored higher, shape
    (k,), NaN without a pair; ``contents`` of these texts, shape (k,).
    """

    won: Floats
    contents: NDArray[np.str_]
    pairs: int

    @property
    def tried(self) -> Bools:
        tried: Bools = ~np.isnan(self.won)
        return tried

    @property
    def validity(self) -> float | None:
        """None for fewer than `LEAST_TEXTS` texts in pairs."""
        return float(self.won[self.tried].mean()) if self.tried.sum() >= LEAST_TEXTS else None


@dataclass(frozen=True)
class HeldOut:
    """Every sample with what scorers said that were fit without its content; arrays of shape (n,).

    ``score``: probability of the brand; ``length``: the same by length alone. ``found`` and
    ``made``: content-competing pairs with texts as they are, and with transplanted content.
    ``resized``: scores of the other voices' sentences put together to texts of the brand's median
    length, shape (m,). ``stranger``: for another voice's text, its score by a scorer that has not
    met that voice; NaN where there is none.
    """

    samples: tuple[VoiceSample, ...]
    own: Bools
    score: Floats
    length: Floats
    found: Competing
    made: Competing
    resized: Floats
    stranger: Floats


def fit(samples: Sequence[VoiceSample], brand: str) -> tuple[VoiceModel, HeldOut]:
    """The scorer of ``brand`` and its scores on held-out texts. Deterministic; some seconds for
    1,000 texts.

    Raises DataError where the texts are too few, or too much alike to be split by content.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        held = cross_fit(samples, brand)
        learned = _learned(samples, brand)
    known = [kind.validity for kind in (held.found, held.made) if kind.validity is not None]
    pairs = held.found.pairs + held.made.pairs
    return VoiceModel(
        learned, scale(learned, held.samples, held.score, NEUTRAL, min(known, default=0.0), pairs)
    ), held


def cross_fit(samples: Sequence[VoiceSample], brand: str) -> HeldOut:
    """Scores of every sample by folds of whole contents. Raises DataError as `fit`."""
    own = np.array([s.voice == brand for s in samples])
    n = len(samples)
    score, length = np.zeros(n), np.zeros(n)
    found, made = np.full(n, np.nan), np.full(n, np.nan)
    counts, resized = np.zeros((2,), dtype=int), []
    median = float(
        np.median([len(words(s.text)) for s, mine in zip(samples, own, strict=True) if mine])
    )
    reader = content_reader([s.text for s in samples], [s.voice for s in samples])
    weights = content_weights([s.text for s in samples], reader)
    size = np.array([np.log1p(len(words(s.text))) for s in samples])
    for train, test in _folds(samples, own):
        learned = _learned([samples[i] for i in train], brand)
        score[test] = _scores(learned, [samples[i] for i in test])
        length[test] = _by_length(size[train], own[train], size[test])
        centre = np.asarray(weights[train[own[train]]].mean(axis=0)).ravel()
        mine, rest = test[own[test]], test[~own[test]]
        moved = transplanted([samples[i].text for i in mine], [samples[i].text for i in rest])
        near = weights[mine] @ centre
        found[mine], some = competing(score[mine], near, score[rest], weights[rest] @ centre)
        made[mine], more = competing(
            score[mine], near, learned.raw(moved), content_weights(moved, reader) @ centre
        )
        counts += (some, more)
        resized.append(learned.raw(of_length([samples[i] for i in rest], median)))
    contents = np.array([s.content for s in samples])[own]
    return HeldOut(
        tuple(samples),
        own,
        score,
        length,
        found=Competing(found[own], contents, int(counts[0])),
        made=Competing(made[own], contents, int(counts[1])),
        resized=np.concatenate(resized),
        stranger=_strangers(samples, brand),
    )


def competing(own: Floats, near: Floats, rivals: Floats, rivals_near: Floats) -> tuple[Floats, int]:
    """(share won by each of the brand's texts, number of pairs) where content speaks for the other
    text.

    Scores and closeness in content to the brand's fit texts: of the brand's texts, shape (n,), and
    of the others', shape (m,). Ties of score count half. NaN for a text without such a pair.
    """
    share, pairs = np.full(len(own), np.nan), 0
    for i, (score, place) in enumerate(zip(own, near, strict=True)):
        against = rivals[rivals_near > place]
        if len(against):
            share[i] = float((score > against).mean() + 0.5 * (score == against).mean())
            pairs += len(against)
    return share, pairs


def transplanted(givers: Sequence[str], takers: Sequence[str]) -> list[str]:
    """The takers' texts, each with its content words replaced in turn by those of one of the
    givers', round robin.

    Words that are no stop words are content; case is the taker's. Empty where there are no givers.
    """
    found = []
    for n, taker in enumerate(takers if givers else ()):
        content = [
            w for w in _WORD.findall(clean(givers[n % len(givers)])) if w.lower() not in STOP_WORDS
        ]
        words_of = itertools.cycle(content or [""])

        def replace(match: re.Match[str], given: Iterator[str] = words_of) -> str:
            word = match[0]
            if word.lower() in STOP_WORDS:
                return word
            new = next(given)
            return new.capitalize() if word[0].isupper() else new

        found.append(_WORD.sub(replace, clean(taker)))
    return found


def of_length(samples: Sequence[VoiceSample], size: float) -> list[str]:
    """Texts of at least ``size`` words, each of consecutive sentences of one voice; its last few
    are left over.
    """
    found = []
    for voice in sorted({s.voice for s in samples}):
        pieces: list[str] = []
        for sentence in (part for s in samples if s.voice == voice for part in sentences(s.text)):
            pieces.append(sentence)
            if sum(len(words(piece)) for piece in pieces) >= size:
                found.append(" ".join(pieces))
                pieces = []
    return found


def _learned(samples: Sequence[VoiceSample], brand: str) -> Learned:
    learned = learn(samples, brand)
    if learned is None:
        raise DataError(
            "too few texts to learn a voice from",
            where=brand,
            expected="8 of the brand, 8 of other voices",
        )
    return learned


def _scores(learned: Learned, samples: Sequence[VoiceSample]) -> Floats:
    return learned.raw([s.text for s in samples], [s.masked for s in samples])


def _folds(
    samples: Sequence[VoiceSample], own: Bools
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    from sklearn.model_selection import StratifiedGroupKFold

    contents = np.array([s.content for s in samples])
    if len(set(contents[own].tolist())) < FOLDS:
        raise DataError(
            "the texts are too much alike to be split by content",
            expected=f"{FOLDS} contents or more",
        )
    folds = list(StratifiedGroupKFold(FOLDS).split(contents, [s.voice for s in samples], contents))
    return [(train, test) for train, test in folds if len(test)]


def _by_length(size: Floats, own: Bools, wanted: Floats) -> Floats:
    from sklearn.linear_model import LogisticRegression

    def rows(x: Floats) -> Floats:
        return np.stack([x, x**2], axis=1)

    model: Any = LogisticRegression(class_weight="balanced", max_iter=1000).fit(rows(size), own)
    chance: Floats = model.predict_proba(rows(wanted))[:, 1]
    return chance


def _strangers(samples: Sequence[VoiceSample], brand: str) -> Floats:
    """Scores of each other voice's texts by a scorer fit without that voice; NaN where it was the
    only other one.
    """
    found = np.full(len(samples), np.nan)
    for voice in sorted({s.voice for s in samples} - {brand}):
        learned = learn([s for s in samples if s.voice != voice], brand)
        at = np.array([s.voice == voice for s in samples])
        if learned is not None:
            found[at] = _scores(learned, [s for s in samples if s.voice == voice])
    return found
