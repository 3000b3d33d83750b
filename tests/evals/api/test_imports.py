"""A log becomes a run that scores as the same answers do when a system gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import adaptbench
from evals.api.imports import import_traces
from evals.core.errors import UsageError
from evals.core.jsonl import read
from evals.core.schema import Response, ScoreLine
from tests.fakes import TinyPack

pytestmark = pytest.mark.usefixtures("fake_registry")
PACK = TinyPack(12)


def bot(question: str) -> str:
    return f"about {question}"


def log(path: Path, count: int = 12, **more: Any) -> Path:
    """A log of `bot`, answering the first ``count`` questions."""
    entries = [
        {"question": f"what  is {n}?", "answer": bot(f"What is {n}?"), **more} for n in range(count)
    ]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def scores(runs: adaptbench.Runs) -> dict[str, Any]:
    (stored,) = runs.stored
    lines = read(stored.path / "scores.jsonl", ScoreLine)
    return {line.item: line.scores["fake_metric"] for line in lines}


def test_a_logged_answer_scores_as_the_same_answer_through_run(tmp_path: Path) -> None:
    found = import_traces(log(tmp_path / "log.jsonl"), "production", PACK, results=tmp_path)
    ran = adaptbench.evaluate(
        bot, PACK, suites=["fake_suite"], profile="full", results=tmp_path / "own"
    )
    assert scores(found.runs) == scores(ran)
    assert (found.matched, found.asked, found.repeated, found.strange) == (12, 12, 0, 0)


def test_only_answered_questions_are_asked_and_the_rest_is_counted(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", 5)
    with path.open("a") as stream:
        stream.write('{"question": "What is 3?", "answer": "again"}\n')
        stream.write('{"question": "Who are you?", "answer": "A bot."}\n')
        stream.write('{"question": "Anyone?"}\n')
    found = import_traces(path, "production", PACK, results=tmp_path)
    assert (found.matched, found.asked) == (5, 12)
    assert (found.repeated, found.strange, found.dropped) == (1, 1, {"no answer": 1})
    (stored,) = found.runs.stored
    answers = {r.item: r for r in read(stored.path / "responses.jsonl", Response)}
    assert len(answers) == 5
    assert answers["item0003"].text == bot("What is 3?")


def test_times_of_a_log_are_never_taken_for_latency(tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", seconds=0.25)
    (stored,) = import_traces(path, "production", PACK, results=tmp_path).runs.stored
    responses = list(read(stored.path / "responses.jsonl", Response))
    assert {r.timings.measured for r in responses if r.timings} == {"logged"}
    assert set(stored.manifest.suites) == {"fake_suite"}


def test_a_log_of_other_questions_is_refused_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"question": "Who are you?", "answer": "A bot."}\n')
    with pytest.raises(UsageError, match="none of the pack's questions"):
        import_traces(path, "production", PACK, results=tmp_path)


def test_an_imported_run_is_compared_with_a_local_one(tmp_path: Path) -> None:
    import_traces(log(tmp_path / "log.jsonl"), "production", PACK, results=tmp_path)
    adaptbench.evaluate(bot, PACK, suites=["fake_suite"], profile="full", results=tmp_path)
    (found,) = adaptbench.compare("production", "bot", results=tmp_path)
    differences = {axis.metric: axis.difference for axis in found.axes}
    assert differences == {"fake_metric": 0.0, "fake_time": None}  # no time is compared
