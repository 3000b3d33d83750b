"""ragas itself, against a real OpenAI-compatible server on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import EnvironmentProblem, SystemFailure, UsageError
from evals.core.judge import JudgeSettings
from evals.core.metric import MetricContext
from evals.judge.ragas_metrics import NEEDS
from evals.judge.settings import parse_endpoint
from evals.judge.worker import judge_python, shared
from evals.metrics.scoring import NoPack, score_records
from tests.evals.judge.judge_server import JudgeServer, judge, serving


def _has_ragas() -> bool:
    try:
        return bool(judge_python())
    except EnvironmentProblem:
        return False


pytestmark = [
    pytest.mark.environment,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not _has_ragas(), reason="ragas is not installed: make judge-env"),
]
ALL = [f"ragas_{name}" for name in NEEDS]
RECORD: dict[str, Any] = {
    "id": "a",
    "question": "How long may I keep it?",
    "response": "You have 30 days. Shipping is free.",
    "contexts": ["You have 30 days. Bring the receipt.", "We sell lamps."],
    "references": ["You have 30 days."],
}


@pytest.fixture(scope="module")
def running() -> Iterator[JudgeServer]:
    """One server and one worker: loading ragas takes seconds."""
    with serving() as server:
        yield server
        shared(settings(server)).close()


@pytest.fixture
def server(running: JudgeServer) -> JudgeServer:
    running.reply, running.always, running.faults = judge, "", []
    running.bodies.clear()
    running.keys.clear()
    return running


def settings(server: JudgeServer, **more: Any) -> JudgeSettings:
    return JudgeSettings(parse_endpoint(server.address), **{"timeout": 20.0, "tries": 2, **more})


def ask(server: JudgeServer, names: list[str], record: dict[str, Any] = RECORD) -> dict[str, Any]:
    return judged(settings(server), names, record)


def judged(
    chosen: JudgeSettings, names: list[str], record: dict[str, Any] = RECORD
) -> dict[str, Any]:
    return next(score_records([record], names, MetricContext(NoPack(), judge=chosen)))


def test_every_metric_scores_and_counts_its_cost(server: JudgeServer) -> None:
    found = ask(server, ALL)
    values = {name: found[name].get("value", found[name]) for name in ALL}
    assert values == {
        "ragas_faithfulness": 0.5,
        "ragas_answer_relevancy": pytest.approx(1.0),
        "ragas_context_precision": pytest.approx(1.0),
        "ragas_context_recall": 1.0,
        "ragas_factual_correctness": pytest.approx(0.67),
        "ragas_rubric": 0.75,
    }
    assert found["ragas_rubric"]["grade"] == 4
    calls = {name: found[name]["calls"] for name in ALL}
    assert calls == dict(zip(ALL, [2, 5, 2, 1, 4, 1], strict=True))
    assert sum(calls.values()) == len(server.bodies)
    assert found["ragas_faithfulness"]["prompt_tokens"] == 20
    assert found["ragas_faithfulness"]["completion_tokens"] == 10
    assert all(body.get("max_tokens") == 1024 for body in server.bodies if "messages" in body)


def test_what_a_record_lacks_is_named_and_nobody_is_asked(server: JudgeServer) -> None:
    found = ask(server, ALL, {"id": 1, "question": "", "response": "Hello."})
    empty = ask(server, ["ragas_faithfulness"], {**RECORD, "contexts": []})
    assert {name: found[name]["reason"] for name in ALL} == {
        "ragas_faithfulness": "unparseable",
        "ragas_answer_relevancy": "unparseable",
        "ragas_context_precision": "unparseable",
        "ragas_context_recall": "unparseable",
        "ragas_factual_correctness": "no_gold",
        "ragas_rubric": "unparseable",
    }
    assert empty["ragas_faithfulness"]["reason"] == "no_context"
    assert not server.bodies


@pytest.mark.parametrize(
    ("fault", "cause"),
    [("garbage", "garbage"), ("html", "garbage"), ("500", "server_error"), ("422", "rejected")],
)
def test_a_failing_judge_leaves_things_unscored(
    server: JudgeServer, fault: str, cause: str
) -> None:
    server.always = fault
    found = ask(server, ["ragas_faithfulness"])["ragas_faithfulness"]
    assert (found["reason"], found["cause"]) == ("judge_failed", cause)
    assert found["calls"] == (1 if cause == "rejected" else 2)


def test_a_judge_that_hangs_leaves_things_unscored() -> None:
    with serving(always="hang") as server:
        chosen = settings(server, timeout=0.5)
        found = judged(chosen, ["ragas_rubric"])["ragas_rubric"]
        shared(chosen).close()
    assert (found["reason"], found["cause"], found["calls"]) == ("judge_failed", "timeout", 2)


def test_a_worker_that_dies_leaves_things_unscored_and_comes_back(server: JudgeServer) -> None:
    ask(server, ["ragas_rubric"])
    worker = shared(settings(server))
    server.always = "hang"
    assert worker._process is not None
    threading.Timer(0.3, worker._process.kill).start()
    found = ask(server, ["ragas_rubric"])["ragas_rubric"]
    assert (found["reason"], found["cause"]) == ("judge_failed", "crash")
    server.always = ""
    assert ask(server, ["ragas_rubric"])["ragas_rubric"]["value"] == 0.75


def test_passing_trouble_is_tried_again(server: JudgeServer) -> None:
    server.faults = ["500", "garbage"]
    assert ask(server, ["ragas_rubric"])["ragas_rubric"]["value"] == 0.75
    assert len(server.bodies) == 3


def test_nothing_to_judge_is_no_nan(server: JudgeServer) -> None:
    server.reply = lambda prompt: '{"statements": []}'
    found = ask(server, ["ragas_faithfulness"])["ragas_faithfulness"]
    assert (found["reason"], found["cause"]) == ("judge_failed", "nan")


def test_a_refused_key_ends_the_command(server: JudgeServer) -> None:
    server.always = "401"
    with pytest.raises(SystemFailure, match="refuses"):
        ask(server, ["ragas_faithfulness"])


def test_a_grade_that_is_none(server: JudgeServer) -> None:
    server.reply = lambda prompt: '{"feedback": "wow", "score": 11}'
    found = ask(server, ["ragas_rubric"])["ragas_rubric"]
    assert (found["reason"], found["cause"]) == ("judge_failed", "garbage")


def test_own_grades_reach_the_judge_and_the_key_stays_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ADAPTBENCH_JUDGE_KEY", "sk-secret")
    with serving(always="no max_tokens") as server:
        chosen = settings(server, rubric="awful\nbad\nfair\ngood\nsplendid\n")
        found = judged(chosen, ["ragas_rubric"])
        shared(chosen).close()
        with pytest.raises(UsageError, match="rubric"):
            judged(settings(server, rubric="one line"), ["ragas_rubric"])
    assert found["ragas_rubric"]["value"] == 0.75
    assert server.bodies[-1]["max_completion_tokens"] == 1024
    assert "splendid" in server.bodies[0]["messages"][0]["content"]
    assert server.keys[0] == "Bearer sk-secret"
    assert "sk-secret" not in json.dumps(found)


def test_the_command_counts_and_shows(tmp_path: Path) -> None:
    source, output = tmp_path / "answers.jsonl", tmp_path / "scores.jsonl"
    source.write_text("".join(json.dumps({**RECORD, "id": n}) + "\n" for n in range(12)))
    with serving() as server:
        server.faults, server.delay = ["garbage"] * 2, 0.1
        arguments = [
            "score",
            "ragas_rubric,answer_match",
            "--input",
            str(source),
            "--output",
            str(output),
        ]
        arguments += ["--judge", server.address, "--tries", "1", "--concurrency", "3"]
        result = CliRunner().invoke(build_app(), arguments)
        again = CliRunner().invoke(build_app(), arguments)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["id"] for line in lines] == list(range(12))
    assert all("value" in line["ragas_rubric"] for line in lines)
    message = (
        "ragas_rubric: mean 0.750 of 10; unscored: 2 judge_failed (garbage); judging: 12 calls, 120"
        " prompt + 60"
    )
    assert message in result.output
    assert "UNCALIBRATED (never measured against people)" in result.output
    assert "12 records scored, 10 of them before" in again.output
    assert "ragas_rubric: mean 0.750 of 12; judging: 12 calls" in again.output
    assert len(server.bodies) == 14
    assert 2 <= server.most <= 3


def test_no_judge_no_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ADAPTBENCH_JUDGE", raising=False)
    with pytest.raises(UsageError, match="no judge is named"):
        next(score_records([RECORD], ["ragas_faithfulness"]))
    with pytest.raises(UsageError, match="secret"):
        parse_endpoint("http://user:pass@host/v1#m")
