"""What the reader of refusals is fit on, and how well `abstention` reads answers that it was not fit on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from evals.core.identity import digest
from evals.core.paths import cache_dir
from evals.core.registry import open_pack
from evals.scorers.abstention.model import AbstentionModel, Floats, bundled
from evals.scorers.abstention.reader import by_patterns, heard, marked, reading
from evals.text.mentions import mentions
from evals.text.words import clean, sentences, words
from scripts.research import abstention_fit, labelled

WRITTEN: Final = Path(__file__).resolve().with_name("data")
"""The folder of the sets that were written and labelled by hand for this metric."""

ANSWERS: Final = {
    "evouna": 3000, "pack": 400, "run_on": 300, "bitext": 800, "ragtruth": 1000, "begin": 500, "medquad": 1000,
    "squad": 500, "clapnq": 400, "flourish": 300,
}  # fmt: skip
"""Answers that answer, by where they come from, and how many of each are fit on at most."""

SPARED: Final = 1500
"""How many answers of a source's other half are judged at most."""
COMMON: Final = 20_000
"""How many of the most frequent English words (wordfreq, Speer 2022) the lexicon has beside those of the answers."""


class Told(NamedTuple):
    """An answer, and whether it does not give what was asked."""

    source: str
    text: str
    declined: bool


def hand() -> list[tuple[str, Told]]:
    """The hand-labelled set, each answer with its kind."""
    rows = [line.split("\t") for line in _lines("abstention.tsv")]
    return [(kind, Told("hand", text, label == "declined")) for label, kind, text in rows]


def written(name: str = "abstention_written.tsv") -> list[Told]:
    """Answers written for the fit, or those of another file of that form."""
    rows = [line.split("\t") for line in _lines(name)]
    return [Told(writer, text, label == "abstained") for label, writer, _, text in rows]


def exam() -> dict[str, list[Told]]:
    """Answers written for an examination and never fit on: ``plain`` as people and bots speak, ``adversarial``."""
    rows = [line.split("\t") for line in _lines("abstention_exam.tsv")]
    told = [(kind, Told("exam", text, label == "abstained")) for label, kind, _, text in rows]
    return {kind: [t for k, t in told if k == kind] for kind in ("plain", "adversarial")}


def mtrag_un() -> list[Told]:
    """MTRAG-UN's answers by people; every second one is fit on."""
    rows = labelled.mtrag_un_answerability(labelled.need_data_dir())
    return [Told("mtrag_un", text, declined) for declined, text in rows]


def pools() -> dict[str, list[str]]:
    """Answers that answer, by where they come from; ``run_on``: as small models go on with a question; ``flourish``: a
    brand's short sentences alone, which give nothing but decline nothing either."""
    data = labelled.need_data_dir()
    items = [i for i in open_pack("default", cache_dir()).items() if i.answerable and i.references]
    asked = [i.question for i in items[1:]] + [items[0].question]
    return {
        "evouna": [j.response for j in labelled.evouna(data) if j.label == 1.0 and j.response],
        "pack": [r for i in items for r in i.references[:2]],
        "flourish": _flourishes([r for i in items for r in i.references]),
        "run_on": [f"{i.references[0]}\n\nQuestion: {q}" for i, q in zip(items, asked, strict=True)],
        "bitext": _without_refusal([text for *_, text in labelled.bitext(data)]),
        "ragtruth": _without_refusal([j.response for t in labelled.RAGTRUTH_TASKS for j in labelled.ragtruth(data, t)]),
        "begin": _without_refusal([j.response for j in labelled.begin(data)]),
        "medquad": _without_refusal(labelled.medquad(data)),
        "squad": list(labelled.squad(data)),
        "clapnq": _without_refusal(labelled.clapnq(data)),
        "openqa": [j.response for j in labelled.openqa(data) if j.label == 1.0],
        "halueval": [j.response for j in labelled.halueval(data) if j.label == 1.0],
    }


def _flourishes(texts: Iterable[str]) -> list[str]:
    """The short sentences without a value that several of the texts have, alone and in pairs."""
    short = Counter(part for text in texts for part in set(sentences(text)) if len(words(part)) < 9)
    often = sorted(_without_refusal(p for p, n in short.items() if n > 2 and not mentions(p)), key=digest)
    return [
        *often,
        *(f"{a} {b}" for a, b in pairwise(often)),
        *(f"{a} {b}" for a, b in zip(often, often[2:], strict=False)),
    ]


def answers() -> list[Told]:
    """Answers that answer: those of one half of each pool that the model would be asked about, at most `ANSWERS`."""
    every = pools()
    drawn = {name: list(filter(_heard, _half(every[name], 0)))[:most] for name, most in ANSWERS.items()}
    return [Told(name, text, False) for name, texts in drawn.items() for text in texts]


