from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import DataError, UsageError
from evals.metrics.scoring import metrics_named, read_entry, score_entry, score_records

RECORDS: list[dict[str, Any]] = [
    {
        "id": "a",
        "question": "How long?",
        "response": "30 days.",
        "contexts": ["You have 30 days."],
        "references": ["30 days"],
    },
    {"id": "b", "question": "How long?", "response": "I don't know.", "answerable": False},
    {
        "id": 3,
        "response": '{"a": 1}',
        "schema": {"type": "object", "required": ["b"]},
        "model": "ignored",
    },
]
NAMES = "groundedness,answer_match,abstention,schema_valid"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in RECORDS))
    return path


def run(*arguments: object) -> tuple[int, BaseException | None]:
    result = CliRunner().invoke(build_app(), ["score", *map(str, arguments)])
    return result.exit_code, result.exception


def test_records_in_scores_out() -> None:
    first, second, third = score_records(RECORDS, NAMES.split(","))
    assert first["id"] == "a"
    assert first["groundedness"]["value"] > 0.5
    assert first["answer_match"]["value"] == 1.0
    assert second["groundedness"] == {"unscored": "no contexts", "reason": "not_applicable"}
    assert second["abstention"]["state"] == "abstained"
    assert third["id"] == 3
    assert third["schema_valid"]["value"] == 0.0
    assert third["answer_match"]["unscored"] == "no references"


@pytest.mark.parametrize(
    ("metric", "record", "message"),
    [
        ("k_precision", {"response": "Thirty days."}, "no contexts"),
        ("k_precision", {"response": "Thirty days.", "contexts": []}, "no contexts"),
        ("k_precision", {"response": "", "contexts": ["x"]}, "no content word beyond"),
        ("k_precision", {"response": "How long?", "contexts": ["x"]}, "no content word beyond"),
        ("unsupported", {"response": "Yes.", "contexts": ["x"]}, "no typed claim"),
        ("unsupported", {"response": "Yes."}, "no contexts"),
        ("voice", {"response": "Yes."}, "name --pack or --voice"),
        ("rule_pass", {"response": "Yes."}, "name --pack or --rules"),
        ("rule_pass", {"response": "{}", "schema": {}}, "does not apply to this record"),
    ],
)
def test_the_reason_is_the_right_one(metric: str, record: dict[str, Any], message: str) -> None:
    found = next(score_records([{"id": 1, "question": "How long?", **record}], [metric]))[metric]
    assert message in found["unscored"]
    assert found["reason"] in ("not_applicable", "no_context")


def test_a_file_is_scored_and_resumed(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "scores.jsonl"
    arguments = (NAMES, "--input", source, "--output", output)
    assert run(*arguments) == (0, None)
    whole = output.read_bytes()
    assert len(whole.splitlines()) == len(RECORDS)
    output.write_bytes(whole[: whole.index(b"\n") + 20])
    assert run(*arguments) == (0, None)
    assert output.read_bytes() == whole


def test_other_scores_are_not_mixed_in(source: Path, tmp_path: Path) -> None:
    output = tmp_path / "scores.jsonl"
    run(NAMES, "--input", source, "--output", output)
    code, error = run("answer_match", "--input", source, "--output", output)
    assert code != 0
    assert isinstance(error, UsageError)
    assert run("answer_match", "--input", source, "--output", output, "--restart")[0] == 0


def test_bad_records_and_names(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        list(score_records(RECORDS, ["groundednes"]))
    with pytest.raises(DataError):
        list(score_records([{"id": 1}], ["abstention"]))
    source.write_text('{"id": 1, "response": "x"}\n{"id": 2}\n')
    output = tmp_path / "scores.jsonl"
    code, error = run("abstention", "--input", source, "--output", output, "--strict")
    assert code != 0
    assert isinstance(error, DataError)
    assert error.line == 2
    assert len(output.read_text().splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'{"id": 1, "question": null, "response": "9 euros", "references": ["9 euros"]}', 1.0),
        (
            (
                b'{"id": 1, "response": "9 euros", "references": ["9 euros"], "contexts": null,'
                b' "answerable": null}'
            ),
            1.0,
        ),
        (b'{"id": 1, "response": "9 euros \\ud83d", "references": ["9 euros"]}', 1.0),
        (b'{"id": 1, "response": "9 euros", "references": ["9 euros"], "likes": NaN}', 1.0),
        (b'{"id": 1, "response": "<think>7?</think>9 euros", "references": ["9 euros"]}', 1.0),
        (
            b'{"id": 1, "response": "<think>9 euros?</think>7 euros", "references": ["9 euros"]}',
            0.0,
        ),
        (b'{"id": 1, "response": "9 euros", "references": null}', None),
    ],
)
def test_records_with_nulls_broken_characters_and_thoughts(
    line: bytes, value: float | None
) -> None:
    found = score_entry(read_entry(line), metrics_named(["answer_match"]))["answer_match"]
    assert (found.get("value") if value is None else found["value"]) == value


@pytest.mark.parametrize(
    "line", [b"[1]", b"3", b"null", b'{"id": 1, "response": null}', b'{"id": 1, "response": ["9"]}']
)
def test_what_is_no_record_is_refused(line: bytes) -> None:
    with pytest.raises(DataError, match="not a record to score"):
        read_entry(line)
