from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from evals.cli.main import build_app
from evals.core.errors import DataError, SystemFailure, UsageError
from evals.core.judge import JudgeSettings
from evals.judge.client import JudgeClient
from evals.judge.pairwise import Verdict, compare_pair, read_verdict
from evals.judge.settings import MAX_TEXT, parse_endpoint
from evals.metrics.scoring import Entry
from tests.evals.judge.judge_server import JudgeServer, prefer, serving

GOOD = Entry("q", "A right answer.", "How long?", contexts=("30 days.",), references=("30 days",))
BAD = Entry("q", "A wrong one.", "How long?")


def compare(server: JudgeServer, a: Entry = GOOD, b: Entry = BAD, **more: Any) -> Verdict:
    client = JudgeClient(
        JudgeSettings(parse_endpoint(server.address), **{"timeout": 20.0, "tries": 2, **more})
    )
    try:
        return compare_pair(client, a, b)
    finally:
        client.close()


@pytest.mark.enable_socket
def test_both_orders_decide() -> None:
    with serving(prefer("right")) as server:
        found, swapped, same = (
            compare(server),
            compare(server, BAD, GOOD),
            compare(server, GOOD, GOOD),
        )
        shown = [body["messages"][-1]["content"] for body in server.bodies[:2]]
    assert (found.value, found.winner, found.agreed, found.first_won) == (
        1.0,
        "a",
        True,
        (True, False),
    )
    assert (swapped.value, swapped.winner) == (0.0, "b")
    assert (same.value, same.winner, same.agreed, same.first_won) == (
        0.5,
        "tie",
        True,
        (None, None),
    )
    assert (found.cost.calls, found.cost.prompt_tokens, found.cost.completion_tokens) == (2, 20, 10)
    assert shown[0].index("right") < shown[0].index("wrong")
    assert shown[1].index("wrong") < shown[1].index("right")
    assert all("30 days." in text and "<reference>" in text for text in shown)


@pytest.mark.enable_socket
def test_a_judge_that_loves_the_first_place_decides_nothing() -> None:
    with serving(lambda prompt: 'Sure! {"why": "place", "better": "1"}') as server:
        found = compare(server)
    assert (found.value, found.winner, found.agreed, found.first_won) == (
        0.5,
        "tie",
        False,
        (True, True),
    )


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("fault", "cause", "calls"),
    [
        ("garbage", "garbage", 2),
        ("html", "garbage", 2),
        ("500", "server_error", 2),
        ("422", "rejected", 1),
    ],
)
def test_a_failing_judge_leaves_the_pair_unscored(fault: str, cause: str, calls: int) -> None:
    with serving(prefer("right"), always=fault) as server:
        found = compare(server).line("m")
    assert (found["unscored"], found["reason"], found["cause"]) == (
        "judge_failed",
        "judge_failed",
        cause,
    )
    assert found["calls"] == calls


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("reply", "finish", "cause", "calls"),
    [
        (
            '<think>{"better": "2"} perhaps?</think>{"why": "it fits", "better": "tie"}',
            "stop",
            None,
            2,
        ),
        (
            'perhaps {"better": "2"}</think>\n```json\n{"why": "it fits", "better": "tie"}\n```',
            "stop",
            None,
            2,
        ),
        ("7/10", "stop", "garbage", 2),
        ("Answer 1 gets four stars.", "stop", "garbage", 2),
        ('{"why": "The first answer names the', "length", "cut_off", 1),
        ("<think>The first answer names", "length", "cut_off", 1),
        ("", "content_filter", "filtered", 1),
    ],
)
def test_replies_with_thoughts_are_read_and_others_refused_with_their_cause(
    reply: str, finish: str, cause: str | None, calls: int
) -> None:
    with serving(lambda prompt: reply) as server:
        server.finish = finish
        found = compare(server).line("m")
    assert (found.get("cause"), found["calls"]) == (cause, calls)
    assert found.get("winner") == (None if cause else "tie")


