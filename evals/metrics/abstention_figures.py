"""What the reader of refusals is fit on, and how well `abstention` reads answers that it was not fit on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from evals.identity import digest
from evals.metrics import abstention_model, labelled
from evals.metrics.abstention import by_patterns, heard, marked
from evals.metrics.abstention_model import AbstentionModel, bundled
from evals.metrics.text import clean
from evals.paths import cache_dir
from evals.registry import open_pack

WRITTEN: Final = Path(__file__).resolve().parents[2] / "tests" / "evals" / "metrics" / "data"
"""The folder of the sets that were written and labelled by hand for this metric."""

ANSWERS: Final = {"evouna": 3000, "pack": 400, "run_on": 300, "bitext": 400, "ragtruth": 300, "begin": 500}
"""Answers that answer, by where they come from, and how many of each are fit on at most."""


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


def mtrag_un() -> list[Told]:
    """MTRAG-UN's answers by people; every second one is fit on."""
    rows = labelled.mtrag_un_answerability(labelled.need_data_dir())
    return [Told("mtrag_un", text, declined) for declined, text in rows]


def answers() -> list[Told]:
    """Answers that answer, drawn by a digest; ``run_on``: small models often go on with a question of their own."""
    data = labelled.need_data_dir()
    items = [i for i in open_pack("default", cache_dir()).items() if i.answerable and i.references]
    asked = [i.question for i in items[1:]] + [items[0].question]
    found: dict[str, list[str]] = {
        "evouna": [j.response for j in labelled.evouna(data) if j.label == 1.0 and j.response],
        "pack": [r for i in items for r in i.references[:2]],
        "run_on": [f"{i.references[0]}\n\nQuestion: {q}" for i, q in zip(items, asked, strict=True)],
        "bitext": _without_refusal([text for *_, text in labelled.bitext(data)]),
        "ragtruth": _without_refusal([j.response for t in labelled.RAGTRUTH_TASKS for j in labelled.ragtruth(data, t)]),
        "begin": _without_refusal([j.response for j in labelled.begin(data)]),
    }
    drawn = {name: sorted(filter(_heard, set(found[name])), key=digest)[:most] for name, most in ANSWERS.items()}
    return [Told(name, text, False) for name, texts in drawn.items() for text in texts]


def training() -> list[Told]:
    """Everything that the model is fit on."""
    return [*(told for _, told in hand()), *written(), *islice(mtrag_un(), 0, None, 2), *answers()]


def fit_on(every: Sequence[Told]) -> AbstentionModel:
    """A model fit on those of the answers that it would be asked about."""
    rows = [row for row in every if _heard(row.text)]
    texts = [clean(row.text) for row in rows]
    marks = [marked(text, by_patterns(text)) for text in texts]
    return abstention_model.fit(texts, marks, [r.declined for r in rows], dict(Counter(r.source for r in rows)))


def declined(model: AbstentionModel, text: str) -> bool:
    """What `abstention` says with that model: declined by its patterns, or abstained by the model."""
    cleaned = clean(text)
    found = by_patterns(cleaned)
    return found.declined or (heard(cleaned, found) and model.chance(cleaned, marked(cleaned, found)) >= 0.5)


def hand_held_out(folds: int = 5) -> list[bool]:
    """Whether each answer of the hand-labelled set declines, by models that were fit without its fold."""
    own, rest = [told for _, told in hand()], [row for row in training() if row.source != "hand"]
    fold = np.random.default_rng(0).permutation(len(own)) % folds
    said = [False] * len(own)
    for k in range(folds):
        model = fit_on([*(row for row, f in zip(own, fold, strict=True) if f != k), *rest])
        for n in np.flatnonzero(fold == k).tolist():
            said[n] = declined(model, own[n].text)
    return said


Row = tuple[object, ...]


def figures() -> list[Row]:
    """(answers, n, precision, recall, F1) of declining: sets that are fit on, then those that are not."""
    own, model = hand(), bundled()
    rows = [_row("hand-labelled, all", [t for _, t in own], model)]
    rows += [_row("hand-labelled, adversarial", [t for kind, t in own if kind != "plain"], model)]
    for kind in sorted({kind for kind, _ in own}):
        rows.append(_row(f"hand-labelled, {kind}", [t for k, t in own if k == kind], model))
    rows.append(_scored("hand-labelled, five folds", [t for _, t in own], hand_held_out()))
    others, every = written(), training()
    for writer in dict.fromkeys(t.source for t in others):
        left = fit_on([t for t in every if t.source != writer])
        rows.append(_row(f"written ({writer}), fit on the others", [t for t in others if t.source == writer], left))
    rows.append(_row("written (mixed), errors never read", written("abstention_unread.tsv"), model))
    people = mtrag_un()
    rows.append(_row("mtrag-un, human answers, even rows", people[::2], model))
    rows.append(_row("mtrag-un, human answers, odd rows, never read", people[1::2], model))
    mtrag = labelled.mtrag_answerability(labelled.need_data_dir())
    return [*rows, _row("mtrag, human answers", [Told("mtrag", text, gold) for gold, text in mtrag], model)]


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


def _without_refusal(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if by_patterns(clean(text)).state == "answered"]


def _lines(name: str) -> list[str]:
    return (WRITTEN / name).read_text(encoding="utf-8").splitlines()
