"""Marks: in the right order, on disk at once, blind, and only for the text that was judged."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from starlette.testclient import TestClient

from evals.core.errors import DataError, UsageError
from evals.core.store import StoredRun
from evals.label.marks import marks_file, raters, read_marks
from evals.label.order import is_unsure, order
from evals.label.server import application
from evals.label.session import Given, Session


def test_unsure_answers_come_first_two_to_one_and_all_are_there() -> None:
    known = {f"i{n}": n % 3 == 0 for n in range(30)}
    found = order(known)
    assert sorted(found) == sorted(known)
    assert [known[i] for i in found[:9]] == [True, True, False] * 3
    assert found == order(dict(reversed(known.items())))


def test_a_mark_is_on_disk_before_the_next_answer_shows(
    tmp_path: Path, runs: list[StoredRun]
) -> None:
    session = Session(tmp_path, runs[0], "ann")
    first, second = session.queue[:2]
    session.add(Given(first, "right", on_brand=True, note="well put"))
    session.add(Given(second, "wrong"))
    session.add(Given(first, "partly"))  # no close: as after a kill
    path = marks_file(tmp_path, runs[0].name, "ann")
    assert [(m.item, m.verdict) for m in read_marks(path)] == [
        (first, "right"),
        (second, "wrong"),
        (first, "partly"),
    ]
    again = Session(tmp_path, runs[0], "ann")
    shown = again.shown(first)
    assert shown is not None and shown["mark"]["said"] == "partly"
    assert raters(tmp_path, runs[0])["ann"][second].verdict == "wrong"


def test_a_half_written_mark_is_cut_off_and_the_rest_kept(
    tmp_path: Path, runs: list[StoredRun]
) -> None:
    session = Session(tmp_path, runs[0], "ann")
    session.add(Given(session.queue[0], "right"))
    path = marks_file(tmp_path, runs[0].name, "ann")
    with path.open("ab") as stream:
        stream.write(b'{"item": "half')
    again = Session(tmp_path, runs[0], "ann")
    again.add(Given(again.queue[1], "wrong"))
    assert [m.verdict for m in read_marks(path)] == ["right", "wrong"]


def test_a_pair_is_blind_and_stored_by_run(tmp_path: Path, runs: list[StoredRun]) -> None:
    texts = [{r.item: r.text for r in run.responses()} for run in runs]
    session = Session(tmp_path, runs[0], "ann", against=runs[1])
    sides = []
    for item in session.queue[:20]:
        shown = session.shown(item)
        assert shown is not None
        left = shown["answers"][0]["text"]
        sides.append(left == texts[0][item])
        session.add(Given(item, choice="first"))  # always the left one
        seen = session.shown(item)
        assert seen is not None and seen["mark"]["said"] == "first"
    assert 3 < sum(sides) < 17
    stored = read_marks(marks_file(tmp_path, runs[0].name, "ann", runs[1].name))
    assert [m.choice == "first" for m in stored] == sides


def test_a_mark_counts_for_the_text_that_was_judged(tmp_path: Path, runs: list[StoredRun]) -> None:
    session = Session(tmp_path, runs[0], "ann")
    item = session.queue[0]
    session.add(Given(item, "right"))
    file = runs[0].path / "responses.jsonl"
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    for line in lines:
        if line["item"] == item:
            line["text"] = "Another answer."
    file.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    shown = Session(tmp_path, runs[0], "ann").shown(item)
    assert shown is not None and shown["mark"] is None


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"item": "nowhere", "verdict": "right"}, "no such answer"),
        ({"item": "?"}, "either a verdict or a choice"),
        ({"item": "?", "choice": "first"}, "one answer gets a verdict"),
        ({"item": "?", "verdict": "good"}, "Invalid enum"),
        ({"item": "?", "verdict": "right", "run": "x"}, "unknown field"),
        ({"item": "?", "verdict": "right", "note": "x" * 70_000}, "too long"),
    ],
)
def test_a_bad_mark_is_refused_and_nothing_kept(
    body: dict[str, str], found: str, tmp_path: Path, runs: list[StoredRun]
) -> None:
    session = Session(tmp_path, runs[0], "ann")
    client = TestClient(application(session), base_url="http://127.0.0.1")
    token = client.get("/").text.split('TOKEN = "')[1].split('"')[0]
    if body["item"] == "?":
        body = {**body, "item": session.queue[0]}
    reply = client.post("/api/mark", json=body, headers={"x-adaptbench-token": token})
    assert reply.status_code == 400 and found in reply.json()["error"]
    assert not raters(tmp_path, runs[0])


def test_only_the_page_itself_may_mark(tmp_path: Path, runs: list[StoredRun]) -> None:
    session = Session(tmp_path, runs[0], "ann")
    body = {"item": session.queue[0], "verdict": "right"}
    client = TestClient(application(session), base_url="http://127.0.0.1")
    assert client.post("/api/mark", json=body).status_code == 403
    strange = TestClient(application(session), base_url="http://evil.example")
    assert strange.get("/api/overview").status_code == 400


def test_wrong_names_and_broken_files_are_one_message(
    tmp_path: Path, runs: list[StoredRun]
) -> None:
    with pytest.raises(UsageError, match="rater"):
        Session(tmp_path, runs[0], "../ann")
    path = marks_file(tmp_path, runs[0].name, "ann")
    path.parent.mkdir(parents=True)
    path.write_text('{"item": 1}\n')
    with pytest.raises(DataError, match="not a valid Mark"):
        Session(tmp_path, runs[0], "ann")


def test_readers_that_differ_make_an_answer_unsure(runs: list[StoredRun]) -> None:
    lines = list(runs[0].scores())
    assert any(not is_unsure(line) for line in lines)
