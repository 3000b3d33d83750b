from __future__ import annotations

import csv
import json
import os
import random
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from evals.core.errors import DataError, UsageError
from suites.packs.own import Summary, import_own
from suites.packs.own.questions import inferred_kind, reads_two_ways
from suites.packs.reader import FolderPack, open_pack
from suites.packs.validate import validate

ROWS: list[dict[str, Any]] = [
    {"question": "How long can I return goods?", "answer": "30 days"},
    {"question": "What does express delivery cost?", "answer": "$12.50"},
    {"question": "Where is the head office?", "answer": "Larkstead"},
    {"question": "Is gift wrapping free?", "answer": "yes", "document": "gifts.md"},
    {"question": "When was the firm founded?", "answer": "1987-04-02"},
    {
        "question": "Why do you use cork?",
        "answer": "It keeps warm and it grows back within a few years on its own.",
    },
    {"question": "What is the chairman's shoe size?", "answer": ""},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "handbook"
    (home / "deep").mkdir(parents=True)
    (home / "returns.md").write_text(
        "---\ndate: 2024-05-01\n---\n# Returns\n\nYou may return goods within 30 days.\n"
    )
    (home / "gifts.md").write_text("# Gifts\n\nYes, wrapping is free of charge.\n")
    (home / "deep" / "delivery.html").write_text(
        "<html><head><title>Delivery</title><script>evil()</script></head>"
        "<body><h1>Delivery</h1><p>Express costs $12.50.</p></body></html>"
    )
    (home / "firm.txt").write_text(
        "Founded on 1987-04-02, the firm has its head office in Larkstead.\n"
    )
    (home / "notes.docx").write_bytes(b"PK\x03\x04")
    (home / ".hidden.md").write_text("secret")
    _pdf(home / "cork.pdf", "Cork keeps warm.")
    return home


def _pdf(path: Path, text: str) -> None:
    stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Resources <<"
            b" /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
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
        columns = {
            key: [row.get(key) for row in rows] for key in ("question", "answer", "document")
        }
        pq.write_table(pa.table(columns), path)
    else:
        with path.open("w", newline="") as stream:
            writer = csv.DictWriter(
                stream,
                ["question", "answer", "document"],
                delimiter="\t" if path.suffix == ".tsv" else ",",
            )
            writer.writeheader()
            writer.writerows(rows)
    return path


def _import(tmp_path: Path, folder: Path, table: Path, **more: Any) -> tuple[Summary, FolderPack]:
    target = tmp_path / "made"
    summary = import_own(target, table, folder, company={"name": "Acme"}, **more)
    return summary, open_pack(target)


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_questions_and_documents_become_a_sound_pack(
    tmp_path: Path, folder: Path, ending: str
) -> None:
    summary, pack = _import(tmp_path, folder, _table(tmp_path / f"questions.{ending}", ROWS))
    assert (summary.documents, summary.items, summary.unanswerable, summary.linked) == (5, 7, 1, 5)
    assert summary.unlinked == ["q0006"]
    found = validate(pack.root)
    assert found.errors == 0, found.sorted()
    items = {i.id: i for i in pack.items()}
    kinds = {i.id: [s.kind for s in i.gold] for i in items.values() if i.answerable}
    assert kinds == {
        "q0001": ["duration"],
        "q0002": ["money"],
        "q0003": ["text"],
        "q0004": ["boolean"],
        "q0005": ["date"],
        "q0006": [],
        "q0007-twin": ["duration"],
    }
    assert items["q0002"].documents == ("deep/delivery.html",)
    assert items["q0007"].twin == "q0007-twin"
    assert items["q0007-twin"].suite == items["q0007"].suite == "hallucination"


def test_documents_keep_title_date_and_plain_text(tmp_path: Path, folder: Path) -> None:
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS))
    documents = {d.id: d for d in pack.documents()}
    assert set(documents) == {
        "returns.md",
        "gifts.md",
        "deep/delivery.html",
        "firm.txt",
        "cork.pdf",
    }
    assert documents["returns.md"].date == "2024-05-01"
    assert documents["returns.md"].title == "Returns"
    assert "evil" not in documents["deep/delivery.html"].text
    assert "Cork keeps warm." in documents["cork.pdf"].text
    assert pack.times == {"t0": "2024-05-01", "t1": "2024-05-01"}


