"""`voice_stripped`: `voice` after boilerplate is taken out, so that a copied flourish cannot buy tone.

Removed are word n-grams (n = 4) that more than 20 % of the run's answers share, and n-grams (n = 6) copied from the
assistant turns of the training examples. What is left is scored as `voice`; an answer of nothing but boilerplate is
neutral, 0. Shares are taken over the run (`Metric.over_run`), answers of fewer than `LEAST` never make boilerplate.
Memory: n-grams of the run in a bounded counter. Unscored as `voice`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from evals.interfaces import Metric, Pack
from evals.metrics.base import Scorer, metric
from evals.metrics.text import MAX_CHARS, clean
from evals.metrics.voice import BOUNDS, scorer, structured
from evals.schema import Item, Response

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


def build(pack: Pack) -> Metric:
    """Without the run only training text is stripped."""
    copied = trained(pack)

    def over_run(pairs: Iterable[tuple[Item, Response]]) -> Scorer:
        common = shared(pairs)
        return scorer(pack, lambda text: strip(text, {RUN_N: common, TRAIN_N: copied}))

    alone = scorer(pack, lambda text: strip(text, {TRAIN_N: copied}))
    return metric("voice_stripped", alone, "voice without boilerplate", bounds=BOUNDS, over_run=over_run)
