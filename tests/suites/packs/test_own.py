from __future__ import annotations

import csv
import json
import random
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evals.errors import DataError, UsageError
from suites.packs.own import Summary, import_own
from suites.packs.own.questions import inferred_kind
from suites.packs.reader import FolderPack, open_pack
from suites.packs.validate import validate

ROWS: list[dict[str, Any]] = [
    {"question": "How long can I return goods?", "answer": "30 days"},
    {"question": "What does express delivery cost?", "answer": "$12.50"},
    {"question": "Where is the head office?", "answer": "Larkstead"},
    {"question": "Is gift wrapping free?", "answer": "yes", "document": "gifts.md"},
    {"question": "When was the firm founded?", "answer": "1987-04-02"},
    {"question": "Why do you use cork?", "answer": "It keeps warm and it grows back within a few years on its own."},
    {"question": "What is the chairman's shoe size?", "answer": ""},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "handbook"
    (home / "deep").mkdir(parents=True)
    (home / "returns.md").write_text("---\ndate: 2024-05-01\n---\n# Returns\n\nYou may return goods within 30 days.\n")
    (home / "gifts.md").write_text("# Gifts\n\nYes, wrapping is free of charge.\n")
    (home / "deep" / "delivery.html").write_text(
        "<html><head><title>Delivery</title><script>evil()</script></head>"
        "<body><h1>Delivery</h1><p>Express costs $12.50.</p></body></html>"
    )
    (home / "firm.txt").write_text("Founded on 1987-04-02, the firm has its head office in Larkstead.\n")
    (home / "notes.docx").write_bytes(b"PK\x03\x04")
    (home / ".hidden.md").write_text("secret")
    _pdf(home / "cork.pdf", "Cork keeps warm.")
    return home


def _pdf(path: Path, text: str) -> None:
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    path.write_bytes(body + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer)


def _table(path: Path, rows: list[dict[str, Any]]) -> Path:
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".parquet":
        columns = {key: [row.get(key) for row in rows] for key in ("question", "answer", "document")}
        pq.write_table(pa.table(columns), path)
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(
                stream, ["question", "answer", "document"], delimiter="\t" if path.suffix == ".tsv" else ","
            )
            writer.writeheader()
            writer.writerows(rows)
    return path


def _import(tmp_path: Path, folder: Path, table: Path, **more: Any) -> tuple[Summary, FolderPack]:
    target = tmp_path / "made"
    summary = import_own(target, table, folder, company={"name": "Acme"}, **more)
    return summary, open_pack(target)


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_questions_and_documents_become_a_sound_pack(tmp_path: Path, folder: Path, ending: str) -> None:
    summary, pack = _import(tmp_path, folder, _table(tmp_path / f"questions.{ending}", ROWS))
    assert (summary.documents, summary.items, summary.unanswerable, summary.linked) == (5, 7, 1, 5)
    assert summary.unlinked == ["q0006"]
    found = validate(pack.root)
    assert found.errors == 0, found.sorted()
    items = {i.id: i for i in pack.items()}
    kinds = {i.id: [s.kind for s in i.gold] for i in items.values() if i.answerable}
    assert kinds == {
        "q0001": ["duration"], "q0002": ["money"], "q0003": ["text"], "q0004": ["boolean"], "q0005": ["date"],
        "q0006": [], "q0007-twin": ["duration"],
    }  # fmt: skip
    assert items["q0002"].documents == ("deep/delivery.html",)
    assert items["q0007"].twin == "q0007-twin"
    assert items["q0007-twin"].suite == items["q0007"].suite == "hallucination"


def test_documents_keep_title_date_and_plain_text(tmp_path: Path, folder: Path) -> None:
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS))
    documents = {d.id: d for d in pack.documents()}
    assert set(documents) == {"returns.md", "gifts.md", "deep/delivery.html", "firm.txt", "cork.pdf"}
    assert documents["returns.md"].date == "2024-05-01"
    assert documents["returns.md"].title == "Returns"
    assert "evil" not in documents["deep/delivery.html"].text
    assert "Cork keeps warm." in documents["cork.pdf"].text
    assert pack.times == {"t0": "2020-01-01", "t1": "2024-05-01"}


def test_own_column_names(tmp_path: Path, folder: Path) -> None:
    table = _table(tmp_path / "q.jsonl", [{"Frage": "How long can I return goods?", "Antwort": "30 days"}])
    _, pack = _import(tmp_path, folder, table, columns={"question": "Frage", "answer": "Antwort"})
    assert next(pack.items()).gold[0].value == "30 days"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("q.csv", "text,answer\nhi,there\n", DataError),
        ("q.csv", "question,answer\na,b,c,d\n", DataError),
        ("q.csv", 'question,answer\n"open,b\n', DataError),
        ("q.jsonl", "{broken\n", DataError),
        ("q.jsonl", "[1]\n", DataError),
        ("q.jsonl", '{"question": "a", "answer": "b", "document": "nowhere.md"}\n', DataError),
        ("q.jsonl", '{"question": "a", "answer": "b", "kind": "colour"}\n', DataError),
        ("q.parquet", "not parquet", DataError),
        ("q.csv", "question,answer\n", DataError),
        ("q.xlsx", "", UsageError),
    ],
)
def test_a_bad_table_is_one_message(
    tmp_path: Path, folder: Path, name: str, content: str, error: type[Exception]
) -> None:
    table = tmp_path / name
    table.write_text(content)
    with pytest.raises(error):
        _import(tmp_path, folder, table)
    assert not (tmp_path / "made").exists()


def test_bad_documents_are_one_message(tmp_path: Path, folder: Path) -> None:
    table = _table(tmp_path / "q.csv", ROWS)
    for name, content in (("bad.pdf", b"%PDF-1.4 nothing"), ("bad.txt", b"\xff\xfe\xfa"), ("empty.md", b"  ")):
        (folder / name).write_bytes(content)
        with pytest.raises(DataError) as caught:
            _import(tmp_path, folder, table)
        assert caught.value.where == folder / name
        (folder / name).unlink()
    with pytest.raises(DataError):
        _import(tmp_path, tmp_path / "nowhere", table)


def test_damaged_files_never_crash(tmp_path: Path, folder: Path) -> None:
    table = _table(tmp_path / "q.csv", ROWS)
    sound = (folder / "cork.pdf").read_bytes()
    chance = random.Random(0)
    for _ in range(60):
        damaged = bytearray(sound)
        for _ in range(chance.randint(1, 12)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        (folder / "cork.pdf").write_bytes(bytes(damaged[: chance.randint(20, len(damaged))]))
        with suppress(DataError):
            _import(tmp_path, folder, table, replace=True)


def test_deeply_nested_html_is_read_or_refused(tmp_path: Path, folder: Path) -> None:
    (folder / "deep.html").write_text("<div>" * 50_000 + "text")
    with suppress(DataError):
        _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS))


def test_an_unknown_column_key_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UsageError):
        _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS), columns={"colour": "x"})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("yes", "boolean"), ("2024-01-31", "date"), ("9:30", "time"), ("€ 12.00", "money"), ("40 EUR", "money"),
        ("12.5%", "percent"), ("3 years", "duration"), ("17", "number"), ("1.2 kg", "number"), ("AB-1234", "id"),
        ("a blue door", None), ("because of rain", None),
    ],
)  # fmt: skip
def test_kinds_are_inferred_from_form(answer: str, kind: str | None) -> None:
    assert inferred_kind(answer) == kind
