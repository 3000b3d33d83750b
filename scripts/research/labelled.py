"""Readers of public sets in which people judged answers; used to fit and to validate metrics, never
shipped.

The folder is ``$ADAPTBENCH_DATA``, else ``../shared/data`` beside the checkout. Nothing here
downloads anything.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from evals.core.errors import DataError

RAGTRUTH_TASKS = ("qa", "summary", "data2txt")
EVOUNA_SYSTEMS = ("fid", "gpt35", "chatgpt", "gpt4", "newbing")


@dataclass(frozen=True)
class Judged:
    """One answer with what people said of it.

    ``label`` is 1 for supported (right), 0 for not, or a mean rating; ``source`` groups answers
    that share a text, so that folds can be split by it; ``spans`` are the (start, end) that people
    marked as unsupported.
    """

    group: str
    source: str
    question: str
    response: str
    label: float
    contexts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    system: str = ""


def data_dir() -> Path | None:
    """The folder of public sets, or None where it is absent."""
    own = os.environ.get("ADAPTBENCH_DATA")
    path = Path(own) if own else Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
    return path.resolve() if path.is_dir() else None


def need_data_dir() -> Path:
    """The folder of public sets. Raises DataError with a hint where it is absent."""
    path = data_dir()
    if path is None:
        raise DataError(
            "the folder of public labelled sets is absent",
            expected="ADAPTBENCH_DATA, or shared/data beside the checkout",
            hint="set ADAPTBENCH_DATA to the folder",
        )
    return path


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                yield json.loads(line)


def _table(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream, delimiter="\t")


def ragtruth(data: Path, task: str) -> Iterator[Judged]:
    """RAGTruth (Niu 2024): 1 where no span was marked. Tasks: qa, summary, data2txt (records become
    JSON).
    """
    for row in _lines(data / "ragtruth_faithjudge" / "split_public" / f"ragtruth_{task}.jsonl"):
        source = row["source"]
        question, context = "", source
        if task == "qa":
            question, context = source["question"], source["passages"]
        elif task == "data2txt":
            context = json.dumps(source, ensure_ascii=False)
        for answer in row["responses"]:
            spans = tuple((int(s["start"]), int(s["end"])) for s in answer["labels"])
            yield Judged(
                f"ragtruth_{task}",
                str(row["source_id"]),
                question,
                answer["response"],
                float(not spans),
                (context,),
                spans=spans,
                system=answer["model"],
            )


BEGIN_FILES = (
    "wow/begin_dev_wow.tsv",
    "wow/begin_test_wow.tsv",
    "topicalchat/begin_dev_tc.tsv",
    "cmu-dog/begin_dev_cmu.tsv",
)


def begin(data: Path, *, generic: bool = False, turns: bool = False) -> Iterator[Judged]:
    """BEGIN (Dziri 2022): 1 fully attributable, 0 not fully; generic replies are left out unless
    asked for (then 0).

    With ``turns`` what was said before each reply stands as its question, in the group
    ``begin_turn``.
    """
    for name in BEGIN_FILES:
        for row in _table(data / "begin" / name):
            if row["begin_label"] == "Generic" and not generic:
                continue
            yield Judged(
                "begin_turn" if turns else "begin_" + row["data_source"],
                row["knowledge"],
                row["message"] if turns else "",
                row["response"],
                float(row["begin_label"] == "Fully attributable"),
                (row["knowledge"],),
                system=row["model_name"],
            )


def halueval(data: Path) -> Iterator[Judged]:
    """HaluEval (Li 2023), knowledge-grounded questions: a right and a hallucinated answer for
    each.
    """
    for number, row in enumerate(
        _lines(data / "halueval" / "split_public" / "qa_data_rows0-499.jsonl")
    ):
        for key, label in (("right_answer", 1.0), ("hallucinated_answer", 0.0)):
            yield Judged(
                "halueval_qa", str(number), row["question"], row[key], label, (row["knowledge"],)
            )


def mtrag(data: Path) -> Iterator[Judged]:
    """MTRAG (Katsis 2025): answers with the mean human rating of faithfulness (1 to 4)."""
    path = (
        data
        / "mtrag"
        / "mtrag-human"
        / "evaluations"
        / "reference_subset_with_human_evaluations.json"
    )
    table = json.loads(path.read_text(encoding="utf-8"))
    texts = {d["document_id"]: d["text"] for d in table["documents"]}
    tasks = {t["task_id"]: t for t in table["tasks"]}
    for row in table["evaluations"]:
        task = tasks[row["task_id"]]
        ratings = [
            float(v["value"])
            for v in row["annotations"].get("faithfulness", {}).values()
            if v.get("value")
        ]
        if not ratings:
            continue
        yield Judged(
            "mtrag",
            row["task_id"],
            task["input"][-1]["text"],
            row["model_response"],
            fmean(ratings),
            tuple(texts[c["document_id"]] for c in task["contexts"] if c["document_id"] in texts),
            tuple(t["text"] for t in task.get("targets", ())),
            system=row["model_id"],
        )


def mtrag_answerability(data: Path) -> list[tuple[str, str, bool]]:
    """MTRAG: (last question, the answer that people wrote, whether the question has no answer in
    its contexts).
    """
    path = (
        data
        / "mtrag"
        / "mtrag-human"
        / "evaluations"
        / "reference_subset_with_human_evaluations.json"
    )
    tasks = json.loads(path.read_text(encoding="utf-8"))["tasks"]
    plain = [
        t for t in tasks if t["Answerability"][0] in ("ANSWERABLE", "UNANSWERABLE") and t["targets"]
    ]
    return [
        (t["input"][-1]["text"], t["targets"][0]["text"], t["Answerability"][0] == "UNANSWERABLE")
        for t in plain
    ]


def mtrag_un_answerability(data: Path) -> list[tuple[str, str, bool]]:
    """MTRAG-UN (Rosenthal 2026), as `mtrag_answerability`: many of its questions are written to
    have no answer.
    """
    rows = list(_lines(data / "mtrag" / "mtragun-human" / "generation_tasks" / "reference.jsonl"))
    plain = [
        r for r in rows if r["answerability"][0] in ("ANSWERABLE", "UNANSWERABLE") and r["targets"]
    ]
    return [
        (r["input"][-1]["text"], r["targets"][0]["text"], r["answerability"][0] == "UNANSWERABLE")
        for r in plain
    ]


def evouna(data: Path) -> Iterator[Judged]:
    """EVOUNA Natural Questions (Wang 2023): five systems' answers judged by people; improper
    questions out.
    """
    rows = json.loads((data / "evouna" / "NQ.json").read_text(encoding="utf-8"))
    for number, row in enumerate(rows):
        if row["improper"]:
            continue
        references = tuple(row["golden_answer"].split("/"))
        for system in EVOUNA_SYSTEMS:
            if row[f"judge_{system}"] is None:
                continue
            yield Judged(
                "evouna_nq",
                str(number),
                row["question"],
                row[f"answer_{system}"] or "",
                float(row[f"judge_{system}"]),
                references=references,
                system=system,
            )


def openqa(data: Path) -> Iterator[Judged]:
    """OpenQA-eval (Kamalloo 2023): 301 Natural Questions with answers judged acceptable or not;
    golds from nq_open.
    """
    golds = _openqa_golds(data)
    for row in _table(data / "openqa_eval" / "data" / "NQ301_human.tsv"):
        verdict = (row["Acceptable?"] or "").strip().lower()
        references = golds.get(_key(row["Question"]))
        if verdict not in ("yes", "no") or not references:
            continue
        yield Judged(
            "openqa_nq301",
            row["id"],
            row["Question"],
            row["Model answer"] or "",
            float(verdict == "yes"),
            references=references,
        )


def _key(question: str) -> str:
    return " ".join(question.lower().split()).rstrip("?")


def _openqa_golds(data: Path) -> dict[str, tuple[str, ...]]:
    golds: dict[str, tuple[str, ...]] = {}
    for path in sorted((data / "openqa_eval" / "data" / "model_outputs").glob("*.jsonl")):
        for row in _lines(path):
            golds[_key(row["question"])] = tuple(row["answer"])
    return golds


def llmbar(data: Path) -> Iterator[tuple[str, str, str, float]]:
    """LLMBar's natural pairs (Zeng 2024): (instruction, answer A, answer B, 1 where A is the better
    one, else 0).
    """
    path = data / "llmbar" / "Dataset" / "LLMBar" / "Natural" / "dataset.json"
    for row in json.loads(path.read_text(encoding="utf-8")):
        yield row["input"], row["output_1"], row["output_2"], float(row["label"] == 1)


def stel(data: Path) -> Iterator[tuple[str, tuple[str, str], tuple[str, str], bool]]:
    """STEL (Wegmann 2021): (dimension, anchors, alternatives, whether the alternatives stand in the
    anchors' order).
    """
    for path in sorted((data / "stel" / "Data" / "STEL").rglob("quad*.tsv")):
        for row in _table(path):
            anchors, others = (
                (row["Anchor 1"], row["Anchor 2"]),
                (row["Alternative 1.1"], row["Alternative 1.2"]),
            )
            yield row["style type"], anchors, others, row["Correct Alternative"].strip() == "1"


def bitext(data: Path) -> Iterator[tuple[str, str, str]]:
    """Bitext support answers: (voice, intent, text); the voices ``short`` and ``long`` answer the
    same intents.
    """
    for voice, name in (("short", "v1_short_voice.csv"), ("long", "v2_long_voice.csv")):
        with (data / "bitext_support" / name).open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                yield voice, row["intent"], row["response"]


def medquad(data: Path) -> Iterator[str]:
    """MedQuAD (Ben Abacha 2019): answers to health questions, from the pages of public
    institutes.
    """
    with gzip.open(data / "medquad" / "medquad_qa.jsonl.gz", "rt", encoding="utf-8") as stream:
        yield from (json.loads(line)["answer"] for line in stream)


def squad(data: Path) -> Iterator[str]:
    """SQuAD 2.0 (Rajpurkar 2018), one half of its dev set: the spans that people marked as
    answers.
    """
    table = json.loads((data / "squad2_dev_half" / "dev-v2.0.json").read_text(encoding="utf-8"))
    for article in table["data"]:
        for paragraph in article["paragraphs"]:
            yield from (
                question["answers"][0]["text"]
                for question in paragraph["qas"]
                if question["answers"]
            )


def clapnq(data: Path) -> Iterator[str]:
    """CLAP NQ (Rosenthal 2025), dev set: long answers that people wrote from a passage."""
    for row in _lines(data / "clapnq" / "clapnq_dev_answerable.jsonl"):
        yield from (output["answer"] for output in row["output"] if len(output["answer"]) > 2)
