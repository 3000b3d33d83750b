"""Plants each kind of defect in a sound pack and expects the validator to name it with its file and
line.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from suites.packs.reader import FolderPack
from suites.packs.validate import Findings, validate
from suites.world.generate import generate
from suites.world.size import Size

Change = Callable[["Planted"], tuple[str, int | None]]


class Planted:
    """A copy of a sound pack whose lines can be changed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def lines(self, name: str) -> list[str]:
        return (self.root / name).read_text(encoding="utf-8").splitlines()

    def write(self, name: str, lines: list[str]) -> None:
        (self.root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def append(self, name: str, record: dict[str, Any] | str | bytes) -> tuple[str, int]:
        path = self.root / name
        before = path.read_bytes()
        line = (
            record
            if isinstance(record, bytes)
            else (record if isinstance(record, str) else json.dumps(record)).encode()
        )
        path.write_bytes(before + line + b"\n")
        return name, before.count(b"\n") + 1

    def change(
        self, name: str, fits: Callable[[dict[str, Any]], bool], **changes: Any
    ) -> tuple[str, int]:
        """Change the first record that fits; a value may be a function of the record."""
        lines = self.lines(name)
        number = next(n for n, line in enumerate(lines) if fits(json.loads(line)))
        record = json.loads(lines[number])
        record.update({k: v(record) if callable(v) else v for k, v in changes.items()})
        lines[number] = json.dumps({k: v for k, v in record.items() if v is not None})
        self.write(name, lines)
        return name, number + 1

    def settings(self, old: str, new: str) -> tuple[str, None]:
        path = self.root / "pack.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return "pack.toml", None


DOCUMENT = {
    "id": "new",
    "title": "New",
    "text": "A new page.",
    "kind": "page",
    "date": "2025-01-01",
}
ITEM = {
    "id": "new",
    "suite": "domain_accuracy",
    "track": "own",
    "question": "What is new here?",
    "cluster": "new",
}


def fresh(r: dict[str, Any]) -> bool:
    return r["track"] == "freshness" and bool(r.get("changed"))


def closed(r: dict[str, Any]) -> bool:
    return bool(r["track"] == "closed_book")


def closed_choice(r: dict[str, Any]) -> bool:
    return bool(r["track"] == "closed_book" and r["gold"][0]["kind"] == "choice")


def unanswered(r: dict[str, Any]) -> bool:
    return r["suite"] == "hallucination" and not r.get("answerable", True)


def missing(r: dict[str, Any]) -> bool:
    return unanswered(r) and r["track"] == "missing_attribute"


def taught(p: Planted) -> str:
    return str(json.loads(p.lines("train.jsonl")[0])["messages"][0]["content"])


def changed_fact(p: Planted) -> dict[str, Any]:
    facts = (json.loads(line) for line in p.lines("facts.jsonl"))
    found: dict[str, Any] = next(
        f for f in facts if f.get("before") and not f.get("user") and f["attribute"] == "price"
    )
    return found


def example(question: str, answer: str, **more: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
    return {"id": "new", "messages": messages, "stratum": "closed_book", **more}


def answered_elsewhere(p: Planted) -> tuple[str, int]:
    question = next(
        json.loads(r)["question"] for r in p.lines("items.jsonl") if closed(json.loads(r))
    )
    return p.change("items.jsonl", missing, question=question)


def answered_by_fact(p: Planted) -> tuple[str, int]:
    records = [json.loads(r) for r in p.lines("items.jsonl")]
    twins = {r["id"]: r for r in records}
    none = next(r for r in records if missing(r))
    entity = next(
        f["entity"]
        for f in map(json.loads, p.lines("facts.jsonl"))
        if f["id"] == twins[none["twin"]]["facts"][0]
    )
    return p.change(
        "items.jsonl", missing, question=f"Tell me about {entity} in your own words, would you?"
    )


def lopsided(p: Planted) -> tuple[str, None]:
    kept = [
        r
        for r in p.lines("train.jsonl")
        if json.loads(r)["stratum"] in ("closed_book", "oracle_present")
    ]
    p.write("train.jsonl", kept)
    return "train.jsonl", None


def two_voices(p: Planted) -> tuple[str, None]:
    p.write("voices.jsonl", [v for v in p.lines("voices.jsonl") if "ashgrove" not in v])
    return "voices.jsonl", None


def out_link(p: Planted) -> tuple[str, None]:
    (p.root / "notes.md").symlink_to("/etc/hostname")
    return "notes.md", None


def stray(p: Planted) -> tuple[str, None]:
    (p.root / "weights.pkl").write_bytes(b"\x80\x04")
    return "weights.pkl", None


def removed(p: Planted) -> tuple[str, None]:
    (p.root / "items.jsonl").unlink()
    return "items.jsonl", None


def repeated(p: Planted) -> tuple[str, int]:
    record = json.loads(next(r for r in p.lines("items.jsonl") if closed(json.loads(r))))
    return p.append("items.jsonl", {**record, "id": "again"})


def near_copy(p: Planted) -> tuple[str, int]:
    words = taught(p).rstrip("?").split()
    return p.append(
        "items.jsonl", {**ITEM, "question": " ".join([*words[1:], words[0]]), "references": ["x"]}
    )


def long_copy(p: Planted) -> tuple[str, int]:
    p.append(
        "train.jsonl",
        example("Please tell me quickly how one two three four five six seven eight nine?", "Yes."),
    )
    question = "And now how one two three four five six seven eight ends?"
    return p.append("items.jsonl", {**ITEM, "question": question, "references": ["x"]})


DEFECTS: dict[str, tuple[str, Change]] = {
    "missing_file": ("missing_file", removed),
    "settings": ("settings", lambda p: p.settings("[times]", "[moments]")),
    "broken_line": ("broken_line", lambda p: p.append("documents.jsonl", '{"id": "x", ')),
    "wrong_type": ("wrong_type", lambda p: p.append("items.jsonl", {**ITEM, "question": 7})),
    "unknown_key": (
        "wrong_type",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "colour": "red"}),
    ),
    "not_utf8": ("not_utf8", lambda p: p.append("users.jsonl", b'{"id":"u","name":"\xff\xfe"}')),
    "oversized_line": (
        "oversized_line",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "text": "x" * (5 << 20)}),
    ),
    "oversized_text": (
        "oversized_text",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "text": "x " * 600_000}),
    ),
    "empty_text": ("empty_text", lambda p: p.append("documents.jsonl", {**DOCUMENT, "text": "  "})),
    "control_character": (
        "control_character",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "text": "a\x1b[31m"}),
    ),
    "duplicate_id": ("duplicate_id", lambda p: p.append("users.jsonl", p.lines("users.jsonl")[0])),
    "bad_id": ("bad_id", lambda p: p.append("users.jsonl", {"id": "", "name": "n"})),
    "path_escape": (
        "path_escape",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "id": "../../etc/passwd"}),
    ),
    "link_out": ("path_escape", out_link),
    "stray_file": ("stray_file", stray),
    "bad_date": (
        "bad_date",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "date": "01.02.2025"}),
    ),
    "unseen_document": (
        "unseen_document",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "date": "2031-01-01"}),
    ),
    "duplicate_document": (
        "duplicate_document",
        lambda p: p.append(
            "documents.jsonl", {**json.loads(p.lines("documents.jsonl")[0]), "id": "copy"}
        ),
    ),
    "dangling_supersedes": (
        "dangling_document",
        lambda p: p.append("documents.jsonl", {**DOCUMENT, "supersedes": "nothing"}),
    ),
    "dangling_document": (
        "dangling_document",
        lambda p: p.change("items.jsonl", closed, documents=["nothing"]),
    ),
    "dangling_fact": (
        "dangling_fact",
        lambda p: p.change("items.jsonl", closed, facts=["nothing"]),
    ),
    "dangling_user": ("dangling_user", lambda p: p.change("items.jsonl", closed, user="nobody")),
    "dangling_twin": (
        "dangling_twin",
        lambda p: p.change("items.jsonl", unanswered, twin="nothing"),
    ),
    "unknown_moment": ("unknown_moment", lambda p: p.change("items.jsonl", closed, time="t7")),
    "future_gold": ("future_gold", lambda p: p.change("items.jsonl", fresh, time="t0")),
    "superseded_gold": (
        "superseded_gold",
        lambda p: p.change(
            "items.jsonl", fresh, documents=lambda r: [r["documents"][0].removesuffix("2") + "1"]
        ),
    ),
    "foreign_gold": (
        "foreign_gold",
        lambda p: p.change("items.jsonl", lambda r: r["track"] == "personalization", user=None),
    ),
    "gold_missing": (
        "gold_missing",
        lambda p: p.change("items.jsonl", closed, gold=None, references=None),
    ),
    "no_document": (
        "no_document",
        lambda p: p.change("items.jsonl", closed, documents=None, also=None),
    ),
    "unsupported_gold": (
        "unsupported_gold",
        lambda p: p.change(
            "items.jsonl",
            closed_choice,
            gold=[{"name": "x", "kind": "choice", "value": "antimatter"}],
        ),
    ),
    "bad_slot": (
        "bad_slot",
        lambda p: p.change(
            "items.jsonl", closed, gold=[{"name": "x", "kind": "date", "value": "last spring"}]
        ),
    ),
    "bad_label": (
        "bad_slot",
        lambda p: p.change("items.jsonl", lambda r: bool(r.get("choices")), choices=["a", "b"]),
    ),
    "bad_json": (
        "bad_slot",
        lambda p: p.change(
            "items.jsonl",
            lambda r: bool(r.get("json_schema")),
            gold=[{"name": "form", "kind": "json", "value": '{"order": "O-1"}'}],
        ),
    ),
    "stale_gold": (
        "stale_gold",
        lambda p: p.change(
            "items.jsonl",
            fresh,
            gold=lambda r: [{**r["gold"][0], "stale": [r["gold"][0]["value"]]}],
        ),
    ),
    "unanswerable_with_gold": (
        "unanswerable_with_gold",
        lambda p: p.change(
            "items.jsonl", unanswered, gold=[{"name": "x", "kind": "text", "value": "y"}]
        ),
    ),
    "answered_elsewhere": ("unanswerable_answered", answered_elsewhere),
    "answered_by_fact": ("unanswerable_answered", answered_by_fact),
    "twin_missing": ("twin_missing", lambda p: p.change("items.jsonl", unanswered, twin=None)),
    "twin_not_mutual": (
        "twin_not_mutual",
        lambda p: p.change(
            "items.jsonl", unanswered, twin="hallucination-nonexistent_entity-0001-some"
        ),
    ),
    "twin_alike": (
        "twin_alike",
        lambda p: p.change("items.jsonl", unanswered, answerable=True, references=["x"]),
    ),
    "twin_apart": (
        "twin_apart",
        lambda p: p.change("items.jsonl", unanswered, cluster="elsewhere"),
    ),
    "leak": (
        "leak",
        lambda p: p.append(
            "items.jsonl", {**ITEM, "question": taught(p).upper(), "references": ["x"]}
        ),
    ),
    "ngram_leak": ("ngram_leak", long_copy),
    "near_leak": ("near_leak", near_copy),
    "duplicate_question": ("duplicate_question", repeated),
    "volatile_target": (
        "volatile_target",
        lambda p: p.append(
            "train.jsonl", example("What now?", "It is so.", facts=[changed_fact(p)["id"]])
        ),
    ),
    "changed_value_taught": (
        "changed_value_taught",
        lambda p: p.append(
            "train.jsonl",
            example(
                f"And {changed_fact(p)['entity']}?", f"It was {changed_fact(p)['before']} then."
            ),
        ),
    ),
    "future_training": (
        "future_training",
        lambda p: p.append(
            "train.jsonl",
            example(
                "Well?",
                "Yes.",
                documents=[
                    next(
                        json.loads(d)["id"]
                        for d in p.lines("documents.jsonl")
                        if json.loads(d)["date"] > "2025-09-01"
                    )
                ],
            ),
        ),
    ),
    "bad_example": ("bad_example", lambda p: p.append("train.jsonl", example("Well?", " "))),
    "trained_user": (
        "trained_user",
        lambda p: p.change(
            "items.jsonl",
            lambda r: r["track"] == "personalization",
            user=next(u for u in (json.loads(e).get("user") for e in p.lines("train.jsonl")) if u),
        ),
    ),
    "unbalanced_strata": ("unbalanced_strata", lopsided),
    "unknown_suite": (
        "unknown_suite",
        lambda p: (
            p.append("items.jsonl", {**ITEM, "suite": "astrology", "references": ["x"]})[0],
            None,
        ),
    ),
    "few_clusters": (
        "few_clusters",
        lambda p: (
            p.append("items.jsonl", {**ITEM, "suite": "tiny", "references": ["x"]})[0],
            None,
        ),
    ),
    "voice_unparallel": (
        "voice_unparallel",
        lambda p: p.append(
            "voices.jsonl", {"id": "v", "content": "lonely", "voice": "axiom", "text": "Logged."}
        ),
    ),
    "voice_split": (
        "voice_split",
        lambda p: p.change(
            "voices.jsonl",
            lambda r: r["voice"] == "neutral" and r.get("split") == "held_out",
            split="fit",
        ),
    ),
    "unknown_brand": (
        "unknown_brand",
        lambda p: p.settings('brand = "fernbank"', 'brand = "mystery"'),
    ),
    "few_voices": ("few_voices", two_voices),
}


