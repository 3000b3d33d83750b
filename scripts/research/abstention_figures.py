"""How well `abstention` reads answers: refusals of several writers, and right answers that are
none.

Every set is split by the digest of its answers. The errors of half A were read while the patterns
were written, those of half B never were: half B is what the page reports. Nothing is fit.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from evals.scorers.abstention.reader import read
from scripts.research import labelled

WRITTEN: Final = Path(__file__).resolve().with_name("data")
"""The folder of the sets that were written and labelled by hand for this metric."""
MOST: Final = 3000
"""How many plain answers of a source are read at most."""
_UNTOLD: Final = re.compile(
    r"^unknown|no comment|not known|don.t know|it is unknown|unclear", re.IGNORECASE
)
"""TruthfulQA's true answers that inform of nothing."""
_ASKING: Final = re.compile(
    r"please (?:provide|share)|could you|may i|would need|kindly|can you", re.IGNORECASE
)
"""Bitext's answers that ask back before they help."""

Row = tuple[object, ...]


class Labels(NamedTuple):
    """An answer to a question (empty: unknown), and whether it does not give what was asked."""

    question: str
    text: str
    declined: bool


def half(text: str) -> str:
    """The half of its set that an answer belongs to: A was read, B never."""
    return "AB"[int(hashlib.sha256(text.encode()).hexdigest()[-1], 16) % 2]


def hand() -> list[tuple[str, Labels]]:
    """The hand-labelled set, each answer with its kind."""
    rows = [line.split("\t") for line in _lines("abstention.tsv")]
    return [(kind, Labels("", text, label == "declined")) for label, kind, text in rows]


def written(name: str = "abstention_written.tsv") -> dict[str, list[Labels]]:
    """Answers by their writer; ``abstention_exam.tsv`` has ``plain`` and ``adversarial`` ones."""
    found: dict[str, list[Labels]] = {}
    for label, writer, question, text in (line.split("\t") for line in _lines(name)):
        found.setdefault(writer, []).append(Labels(question, text, label == "abstained"))
    return found


def refusals(data: Path) -> dict[str, list[Labels]]:
    """Sets of answers of both kinds, by name."""
    return {
        "hand-labelled": [message for _, message in hand()],
        "examination, plain": written("abstention_exam.tsv")["plain"],
        "written (mixed)": [*written("abstention_unread.tsv")["mixed"], *written()["mixed"]],
        **{f"written ({w})": rows for w, rows in written().items() if w != "mixed"},
        "examination, adversarial": written("abstention_exam.tsv")["adversarial"],
        "mtrag-un, human answers": [Labels(*r) for r in labelled.mtrag_un_answerability(data)],
        "mtrag, human answers": [Labels(*r) for r in labelled.mtrag_answerability(data)],
    }


def answers(data: Path) -> dict[str, list[Labels]]:
    """Right answers and summaries, by where they come from."""
    pools: dict[str, Iterable[tuple[str, str]]] = {
        "evouna, right": _right(labelled.evouna(data)),
        "openqa-eval, right": _right(labelled.openqa(data)),
        "halueval, right": _right(labelled.halueval(data)),
        "begin, attributed": _right(labelled.begin(data, turns=True)),
        "truthfulqa, true and informative": _truthful(data),
        "pubmedqa, conclusions": _pubmed(data),
        "policyqa, spans": _policies(data),
        "tatqa, answers": _tables(data),
        "squad, spans": (("", text) for text in labelled.squad(data)),
        "clapnq, long answers": (("", text) for text in labelled.clapnq(data)),
        "wice, claims": _claims(data / "wice" / "oracle_chunks_claim_dev.jsonl"),
        "scifact, claims": _claims(data / "scifact" / "claims_train.jsonl"),
        "ragtruth, news summaries": _all(labelled.ragtruth(data, "summary")),
        "ragtruth, records in words": _all(labelled.ragtruth(data, "data2txt")),
        "medquad, answers": (("", text) for text in labelled.medquad(data)),
        "bitext, support answers": (
            ("", text) for *_, text in labelled.bitext(data) if not _ASKING.search(text)
        ),
    }
    return {
        name: [Labels(q, text, False) for q, text in sorted(set(rows)) if text]
        for name, rows in pools.items()
    }


def declined(row: Labels) -> bool:
    """Whether `abstention` calls an answer declined."""
    return read(row.text, row.question).declined


def figures() -> list[Row]:
    """(answers, n, precision, recall, F1) of half B; for right answers the share called
    refusals.
    """
    data = labelled.need_data_dir()
    rows = [
        _scored(name, _half(message, "B"), declined) for name, message in refusals(data).items()
    ]
    return [
        *rows,
        *(_spared(name, _half(message, "B")[:MOST]) for name, message in answers(data).items()),
    ]


def _half(rows: Iterable[Labels], which: str) -> list[Labels]:
    return [row for row in rows if half(row.text) == which]


def _scored(name: str, rows: Sequence[Labels], said: Callable[[Labels], bool]) -> Row:
    named = [said(row) for row in rows]
    hits = sum(row.declined and n for row, n in zip(rows, named, strict=True))
    gold = sum(row.declined for row in rows)
    both = gold + sum(named)
    return (
        name,
        len(rows),
        hits / max(1, sum(named)),
        hits / max(1, gold),
        2 * hits / max(1, both),
    )


def _spared(name: str, rows: Sequence[Labels]) -> Row:
    wrong = sum(map(declined, rows))
    return (name, len(rows), f"{wrong} false ({wrong / max(1, len(rows)):.1%})", "n/a", "n/a")


def _right(rows: Iterable[labelled.Judged]) -> list[tuple[str, str]]:
    return [(row.question, row.response) for row in rows if row.label == 1.0]


def _all(rows: Iterable[labelled.Judged]) -> list[tuple[str, str]]:
    return [(row.question, row.response) for row in rows]


def _truthful(data: Path) -> list[tuple[str, str]]:
    with (data / "truthfulqa" / "TruthfulQA.csv").open(encoding="utf-8", newline="") as stream:
        rows = [
            (r["Question"], a.strip())
            for r in csv.DictReader(stream)
            for a in r["Correct Answers"].split(";")
        ]
    return [(question, text) for question, text in rows if not _UNTOLD.search(text)]


def _pubmed(data: Path) -> list[tuple[str, str]]:
    rows = _json(data / "pubmedqa" / "ori_pqal.json").values()
    return [(row["QUESTION"], row["LONG_ANSWER"]) for row in rows]


def _policies(data: Path) -> list[tuple[str, str]]:
    table = _json(data / "policyqa" / "dev.json")["data"]
    asked = [q for company in table for part in company["paragraphs"] for q in part["qas"]]
    return [(q["question"], q["answers"][0]["text"]) for q in asked if q["answers"]]


def _tables(data: Path) -> list[tuple[str, str]]:
    asked = [
        q
        for context in _json(data / "tatqa" / "tatqa_dataset_dev.json")
        for q in context["questions"]
    ]
    return [(q["question"], _joined(q["answer"])) for q in asked]


def _joined(answer: object) -> str:
    return " and ".join(map(str, answer)) if isinstance(answer, list) else str(answer)


def _claims(path: Path) -> list[tuple[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [("", json.loads(line)["claim"]) for line in lines if line.strip()]


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(name: str) -> list[str]:
    return (WRITTEN / name).read_text(encoding="utf-8").splitlines()