def test_own_column_names(tmp_path: Path, folder: Path) -> None:
    table = _table(
        tmp_path / "q.jsonl", [{"Frage": "How long can I return goods?", "Antwort": "30 days"}]
    )
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
        ("q.csv", "id,question,answer\n1,a,b\n1,c,d\n", DataError),
        ("q.csv", "time,question,answer\nt9,a,b\n", DataError),
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
    for name, content in (
        ("bad.pdf", b"%PDF-1.4 nothing"),
        ("bad.txt", b"\xff\xfe\xfa"),
        ("empty.md", b"  "),
    ):
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
        ("yes", "boolean"),
        ("2024-01-31", "date"),
        ("9:30", "time"),
        ("€ 12.00", "money"),
        ("40 EUR", "money"),
        ("12.5%", "percent"),
        ("3 years", "duration"),
        ("17", "number"),
        ("1.2 kg", "number"),
        ("AB-1234", "id"),
        ("14.03.2025", "date"),
        ("March 14, 2025", "date"),
        ("03/04/2025", "date"),
        ("1er avril 2025", "date"),
        ("14. März 2025", "date"),
        ("14 de marzo de 2025", "date"),
        ("5 lamps 2024", None),
        ("a blue door", None),
        ("because of rain", None),
        ("No", "boolean"),
        ("8:30 am", "time"),
        ("6 p.m.", "time"),
        ("12,50 €", "money"),
        ("two days", "duration"),
        ("3 working days", "duration"),
        ("50 %", "percent"),
    ],
)
def test_kinds_are_inferred_from_form(answer: str, kind: str | None) -> None:
    assert inferred_kind(answer) == kind


def test_choices_are_asked_about_the_documents(tmp_path: Path, folder: Path) -> None:
    rows = [
        {
            "question": "Where is the head office?",
            "answer": "Larkstead",
            "choices": ["Larkstead", "Bern"],
        }
    ]
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.jsonl", rows))
    item = next(pack.items())
    assert (item.lookup, item.choices, item.gold[0].kind) == (True, ("Larkstead", "Bern"), "choice")


def test_words_before_a_typed_answer_are_no_part_of_its_value(tmp_path: Path, folder: Path) -> None:
    table = _table(
        tmp_path / "q.csv",
        [{"question": "How soon must goods be back?", "answer": "within 30 days"}],
    )
    _, pack = _import(tmp_path, folder, table)
    slot = next(pack.items()).gold[0]
    assert (slot.kind, slot.value, slot.aliases) == ("duration", "30 days", ("within 30 days",))


def test_gold_documents_are_those_near_the_question(tmp_path: Path, folder: Path) -> None:
    (folder / "courses.md").write_text(
        "Courses for children have 14 places. There is no charge. A group has 8:30 h.\n"
    )
    (folder / "kayaks.md").write_text(
        "Children under 14 paddle with an adult. A kayak carries 8 people.\n"
    )
    rows = [
        {"question": "From what age may children paddle alone?", "answer": "14"},
        {"question": "How many people does a kayak carry?", "answer": "8"},
        {"question": "Is there a charge?", "answer": "No"},
        {"question": "What share is kept?", "answer": "50%"},
        {"question": "On which day is it closed?", "answer": "Monday | Mondays"},
    ]
    (folder / "fees.md").write_text("We keep a share of 50 %. Closed on Mondays.\n")
    summary, pack = _import(tmp_path, folder, _table(tmp_path / "q.jsonl", rows))
    assert [i.documents for i in pack.items()] == [
        ("kayaks.md",),
        ("kayaks.md",),
        (),
        ("fees.md",),
        ("fees.md",),
    ]
    assert not [i for i in pack.items() if i.also]
    assert summary.unlinked == ["q0003"]
    assert validate(pack.root).errors == 0