@pytest.mark.enable_socket
def test_timeouts_are_bounded_and_named() -> None:
    with serving(prefer("right"), always="hang") as server:
        found = compare(server, timeout=0.3)
    assert (found.unscored, found.trouble["cause"], found.cost.calls) == (
        "judge_failed",
        "timeout",
        2,
    )


@pytest.mark.enable_socket
def test_what_is_sent_is_bounded() -> None:
    with serving(prefer("right"), always="no max_tokens") as server:
        found = compare(server, Entry("q", "right " * 10_000, "?" * 50_000), max_tokens=77, tries=1)
        empty = compare(server, Entry("q", " "), BAD)
    assert found.value == 1.0
    assert server.bodies[0]["max_tokens"] == server.bodies[-1]["max_completion_tokens"] == 77
    assert all(len(body["messages"][-1]["content"]) < 3 * MAX_TEXT for body in server.bodies)
    assert empty.unscored == "unparseable"


@pytest.mark.enable_socket
def test_a_refused_key() -> None:
    with (
        serving(prefer("right"), always="401") as server,
        pytest.raises(SystemFailure, match="refuses"),
    ):
        compare(server)


@given(
    st.text()
    | st.sampled_from(
        ["{" * 5000, '{"better": 1}', '{"better": null}', "[1]", '{"better": "3"}', "{}"]
    )
)
def test_any_reply_is_a_verdict_or_none(text: str) -> None:
    assert read_verdict(text) in (None, "1", "2", "tie")


@pytest.mark.enable_socket
def test_the_command_shows_wins_bias_and_cost_and_resumes(tmp_path: Path) -> None:
    a, b, output = tmp_path / "a.jsonl", tmp_path / "b.jsonl", tmp_path / "verdicts.jsonl"
    ids = list(range(10))
    a.write_text(
        "".join(json.dumps({"id": n, "response": "right" if n < 8 else "meh"}) + "\n" for n in ids)
    )
    b.write_text("".join(json.dumps({"id": n, "response": "wrong"}) + "\n" for n in reversed(ids)))
    with serving(prefer("right")) as server:
        arguments = [
            "judge",
            "pairs",
            "--a",
            str(a),
            "--b",
            str(b),
            "--output",
            str(output),
            "--tries",
            "1",
        ]
        arguments += ["--judge", server.address]
        first = CliRunner().invoke(build_app(), arguments)
        whole = output.read_bytes()
        output.write_bytes(whole[:-20])
        again = CliRunner().invoke(build_app(), arguments)
        assert output.read_bytes() == whole
        calls = len(server.bodies)
        a.write_text(a.read_text().replace("meh", "right", 1))
        edited = CliRunner().invoke(build_app(), arguments)
        rubric = tmp_path / "rubric.txt"
        rubric.write_text("Prefer the shorter one.")
        other = CliRunner().invoke(build_app(), [*arguments, "--rubric", str(rubric)])
        a.write_text(a.read_text() * 2)
        twice = CliRunner().invoke(build_app(), arguments)
        a.write_text(json.dumps({"id": "other", "response": "x"}) + "\n")
        lost = CliRunner().invoke(build_app(), arguments)
    assert first.exit_code == 0, first.output
    assert "A better 8, tie or contradiction 2, B better 0" in first.output
    assert "both orders agree: 1.000" in first.output
    assert "the answer shown first wins (no bias: 0.5): 0.500" in first.output
    assert "judging: 20 calls, 200 prompt + 100 completion tokens" in first.output
    assert "pairwise: judged by rules-1, UNCALIBRATED" in first.output
    assert (
        edited.exit_code == 0 and "A better 9, tie or contradiction 1, B better 0" in edited.output
    )
    assert len(output.read_bytes().splitlines()) == 10
    assert isinstance(other.exception, UsageError) and "another rubric" in str(other.exception)
    assert isinstance(twice.exception, DataError) and "again" in str(twice.exception)
    assert again.output == first.output
    assert calls == 22
    assert isinstance(lost.exception, DataError)