def spared() -> dict[str, list[Told]]:
    """At most `SPARED` answers of each pool's other half, asked about or not."""
    drawn = {name: _half(texts, 1)[:SPARED] for name, texts in pools().items()}
    return {name: [Told(name, text, False) for text in texts] for name, texts in drawn.items()}


def _half(texts: Iterable[str], odd: int) -> list[str]:
    """The texts whose digest is even or odd, in the order of their digests."""
    return [text for key, text in sorted((digest(text), text) for text in set(texts)) if int(key[-1], 16) % 2 == odd]


def training() -> list[Told]:
    """Everything that the model is fit on."""
    return [*(told for _, told in hand()), *written(), *islice(mtrag_un(), 0, None, 2), *answers()]


def lexicon(every: Iterable[Told]) -> list[str]:
    """The words to have vectors for: those of the answers, and the `COMMON` most frequent of English."""
    from wordfreq import top_n_list

    frequent = (word for text in top_n_list("en", COMMON) for word in words(text))
    return sorted({*frequent, *(word for told in every for word in words(clean(told.text)))})


def fit_on(every: Sequence[Told], vectors: Mapping[str, Floats]) -> AbstentionModel:
    """A model fit on those of the answers that it would be asked about; ``vectors`` of the words of `lexicon`."""
    rows = [row for row in every if _heard(row.text)]
    texts = [clean(row.text) for row in rows]
    marks = [marked(text, by_patterns(text)) for text in texts]
    return abstention_fit.fit(texts, marks, [r.declined for r in rows], dict(Counter(r.source for r in rows)), vectors)


def declined(model: AbstentionModel, text: str) -> bool:
    """Whether `abstention` calls an answer declined with that model."""
    return reading(clean(text), lambda: model).declined


def hand_held_out(vectors: Mapping[str, Floats], folds: int = 5) -> list[bool]:
    """Whether each answer of the hand-labelled set declines, by models that were fit without its fold."""
    own, rest = [told for _, told in hand()], [row for row in training() if row.source != "hand"]
    fold = np.random.default_rng(0).permutation(len(own)) % folds
    said = [False] * len(own)
    for k in range(folds):
        model = fit_on([*(row for row, f in zip(own, fold, strict=True) if f != k), *rest], vectors)
        for n in np.flatnonzero(fold == k).tolist():
            said[n] = declined(model, own[n].text)
    return said


Row = tuple[object, ...]


def figures(vectors: Mapping[str, Floats]) -> list[Row]:
    """(answers, n, precision, recall, F1) of declining: sets that are fit on, then those that are not. ``vectors`` of
    the words of `lexicon`."""
    own, model = hand(), bundled()
    rows = [_row("hand-labelled, all", [t for _, t in own], model)]
    rows += [_row("hand-labelled, adversarial", [t for kind, t in own if kind != "plain"], model)]
    for kind in sorted({kind for kind, _ in own}):
        rows.append(_row(f"hand-labelled, {kind}", [t for k, t in own if k == kind], model))
    rows.append(_scored("hand-labelled, five folds", [t for _, t in own], hand_held_out(vectors)))
    others, every = written(), training()
    for writer in dict.fromkeys(t.source for t in others):
        left = fit_on([t for t in every if t.source != writer], vectors)
        rows.append(_row(f"written ({writer}), fit on the others", [t for t in others if t.source == writer], left))
    rows.append(_row("written (mixed), errors never read", written("abstention_unread.tsv"), model))
    rows += [_row(f"examination, {kind}, never read", told, model) for kind, told in exam().items()]
    people = mtrag_un()
    rows.append(_row("mtrag-un, human answers, even rows", people[::2], model))
    rows.append(_row("mtrag-un, human answers, odd rows, never read", people[1::2], model))
    mtrag = labelled.mtrag_answerability(labelled.need_data_dir())
    rows.append(_row("mtrag, human answers", [Told("mtrag", text, gold) for gold, text in mtrag], model))
    return [*rows, *(_row(f"answers ({name}), not fit on", told, model) for name, told in spared().items())]


def _row(name: str, rows: Sequence[Told], model: AbstentionModel) -> Row:
    return _scored(name, rows, [declined(model, row.text) for row in rows])


def _scored(name: str, rows: Sequence[Told], said: Sequence[bool]) -> Row:
    hits = sum(row.declined and s for row, s in zip(rows, said, strict=True))
    gold, named = sum(row.declined for row in rows), sum(said)
    if not gold:
        return (name, len(rows), f"{named} false alarms", "n/a", "n/a")
    return (name, len(rows), hits / max(1, named), hits / gold, 2 * hits / (gold + named))


def _heard(text: str) -> bool:
    return heard(clean(text), by_patterns(clean(text)))


def _without_refusal(texts: Iterable[str]) -> list[str]:
    return [text for text in texts if by_patterns(clean(text)).state == "answered"]


def _lines(name: str) -> list[str]:
    return (WRITTEN / name).read_text(encoding="utf-8").splitlines()