def test_a_table_from_a_european_spreadsheet(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "q.csv"
    table.write_bytes("\ufeffquestion;answer\r\nWhat, now, costs $12.50?;Express\r\n".encode())
    _, pack = _import(tmp_path, folder, table)
    item = next(pack.items())
    assert (item.question, item.gold[0].value) == ("What, now, costs $12.50?", "Express")


def test_odd_blanks_stay_blanks_and_odd_characters_go(tmp_path: Path, folder: Path) -> None:
    (folder / "odd.html").write_text(
        "<title>Odd\n\x1bpage</title><body>40&nbsp;EUR a\u2009day\x07,\u00adtax\u202e free</body>"
    )
    (folder / "old page.md").write_text(
        "---\nsupersedes: firm.txt\ndate: 2024-01-01\n---\nOld.\r\n\r\nPage.\r\n"
    )
    (folder / "new page.md").write_text(
        "---\nsupersedes: old page.md\ndate: 2025-01-01\n---\nNew page.\n"
    )
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS))
    documents = {d.id: d for d in pack.documents()}
    assert (documents["odd.html"].title, documents["odd.html"].text) == (
        "Odd page",
        "40 EUR a day,tax free",
    )
    assert documents["old_page.md"].text == "Old.\n\nPage."
    assert documents["new_page.md"].supersedes == "old_page.md"
    assert validate(pack.root).errors == 0


def test_files_that_would_share_an_id_and_endless_ones_are_refused(
    tmp_path: Path, folder: Path
) -> None:
    table = _table(tmp_path / "q.csv", ROWS)
    (folder / "a b.md").write_text("one")
    (folder / "a_b.md").write_text("two")
    with pytest.raises(DataError, match="one id"):
        _import(tmp_path, folder, table)
    (folder / "a_b.md").write_text("word " * 300_000)
    (folder / "a b.md").unlink()
    with pytest.raises(DataError, match="too long"):
        _import(tmp_path, folder, table)


def test_pipes_links_in_a_circle_and_odd_names_are_passed_over_or_kept(
    tmp_path: Path, folder: Path
) -> None:
    os.mkfifo(folder / "pipe.md")
    (folder / "circle.md").symlink_to("circle.md")
    (folder / "up").symlink_to("..", target_is_directory=True)
    Path(os.fsdecode(os.fsencode(folder) + b"/odd\n\xff.md")).write_text("An odd name.\n")
    (folder / "FIRM.txt").write_text("Another firm.\n")
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.csv", ROWS))
    names = {d.id for d in pack.documents()}
    assert {"odd_?.md", "FIRM.txt", "firm.txt"} <= names
    assert not names & {"pipe.md", "circle.md"}
    assert validate(pack.root).errors == 0


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_a_table_with_an_endless_line_is_refused_without_being_held(
    tmp_path: Path, folder: Path, ending: str
) -> None:
    table = tmp_path / f"q.{ending}"
    table.write_text("question,answer\n")
    with table.open("r+b") as stream:
        stream.truncate(10 << 30)
    tracemalloc.start()
    with pytest.raises(DataError):
        _import(tmp_path, folder, table)
    assert tracemalloc.get_traced_memory()[1] < 64 << 20
    tracemalloc.stop()


def test_cells_that_are_no_text(tmp_path: Path, folder: Path) -> None:
    table = tmp_path / "q.jsonl"
    table.write_text(
        '{"question": "Is it \\ud800 odd?", "answer": NaN}\n{"question": "How many?", "answer":'
        " 30}\n"
    )
    summary, pack = _import(tmp_path, folder, table)
    assert summary.unanswerable == 1
    assert {i.question for i in pack.items()} == {"Is it ? odd?", "How many?"}