@pytest.fixture
def planted(pack: FolderPack, tmp_path: Path) -> Planted:
    return Planted(Path(shutil.copytree(pack.root, tmp_path / "pack")))


def test_the_default_pack_has_no_finding(pack: FolderPack) -> None:
    assert validate(pack.root).sorted() == []


@pytest.mark.parametrize("factor", [0.2, 3.0])
def test_other_sizes_have_no_error(tmp_path: Path, factor: float) -> None:
    found = validate(generate(tmp_path / "sized", size=Size().scaled(factor)))
    assert found.errors == 0, found.sorted()[:5]


def test_at_least_twenty_kinds_are_planted() -> None:
    assert len({kind for kind, _ in DEFECTS.values()}) >= 40


@pytest.mark.parametrize("name", DEFECTS)
def test_each_planted_defect_is_found(planted: Planted, name: str) -> None:
    kind, change = DEFECTS[name]
    file, line = change(planted)
    found = validate(planted.root)
    assert (file, line) in {(f.file, f.line) for f in found.kept if f.kind == kind}, found.sorted()[
        :5
    ]


def test_findings_beyond_the_limit_are_counted() -> None:
    findings = Findings(limit=2)
    for line in range(5):
        findings.add("broken_line", "items.jsonl", line, "bad")
    assert len(findings.kept) == 2
    assert findings.errors == 5
    assert str(findings.kept[0]) == "items.jsonl:0: error: bad [broken_line]"
