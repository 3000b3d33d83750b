from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from evals.cli.main import build_app
from evals.core.errors import AdaptbenchError, DataError, SystemFailure, UsageError
from evals.core.metric import Answer, Metric, MetricContext
from evals.core.registry import METRICS
from evals.core.schema import Score, scored, unscored

RULES = '[rules]\nbanned = ["cheap"]\n'
REPLIES: list[Score] = []
ASKED: list[str] = []


def judged(context: MetricContext) -> Metric:
    def score(answer: Answer) -> Score:
        ASKED.append(answer.item.id)
        return REPLIES.pop(0)

    return Metric(
        "stub_judge", "higher", score, needs=frozenset({"judge"}), settings={"model": "m"}
    )


@dataclass(frozen=True)
class Place:
    source: Path
    output: Path

    def write(self, *records: dict[str, Any]) -> None:
        self.source.write_text(
            "".join(json.dumps({"question": "How long?", **r}) + "\n" for r in records)
        )

    def score(self, metrics: str, *more: object) -> Result:
        given = ["score", metrics, "--input", self.source, "--output", self.output, *more]
        return CliRunner().invoke(build_app(), [str(word) for word in given])

    def scores(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.read_text().splitlines()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    found.write(
        *({"id": n, "response": f"{n} days, cheap", "references": ["3 days"]} for n in range(4))
    )
    return found


def refused(result: Result) -> AdaptbenchError:
    assert isinstance(result.exception, AdaptbenchError), result.output
    return result.exception


def test_it_ends_with_what_came_out(place: Place) -> None:
    found = place.score("answer_match,groundedness,voice_sd")
    assert "answer_match: mean 0.250 of 4" in found.stdout
    assert "groundedness: nothing scored; unscored: 4 no contexts" in found.stdout
    assert "4 records scored: " in found.stdout


def test_other_options_are_refused_by_name(place: Place, tmp_path: Path) -> None:
    rules = tmp_path / "house.toml"
    rules.write_text(RULES)
    assert place.score("rule_pass").exit_code == 0
    error = refused(place.score("rule_pass", "--rules", rules))
    assert isinstance(error, UsageError)
    assert "made with another rules" in str(error) and "--restart" in str(error)
    assert place.score("rule_pass", "--rules", rules, "--restart").exit_code == 0
    assert [line["rule_pass"]["value"] for line in place.scores()] == [0.0] * 4
    rules.write_text(RULES.replace("cheap", "free"))
    assert "another rules" in str(refused(place.score("rule_pass", "--rules", rules)))


def test_changed_code_of_the_metrics_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.score("answer_match")
    monkeypatch.setattr("evals.metrics.scoring.code_of", lambda *_: "0" * 64)
    assert "made with another code" in str(refused(place.score("answer_match")))


def test_edited_records_are_scored_again_and_lost_ones_dropped(place: Place) -> None:
    place.score("answer_match")
    unread = {"id": 3, "response": "3 days, cheap", "references": ["3 days"], "model": "not read"}
    place.write(
        {"id": 1, "response": "3 days", "references": ["3 days"]},
        {"id": 9, "response": "x"},
        unread,
    )
    found = place.score("answer_match")
    assert "3 records scored, 1 of them before; dropped 3 whose records" in found.stdout
    assert [line["id"] for line in place.scores()] == [1, 9, 3]
    assert [line["answer_match"].get("value") for line in place.scores()] == [1.0, None, 1.0]
    assert "3 records scored, 3 of them before: " in place.score("answer_match").stdout


def test_an_id_met_twice_is_refused(place: Place) -> None:
    place.write(
        {"id": 1, "response": "a"}, {"id": 2, "response": "b"}, {"id": "1", "response": "c"}
    )
    error = refused(place.score("abstention", "--strict"))
    assert isinstance(error, DataError)
    assert (error.line, error.problem) == (3, "the id of line 1 again")
    assert len(place.scores()) == 2


def test_bad_records_are_passed_over_and_counted(place: Place) -> None:
    good = {"response": "3 days", "references": ["3 days"]}
    lines = [{"id": 1, **good}, {"id": 2}, {"id": 1, **good}, {"id": 3, **good}]
    place.source.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{half\n")
    found = place.score("answer_match")
    assert found.exit_code == 0
    assert "3 records passed over" in found.stderr
    assert "in.jsonl:5" in found.stderr
    assert [line["id"] for line in place.scores()] == [1, 3]


SHAPES = {
    "in.jsonl": '{"query": "How long?", "answer": "3 days", "ground_truth": "3 days"}\n',
    "in.json": '[\n {"question": "How long?", "response": "3 days", "references": "3 days"}\n]',
    "in.csv": "question,answer,reference\nHow long?,3 days,2 days | 3 days\n",
    "in.tsv": 'query\tresponse\treferences\nHow long?\t3 days\t["3 days"]\n',
}


@pytest.mark.parametrize("name", SHAPES)
def test_records_of_other_shapes_and_names(tmp_path: Path, name: str) -> None:
    place = Place(tmp_path / name, tmp_path / "out.jsonl")
    place.source.write_text(SHAPES[name])
    found = place.score("answer_match")
    assert found.exit_code == 0, found.output
    (line,) = place.scores()
    assert line["answer_match"]["value"] == 1.0
    assert str(line["id"]).startswith("line ")
    assert "1 of them before" in place.score("answer_match").stdout


def test_records_from_standard_input(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    given = ["score", "answer_match", "--input", "-", "--out", str(out)]
    for text in (SHAPES["in.jsonl"], SHAPES["in.json"]):
        found = CliRunner().invoke(build_app(), [*given, "--restart"], input=text)
        assert found.exit_code == 0, found.output
        assert json.loads(out.read_text())["answer_match"]["value"] == 1.0


def test_a_row_with_too_few_cells_is_passed_over(tmp_path: Path) -> None:
    place = Place(tmp_path / "in.csv", tmp_path / "out.jsonl")
    place.source.write_text("id,answer,reference\n1,3 days,3 days\n2,3 days\n")
    assert "1 records passed over" in place.score("answer_match").stderr
    assert len(place.scores()) == 1


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_an_empty_input_is_bad_input_and_takes_nothing_away(place: Place, text: str) -> None:
    place.score("abstention")
    before = place.output.read_bytes()
    place.source.write_text(text)
    for more in ((), ("--restart",)):
        error = refused(place.score("abstention", *more))
        assert isinstance(error, DataError) and error.problem == "no record to score"
    assert place.output.read_bytes() == before


def test_a_missing_input_is_reported_before_anything_else(place: Place) -> None:
    place.source.unlink()
    error = refused(place.score("abstention"))
    assert isinstance(error, DataError) and error.where == place.source
    assert not place.output.exists()
    place.output.mkdir()
    assert refused(place.score("abstention")).where == place.source
    place.source.mkdir()
    assert refused(place.score("abstention")).where == place.source


def test_an_output_that_is_no_file_is_refused(place: Place) -> None:
    place.output.mkdir()
    error = refused(place.score("abstention", "--restart"))
    assert isinstance(error, UsageError) and error.where == place.output


def test_a_judge_that_failed_is_asked_again_and_only_there(place: Place) -> None:
    METRICS.add("stub_judge", "tests.evals.cli.test_score:judged")
    failed, nan = unscored("judge_failed", cause="timeout"), unscored("judge_failed", cause="nan")
    ASKED.clear()
    REPLIES[:] = [scored(1.0), failed, nan, failed, scored(0.0), failed]
    found = place.score("stub_judge,answer_match")
    assert found.exit_code == 0, found.output
    assert (
        "stub_judge: mean 1.000 of 1; unscored: 1 judge_failed (nan), 2 judge_failed (timeout)"
        in found.stdout
    )
    found = place.score("stub_judge,answer_match")
    assert (
        "stub_judge: mean 0.500 of 2; unscored: 1 judge_failed (nan), 1 judge_failed (timeout)"
        in found.stdout
    )
    assert ASKED == ["0", "1", "2", "3", "1", "3"]
    assert [list(line) for line in place.scores()] == [["id", "stub_judge", "answer_match"]] * 4
    assert [line["id"] for line in place.scores()] == [0, 1, 2, 3]


def test_a_judge_that_failed_on_all_is_no_success(place: Place) -> None:
    METRICS.add("stub_judge", "tests.evals.cli.test_score:judged")
    REPLIES[:] = [unscored("judge_failed", cause="unreachable")] * 4 + [scored(1.0)] * 4
    found = place.score("stub_judge")
    assert isinstance(refused(found), SystemFailure)
    assert "stub_judge: nothing scored; unscored: 4 judge_failed (unreachable)" in found.stdout
    assert "mean 1.000 of 4" in place.score("stub_judge").stdout