@pytest.mark.parametrize(
    ("answer", "two"),
    [
        ("03/04/2025", True),
        ("3-4-2025", True),
        ("04/04/2025", False),
        ("14/03/2025", False),
        ("03.04.2025", False),
    ],
)
def test_dates_that_read_two_ways_are_distinguished(answer: str, two: bool) -> None:
    assert reads_two_ways(answer) is two


def test_dates_that_read_two_ways_are_reported(tmp_path: Path, folder: Path) -> None:
    rows = [
        {"question": f"When was shop {n} opened?", "answer": day}
        for n, day in enumerate(("03/04/2025", "14.03.2025"))
    ]
    summary, _ = _import(tmp_path, folder, _table(tmp_path / "q.csv", rows))
    assert summary.two_ways == ["q0001"]


def test_moments_are_those_of_the_documents(tmp_path: Path, folder: Path) -> None:
    """Training may see every document unless a moment is named."""
    (folder / "new.md").write_text("---\ndate: 2025-06-01\n---\nNew.\n")
    table = _table(tmp_path / "q.csv", ROWS)
    _, pack = _import(tmp_path, folder, table)
    assert pack.times == {"t0": "2025-06-01", "t1": "2025-06-01"}
    assert {d.date for d in pack.documents("t0")} == {"2024-05-01", "2025-06-01"}
    _, pack = _import(tmp_path, folder, table, taught="2024-12-31", replace=True)
    assert pack.times == {"t0": "2024-12-31", "t1": "2025-06-01"}
    assert {d.date for d in pack.documents("t0")} == {"2024-05-01"}


TURNS = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Do you sell kettles?"},
    {"role": "assistant", "content": "We do."},
    {"role": "user", "content": "How long can I return one?"},
]


def test_messages_are_read_as_turns(tmp_path: Path, folder: Path) -> None:
    rows = [{"question": TURNS, "answer": "30 days"}]
    _, pack = _import(tmp_path, folder, _table(tmp_path / "q.jsonl", rows))
    (item,) = pack.items()
    assert item.question == "How long can I return one?"
    assert [turn.content for turn in item.history] == ["Do you sell kettles?", "We do."]
    assert item.documents == ("returns.md",)


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ({"question": ["How long?", "How dear?"], "answer": "30 days"}, "question"),
        ({"question": TURNS[:3], "answer": "30 days"}, "does not end with a user's message"),
        ({"question": {"text": "How long?"}, "answer": "30 days"}, "question"),
        ({"question": "How long?", "answer": [{"text": "30 days"}]}, "answer"),
        ({"question": "How long?", "answer": "30 days", "user": ["a"]}, "user"),
        ({"question": "How long?", "answer": "30 days", "document": [["a"]]}, "document"),
    ],
)
def test_nested_values_are_never_stored_as_their_python_text(
    tmp_path: Path, folder: Path, row: dict[str, Any], column: str
) -> None:
    with pytest.raises(DataError, match=column) as caught:
        _import(tmp_path, folder, _table(tmp_path / "q.jsonl", [ROWS[0], row]))
    assert caught.value.line == 2


def test_a_row_that_lost_its_answer_is_no_unanswerable_question(
    tmp_path: Path, folder: Path
) -> None:
    table = tmp_path / "q.csv"
    table.write_text("question,answer\nHow long?,30 days\nHow dear?\n")
    with pytest.raises(DataError, match="fewer cells than columns") as caught:
        _import(tmp_path, folder, table)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "answer", ["5 Jahre", "3 Monate", "14 jours", "dos semanas", "6 mesi", "2 anos", "4 weken"]
)
def test_durations_of_supported_languages(answer: str) -> None:
    assert inferred_kind(answer) == ("duration" if answer[0].isdigit() else None)
