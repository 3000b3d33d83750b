"""Importers of public sets: row counts, soundness, the hub's form, and known scores through our own
metrics.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.core.errors import DataError, EnvironmentProblem, UsageError
from evals.core.interfaces import Setup
from evals.core.metric import Metric, MetricContext
from evals.core.schema import Item, Request, Response
from suites.packs.public import SETS, home, import_set, public_set
from suites.packs.public.base import data_folder, hub_loader
from suites.packs.public.tatqa import slot
from suites.packs.reader import FolderPack, open_pack
from suites.packs.validate import validate


def _needs(name: str) -> Path:
    folder = home(name)
    for file in public_set(name).files:
        if not (folder / file).exists():
            pytest.skip(f"the public set {name} is not in {data_folder()} (ADAPTBENCH_DATA)")
    return folder


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], FolderPack]:
    root = tmp_path_factory.mktemp("public")

    def get(name: str) -> FolderPack:
        _needs(name)
        target = root / name
        return open_pack(target if target.exists() else import_set(name, target))

    return get


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _lines(path: Path) -> int:
    with path.open(encoding="utf-8") as stream:
        return sum(1 for line in stream if line.strip())


def _rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        return sum(1 for _ in csv.DictReader(stream))


def _squad(path: Path) -> int:
    return sum(len(p["qas"]) for a in _json(path)["data"] for p in a["paragraphs"])


def _zipped(path: Path) -> int:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return sum(1 for _ in stream)


SOURCE_ROWS: dict[str, Callable[[Path], int]] = {
    "abcd": lambda f: len(_json(f / "kb.json")) + len(_json(f / "abcd_sample.json")),
    "bitext_support": lambda f: _rows(f / "v1_short_voice.csv"),
    "clapnq": lambda f: sum(
        _lines(f / f"clapnq_dev_{kind}.jsonl") for kind in ("answerable", "unanswerable")
    ),
    "longtailqa": lambda f: _rows(f / "DisambPopQA.csv"),
    "medquad": lambda f: _zipped(f / "medquad_qa.jsonl.gz"),
    "policyqa": lambda f: _squad(f / "dev.json"),
    "pubmedqa": lambda f: len(_json(f / "ori_pqal.json")) - 500,
    "scifact": lambda f: _lines(f / "claims_dev.jsonl"),
    "squad2": lambda f: _squad(f / "dev-v2.0.json"),
    "tatqa": lambda f: sum(len(c["questions"]) for c in _json(f / "tatqa_dataset_dev.json")),
    "truthfulqa": lambda f: _rows(f / "TruthfulQA.csv"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_every_row_becomes_an_item_of_a_sound_pack(
    imported: Callable[[str], FolderPack], name: str
) -> None:
    pack = imported(name)
    assert sum(1 for _ in pack.items()) == SOURCE_ROWS[name](home(name))
    found = validate(pack.root)
    assert found.errors == 0, found.sorted()[:5]
    assert public_set(name).licence in pack.settings.pack.about


def test_questions_with_choices_on_documents_are_looked_up(
    imported: Callable[[str], FolderPack],
) -> None:
    for name in ("pubmedqa", "scifact"):
        assert all(i.lookup and i.choices and i.documents for i in imported(name).items())
    assert not any(i.lookup for i in imported("bitext_support").items())


def test_one_question_on_one_policy_is_one_cluster(imported: Callable[[str], FolderPack]) -> None:
    alike = defaultdict(list)
    for item in imported("policyqa").items():
        alike[item.question].append(item)
    assert max(map(len, alike.values())) > 5
    for items in alike.values():
        assert len({i.cluster for i in items}) == 1
        assert len({frozenset(i.references) for i in items}) == 1
        assert {frozenset((*i.documents, *i.also)) for i in items} == {
            frozenset(d for i in items for d in i.documents)
        }


def test_chats_to_route_say_more_than_a_greeting(imported: Callable[[str], FolderPack]) -> None:
    chats = [i for i in imported("abcd").items() if i.track == "abcd_routing"]
    assert len(chats) == 3
    assert min(len(i.question.split()) for i in chats) >= 10


def test_other_counts_equal_the_sources(imported: Callable[[str], FolderPack]) -> None:
    assert (
        sum(1 for _ in imported("scifact").documents())
        == _zipped(home("scifact") / "corpus.jsonl.gz")
        == 5183
    )
    assert sum(1 for _ in imported("tatqa").documents()) == 278
    pubmed = imported("pubmedqa")
    assert sum(1 for _ in pubmed.documents()) == 1000
    assert sum(1 for _ in pubmed.examples()) == 500
    squad = Counter(i.answerable for i in imported("squad2").items())
    assert squad[False] >= 3160


def test_pairs_are_complete_in_sets_with_unanswerable_questions(
    imported: Callable[[str], FolderPack],
) -> None:
    for name in ("clapnq", "squad2"):
        paired = list(imported(name).items("hallucination"))
        assert Counter(i.answerable for i in paired)[True] == len(paired) / 2


def _scored(
    metric: Metric, items: Iterable[Item], answer: Callable[[Item], str]
) -> list[tuple[float, Any]]:
    scores = [metric.score(item, Response(item=item.id, text=answer(item))) for item in items]
    return [(s.value, s.detail) for s in scores if s.value is not None]


def _accuracy_and_f1(pack: FolderPack, answer: Callable[[Item], str]) -> tuple[float, float]:
    from evals.metrics.labels import label_accuracy as accuracy
    from evals.metrics.labels import macro_f1
    from evals.stats.estimators import Sample, estimate

    items = list(pack.items())
    right = _scored(accuracy(MetricContext(pack)), items, answer)
    metric = macro_f1(MetricContext(pack))
    found = _scored(metric, items, answer)
    values = np.array([v for v, _ in found])
    details = {key: np.array([d[key] for _, d in found]) for key in ("gold", "predicted")}
    f1 = estimate(metric.estimator, Sample(values, np.arange(len(values)), details)).value
    assert len(right) == len(items) == 500
    assert f1 is not None
    return 100 * float(np.mean([v for v, _ in right])), 100 * f1


def test_pubmedqa_scores_of_people_and_of_always_yes(imported: Callable[[str], FolderPack]) -> None:
    pack = imported("pubmedqa")
    rows = _json(home("pubmedqa") / "ori_pqal.json")
    assert _accuracy_and_f1(pack, lambda item: "yes")[0] == pytest.approx(55.2, abs=0.05)
    accuracy, f1 = _accuracy_and_f1(
        pack, lambda item: rows[item.id.removeprefix("pubmedqa-")]["reasoning_required_pred"]
    )
    assert accuracy == pytest.approx(78.0, abs=0.05)
    assert f1 == pytest.approx(72.2, abs=0.05)


def test_bm25_on_scifact_ranks_as_published(
    imported: Callable[[str], FolderPack], tmp_path: Path
) -> None:
    from evals.metrics.ranking import ndcg
    from evals.metrics.ranking import recall_at_k as recall
    from systems.retrieval.retriever import RetrieverSettings, make_retriever

    pack = imported("scifact")
    items = list(pack.items())
    retriever = make_retriever(RetrieverSettings(kind="bm25", k=100, depth=100, chunk=100_000))
    retriever.open(Setup(pack, tmp_path))
    found = retriever.search([Request(i.id, i.question) for i in items])
    scores = []
    for item, passages in zip(items, found, strict=True):
        top = (
            ndcg(MetricContext(pack))
            .score(item, Response(item=item.id, passages=passages[:10]))
            .value
        )
        everything = (
            recall(MetricContext(pack)).score(item, Response(item=item.id, passages=passages)).value
        )
        scores.append((top, everything))
    means = np.array(scores, float).mean(axis=0)
    assert 0.66 <= means[0] <= 0.69
    assert means[1] >= 0.90


HUB: dict[str, dict[tuple[str | None, str], list[dict[str, Any]]]] = {
    "pubmedqa": {
        ("pqa_labeled", "train"): [
            {
                "pubid": 7,
                "question": "Is it?",
                "context": {"contexts": ["It may be."], "labels": ["AIM"], "meshes": []},
                "long_answer": "It is.",
                "final_decision": "yes",
            }
        ]
    },
    "medquad": {
        (None, "train"): [
            {
                "document_id": "1",
                "document_source": "X",
                "question_id": "1-1",
                "question_focus": "Flu",
                "question_type": "information",
                "question": "What is flu?",
                "answer": "An illness.",
            }
        ]
    },
    "tatqa": {
        (None, "validation"): [
            {
                "table": {"uid": "t", "table": [["", "2019"], ["Sales", "$ 12.5"]]},
                "paragraphs": [{"uid": "p", "order": 1, "text": "In millions."}],
                "questions": [
                    {
                        "uid": "q",
                        "question": "Sales?",
                        "answer": ["$12.5"],
                        "answer_type": "span",
                        "scale": "million",
                    }
                ],
            }
        ]
    },
    "policyqa": {
        (None, "validation"): [
            {
                "id": "1",
                "title": "a.com",
                "context": "We collect mail.",
                "question": "What is collected?",
                "answers": {"text": ["mail"], "answer_start": [11]},
            }
        ]
    },
    "scifact": {
        ("corpus", "train"): [
            {"doc_id": 1, "title": "T", "abstract": ["One.", "Two."], "structured": False}
        ],
        ("claims", "train"): [],
        ("claims", "validation"): [
            {"id": 5, "claim": "One is two.", "evidence_label": "SUPPORT", "cited_doc_ids": [1]},
            {"id": 5, "claim": "One is two.", "evidence_label": "SUPPORT", "cited_doc_ids": [1]},
        ],
    },
    "clapnq": {
        (None, "validation"): [
            {
                "id": "1",
                "input": "who is it",
                "passages": [{"title": "T", "text": "It is Ann."}],
                "output": [{"answer": "Ann", "selected_sentences": ["It is Ann."]}],
            }
        ]
    },
    "squad2": {
        (None, "validation"): [
            {
                "id": "1",
                "title": "T",
                "context": "Ann came.",
                "question": "Who came?",
                "answers": {"text": ["Ann"], "answer_start": [0]},
            },
            {
                "id": "2",
                "title": "T",
                "context": "Ann came.",
                "question": "Who left?",
                "answers": {"text": [], "answer_start": []},
            },
        ]
    },
    "truthfulqa": {
        ("generation", "validation"): [
            {
                "category": "Myths",
                "question": "Is it flat?",
                "best_answer": "No",
                "correct_answers": ["No"],
                "incorrect_answers": ["Yes"],
            }
        ]
    },
    "bitext_support": {
        (None, "train"): [
            {
                "instruction": "cancel it",
                "intent": "cancel_order",
                "response": "Sure.",
                "category": "O",
            }
        ]
    },
}


@pytest.mark.parametrize("name", HUB)
def test_the_hubs_version_becomes_the_same_kind_of_pack(tmp_path: Path, name: str) -> None:
    import datasets

    def load(dataset: str, config: str | None, split: str) -> Iterable[Mapping[str, Any]]:
        assert dataset == public_set(name).hub
        rows = HUB[name][config, split]
        found: Iterable[Mapping[str, Any]] = datasets.Dataset.from_list(rows) if rows else []
        return found

    pack = open_pack(import_set(name, tmp_path / name, loader=load))
    items = list(pack.items())
    assert len(items) == (2 if name == "squad2" else 1)
    assert validate(pack.root).errors == 0


def test_answers_of_several_types_survive_datasets(tmp_path: Path) -> None:
    import datasets

    answers: list[Any] = [["a", "b"], 'Report "x"', 12.5, ["$7"]]
    report = {
        "table": {"uid": "t", "table": [["", "2019"], ["Sales", "$7"]]},
        "paragraphs": [{"uid": "p", "order": 1, "text": "a and b."}],
        "questions": [
            {"uid": str(n), "question": f"Q{n}?", "answer": a, "answer_type": "span", "scale": ""}
            for n, a in enumerate(answers)
        ],
    }
    (tmp_path / "tatqa_dataset_dev.json").write_text(json.dumps([report]))

    def load(_: str, config: str | None, split: str) -> Iterable[Mapping[str, Any]]:
        file = str(tmp_path / "tatqa_dataset_dev.json")
        found: Iterable[Mapping[str, Any]] = datasets.load_dataset(
            "json", data_files=file, split="train", streaming=True
        )
        return found

    hub = open_pack(import_set("tatqa", tmp_path / "hub", loader=load))
    here = open_pack(import_set("tatqa", tmp_path / "here", data=tmp_path))
    assert list(hub.items()) == list(here.items())
    assert [[s.value for s in i.gold] for i in here.items()] == [
        ["a", "b"],
        ['Report "x"'],
        ["12.5"],
        ["$7"],
    ]


def test_sets_with_a_hub_version_are_all_tried() -> None:
    assert set(HUB) == {name for name in SETS if public_set(name).hub}


def test_the_hubs_conversion_stands_in_for_a_loading_script(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import datasets

    asked: list[str | None] = []

    def load(
        name: str, config: str | None, *, split: str, streaming: bool, revision: str | None = None
    ) -> list[Any]:
        asked.append(revision)
        if revision is None:
            raise RuntimeError("Dataset scripts are no longer supported")
        if name == "gone":
            raise FileNotFoundError(name)
        return [{"a": 1}]

    monkeypatch.setattr(datasets, "load_dataset", load)
    assert list(hub_loader("allenai/scifact", "claims", "train")) == [{"a": 1}]
    assert asked == [None, "refs/convert/parquet"]
    with pytest.raises(EnvironmentProblem):
        hub_loader("gone", None, "train")


def test_a_limit_caps_the_items(tmp_path: Path) -> None:
    _needs("truthfulqa")
    assert sum(1 for _ in open_pack(import_set("truthfulqa", tmp_path / "t", limit=7)).items()) == 7


def test_missing_or_changed_files_are_one_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not there"):
        import_set("tatqa", tmp_path / "out", data=tmp_path)
    (tmp_path / "tatqa_dataset_dev.json").write_text('[{"surprise": 1}]')
    with pytest.raises(DataError, match="not as expected"):
        import_set("tatqa", tmp_path / "out", data=tmp_path)
    assert not (tmp_path / "out").exists()
    with pytest.raises(UsageError, match="pubmedqq"):
        public_set("pubmedqq")


def test_a_source_that_breaks_off_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "medquad_qa.jsonl.gz").write_bytes(b"not gzip")
    with pytest.raises(EnvironmentProblem, match="cannot be read"):
        import_set("medquad", tmp_path / "out", data=tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("answer", "scale", "currency", "kind", "value"),
    [
        ("$1,496.5", "million", "$", "money", "$1,496.5 million"),
        ("12.47", "percent", "$", "percent", "12.47%"),
        ("18.3%", "", "", "percent", "18.3%"),
        ("(9.8)", "thousand", "", "number", "-9.8 thousand"),
        ("(9.8)", "thousand", "€", "money", "-€9.8 thousand"),
        ("19.9", "million", "$", "money", "$19.9 million"),
        ("2019", "", "$", "number", "2019"),
        ("the Board of Directors", "", "", "text", "the Board of Directors"),
    ],
)
def test_financial_answers_are_typed_with_their_scale(
    answer: str, scale: str, currency: str, kind: str, value: str
) -> None:
    found = slot("answer_1", answer, scale, currency)
    assert (found.kind, found.value) == (kind, value)


@pytest.mark.parametrize(
    ("answer", "scale", "right", "wrong"),
    [
        (
            "19.9",
            "million",
            ("$19.9 million", "19.9 million", "19.9", "It was $19,900,000."),
            ("$19.9 thousand", "199"),
        ),
        (
            "$2,496",
            "thousand",
            ("$2.496 million", "2,496 thousand", "2496"),
            ("$2,496 million", "$24,960"),
        ),
        (
            "(9.8)",
            "thousand",
            ("-$9.8 thousand", "-9.8 thousand", "(9.8)"),
            ("$98 thousand", "9.8 million"),
        ),
        ("12.47", "percent", ("12.47%", "12.47 percent"), ("12.5%", "1247%")),
    ],
)
def test_financial_answers_match_with_and_without_their_currency(
    answer: str, scale: str, right: tuple[str, ...], wrong: tuple[str, ...]
) -> None:
    from evals.core.metric import Answer
    from evals.metrics.accuracy import score_slot_accuracy as score

    gold = slot("answer_1", answer, scale, "$")
    item = Item("x", "domain_accuracy", "tatqa", "How much was it?", "x", gold=(gold,))
    values = {
        text: score(Answer(item, Response(item="x", text=text))).value for text in (*right, *wrong)
    }
    assert values == {**dict.fromkeys(right, 1.0), **dict.fromkeys(wrong, 0.0)}
